-- The absent colleague whose duties somebody is to take over.
-- +goose Up
ALTER TABLE grant_requests ADD COLUMN deputy_for_id TEXT REFERENCES accounts (id);

-- +goose Down
ALTER TABLE grant_requests DROP COLUMN deputy_for_id;
