-- Which accounts belong to people that cases complain about: nearly none, so
-- asking whether an account is one of them costs next to nothing.
-- +goose Up
CREATE INDEX case_parties_named_idx ON case_parties (account_id, case_id) WHERE role = 'subject' AND account_id IS NOT NULL;

-- +goose Down
DROP INDEX case_parties_named_idx;
