-- The auditor asks what somebody did, and what was done in somebody's place.
-- What citizens without an account file is in neither index.
-- +goose Up
CREATE INDEX audit_entries_account_idx ON audit_entries (account_id, id) WHERE account_id IS NOT NULL;
CREATE INDEX audit_entries_as_account_idx ON audit_entries (as_account_id, id) WHERE as_account_id IS NOT NULL;
CREATE INDEX audit_reads_account_idx ON audit_reads (account_id, id) WHERE account_id IS NOT NULL;

-- +goose Down
DROP INDEX audit_reads_account_idx;
DROP INDEX audit_entries_as_account_idx;
DROP INDEX audit_entries_account_idx;
