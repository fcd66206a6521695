-- The log of reads of personal data has a chain of its own. It keeps the hash of
-- each row, for rows go when their term is over and the chain must still hold.
-- +goose Up
CREATE TABLE read_seals (
    seq       INTEGER PRIMARY KEY NOT NULL,
    read_id   TEXT NOT NULL UNIQUE,
    suite     TEXT NOT NULL,
    digest    BLOB NOT NULL,
    previous  BLOB NOT NULL,
    link      BLOB NOT NULL,
    sealed_at DATETIME NOT NULL
);

-- +goose Down
DROP TABLE read_seals;
