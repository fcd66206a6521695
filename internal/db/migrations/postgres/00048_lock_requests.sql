-- Who asked for an administrator's account to be locked: a second person must
-- agree before it is.
-- +goose Up
ALTER TABLE accounts ADD COLUMN lock_asked_by_id uuid REFERENCES accounts (id);
ALTER TABLE accounts ADD COLUMN lock_asked_at timestamptz;

-- +goose Down
ALTER TABLE accounts DROP COLUMN lock_asked_at;
ALTER TABLE accounts DROP COLUMN lock_asked_by_id;
