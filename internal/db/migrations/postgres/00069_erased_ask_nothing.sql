-- Who was erased files no case: a filing that was under way takes turns with the
-- erasure, which holds the person's row.
-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION requester_lives() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM constituents WHERE id = NEW.constituent_id AND erased_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'requester_erased';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER case_parties_requester_lives AFTER INSERT ON case_parties FOR EACH ROW
    WHEN (NEW.role = 'requester' AND NEW.constituent_id IS NOT NULL) EXECUTE FUNCTION requester_lives();

-- +goose Down
DROP TRIGGER case_parties_requester_lives ON case_parties;
DROP FUNCTION requester_lives();
