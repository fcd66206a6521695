-- Changing keys. A ring key that is retired may wrap nothing any more, whatever
-- an old key file on some machine says: what it wrapped nobody could open. A data
-- key that was replaced is kept until nobody can still be writing under it.
-- +goose Up
CREATE TABLE ring_keys_retired (
    id          text COLLATE "C" NOT NULL PRIMARY KEY,
    fingerprint text NOT NULL,
    retired_at  timestamptz NOT NULL
);

ALTER TABLE vault_keys ADD COLUMN replaced_by_id uuid;
ALTER TABLE vault_keys ADD COLUMN replaced_at timestamptz;
ALTER TABLE vault_keys ADD COLUMN owner_id text NOT NULL DEFAULT '';
CREATE INDEX vault_keys_replaced_idx ON vault_keys (replaced_by_id) WHERE replaced_by_id IS NOT NULL AND destroyed_at IS NULL;

-- +goose StatementBegin
CREATE FUNCTION vault_keys_living_ring() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ring_keys_retired WHERE id = NEW.ring_key) THEN
        RAISE EXCEPTION 'the ring key % is retired: bring the newest key file to this machine', NEW.ring_key USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER vault_keys_living_ring BEFORE INSERT OR UPDATE OF ring_key ON vault_keys FOR EACH ROW EXECUTE FUNCTION vault_keys_living_ring();

-- How far a change of keys has come: one open run of a kind at a time.
CREATE TABLE key_runs (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('ring', 'data')),
    target      text NOT NULL,
    step        bigint NOT NULL DEFAULT 0,
    after       text NOT NULL DEFAULT '',
    total       bigint NOT NULL,
    done        bigint NOT NULL DEFAULT 0,
    stuck       bigint NOT NULL DEFAULT 0,
    started_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE UNIQUE INDEX key_runs_open_key ON key_runs (kind) WHERE finished_at IS NULL;

-- +goose Down
DROP TABLE key_runs;
DROP TRIGGER vault_keys_living_ring ON vault_keys;
DROP FUNCTION vault_keys_living_ring();
DROP INDEX vault_keys_replaced_idx;
ALTER TABLE vault_keys DROP COLUMN owner_id;
ALTER TABLE vault_keys DROP COLUMN replaced_at;
ALTER TABLE vault_keys DROP COLUMN replaced_by_id;
DROP TABLE ring_keys_retired;
