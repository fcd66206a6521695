-- A picture that was made from another of its owner, with parts of it blacked
-- out: from which, and which parts, so that the same is not made twice.
-- +goose Up
ALTER TABLE files ADD COLUMN made_from TEXT;
ALTER TABLE files ADD COLUMN made_as TEXT;
CREATE UNIQUE INDEX files_made_key ON files (made_from, made_as) WHERE state = 'stored' AND made_from IS NOT NULL;

-- +goose Down
DROP INDEX files_made_key;
ALTER TABLE files DROP COLUMN made_as;
ALTER TABLE files DROP COLUMN made_from;
