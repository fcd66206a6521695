-- Changing keys. A ring key that is retired may wrap nothing any more, whatever
-- an old key file on some machine says: what it wrapped nobody could open. A data
-- key that was replaced is kept until nobody can still be writing under it.
-- +goose Up
CREATE TABLE ring_keys_retired (
    id          TEXT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    retired_at  DATETIME NOT NULL
);

ALTER TABLE vault_keys ADD COLUMN replaced_by_id TEXT;
ALTER TABLE vault_keys ADD COLUMN replaced_at DATETIME;
ALTER TABLE vault_keys ADD COLUMN owner_id TEXT NOT NULL DEFAULT '';
CREATE INDEX vault_keys_replaced_idx ON vault_keys (replaced_by_id) WHERE replaced_by_id IS NOT NULL AND destroyed_at IS NULL;

-- +goose StatementBegin
CREATE TRIGGER vault_keys_living_ring BEFORE INSERT ON vault_keys WHEN EXISTS (SELECT 1 FROM ring_keys_retired WHERE id = NEW.ring_key)
BEGIN
    SELECT RAISE(ABORT, 'the ring key is retired: bring the newest key file to this machine');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER vault_keys_living_ring_change BEFORE UPDATE OF ring_key ON vault_keys WHEN EXISTS (SELECT 1 FROM ring_keys_retired WHERE id = NEW.ring_key)
BEGIN
    SELECT RAISE(ABORT, 'the ring key is retired: bring the newest key file to this machine');
END;
-- +goose StatementEnd

-- How far a change of keys has come: one open run of a kind at a time.
CREATE TABLE key_runs (
    id          TEXT PRIMARY KEY NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('ring', 'data')),
    target      TEXT NOT NULL,
    step        INTEGER NOT NULL DEFAULT 0,
    after       TEXT NOT NULL DEFAULT '',
    total       INTEGER NOT NULL,
    done        INTEGER NOT NULL DEFAULT 0,
    stuck       INTEGER NOT NULL DEFAULT 0,
    started_at  DATETIME NOT NULL,
    updated_at  DATETIME NOT NULL,
    finished_at DATETIME
);
CREATE UNIQUE INDEX key_runs_open_key ON key_runs (kind) WHERE finished_at IS NULL;

-- +goose Down
DROP TABLE key_runs;
DROP TRIGGER vault_keys_living_ring_change;
DROP TRIGGER vault_keys_living_ring;
DROP INDEX vault_keys_replaced_idx;
ALTER TABLE vault_keys DROP COLUMN owner_id;
ALTER TABLE vault_keys DROP COLUMN replaced_at;
ALTER TABLE vault_keys DROP COLUMN replaced_by_id;
DROP TABLE ring_keys_retired;
