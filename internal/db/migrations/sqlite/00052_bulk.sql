-- One act on many cases: who wants what done, first looked at, then confirmed
-- and worked case by case. What was typed lies under a key of its own. A case
-- is named by its number and not referred to: it may be erased before the run is.
-- +goose Up
CREATE TABLE bulk_runs (
    id           TEXT PRIMARY KEY NOT NULL,
    account_id   TEXT NOT NULL REFERENCES accounts (id),
    action       TEXT NOT NULL,
    more         BOOLEAN NOT NULL DEFAULT false,
    vault_key_id TEXT NOT NULL REFERENCES vault_keys (id),
    facts        BLOB NOT NULL,
    created_at   DATETIME NOT NULL,
    confirmed_at DATETIME
);
CREATE INDEX bulk_runs_account_idx ON bulk_runs (account_id, id);
CREATE INDEX bulk_runs_created_idx ON bulk_runs (created_at);
CREATE TABLE bulk_items (
    run_id       TEXT NOT NULL REFERENCES bulk_runs (id) ON DELETE CASCADE,
    no           INTEGER NOT NULL,
    case_no      TEXT NOT NULL,
    version      INTEGER NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'refused')),
    reason       TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (run_id, no)
);

-- +goose Down
DROP TABLE bulk_items;
DROP TABLE bulk_runs;
