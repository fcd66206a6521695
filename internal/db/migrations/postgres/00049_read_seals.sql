-- The log of reads of personal data has a chain of its own. It keeps the hash of
-- each row, for rows go when their term is over and the chain must still hold.
-- +goose Up
CREATE TABLE read_seals (
    seq       bigint PRIMARY KEY,
    read_id   uuid NOT NULL UNIQUE,
    suite     text NOT NULL,
    digest    bytea NOT NULL,
    previous  bytea NOT NULL,
    link      bytea NOT NULL,
    sealed_at timestamptz NOT NULL
);

-- +goose Down
DROP TABLE read_seals;
