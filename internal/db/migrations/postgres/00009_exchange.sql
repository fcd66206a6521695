-- +goose Up
-- What was brought in from other systems: one row per run. The rows themselves
-- are cases with their source and source_id. finished_at is empty for a run
-- that was broken off; a rerun brings the rest.
CREATE TABLE imports (
    id          uuid PRIMARY KEY,
    source      text NOT NULL,
    file_name   text NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    imported    bigint NOT NULL DEFAULT 0,
    known       bigint NOT NULL DEFAULT 0,
    rejected    bigint NOT NULL DEFAULT 0,
    actor_kind  text NOT NULL,
    account_id  uuid REFERENCES accounts (id)
);

-- +goose Down
DROP TABLE imports;
