-- Who was erased files no case: a filing that was under way takes turns with the
-- erasure, which holds the person's row.
-- +goose Up
-- +goose StatementBegin
CREATE TRIGGER case_parties_requester_lives AFTER INSERT ON case_parties
WHEN NEW.role = 'requester' AND NEW.constituent_id IS NOT NULL
 AND NOT EXISTS (SELECT 1 FROM constituents WHERE id = NEW.constituent_id AND erased_at IS NULL)
BEGIN
    SELECT RAISE(ABORT, 'requester_erased');
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER case_parties_requester_lives;
