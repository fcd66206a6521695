-- One act on many cases: who wants what done, first looked at, then confirmed
-- and worked case by case. What was typed lies under a key of its own. A case
-- is named by its number and not referred to: it may be erased before the run is.
-- +goose Up
CREATE TABLE bulk_runs (
    id           uuid PRIMARY KEY,
    account_id   uuid NOT NULL REFERENCES accounts (id),
    action       text NOT NULL,
    more         BOOLEAN NOT NULL DEFAULT false,
    vault_key_id uuid NOT NULL REFERENCES vault_keys (id),
    facts        bytea NOT NULL,
    created_at   timestamptz NOT NULL,
    confirmed_at timestamptz
);
CREATE INDEX bulk_runs_account_idx ON bulk_runs (account_id, id);
CREATE INDEX bulk_runs_created_idx ON bulk_runs (created_at);
CREATE TABLE bulk_items (
    run_id       uuid NOT NULL REFERENCES bulk_runs (id) ON DELETE CASCADE,
    no           bigint NOT NULL,
    case_no      text NOT NULL,
    version      bigint NOT NULL,
    state        text NOT NULL CHECK (state IN ('waiting', 'done', 'refused')),
    reason       text NOT NULL DEFAULT '',
    PRIMARY KEY (run_id, no)
);

-- +goose Down
DROP TABLE bulk_items;
DROP TABLE bulk_runs;
