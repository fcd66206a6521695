-- In whose place a deputy asked that an administrator's account be locked.
-- +goose Up
ALTER TABLE accounts ADD COLUMN lock_asked_as_id TEXT;

-- +goose Down
ALTER TABLE accounts DROP COLUMN lock_asked_as_id;
