-- +goose Up
-- What was brought in from other systems: one row per run. The rows themselves
-- are cases with their source and source_id. finished_at is empty for a run
-- that was broken off; a rerun brings the rest.
CREATE TABLE imports (
    id          TEXT PRIMARY KEY NOT NULL,
    source      TEXT NOT NULL,
    file_name   TEXT NOT NULL,
    started_at  DATETIME NOT NULL,
    finished_at DATETIME,
    imported    INTEGER NOT NULL DEFAULT 0,
    known       INTEGER NOT NULL DEFAULT 0,
    rejected    INTEGER NOT NULL DEFAULT 0,
    actor_kind  TEXT NOT NULL,
    account_id  TEXT REFERENCES accounts (id)
);

-- +goose Down
DROP TABLE imports;
