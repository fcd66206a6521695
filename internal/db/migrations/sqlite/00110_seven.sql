-- 7P: what is counted of people and their cases by local month, and the figures
-- that no system knows, entered by an administrator with source and day.
-- +goose Up
-- One row for each number. group_key is whom it counts ('' is everybody); since is
-- the first day of an earlier month where a number depends on one: people count
-- once in a period when they were last there before it began. Unit is the one that
-- handles, or, of numbers of different people, the top of a part of the unit tree.
CREATE TABLE seven_cells (
    group_key TEXT NOT NULL,
    measure   TEXT NOT NULL,
    month     DATE NOT NULL,
    unit_id   TEXT NOT NULL REFERENCES units (id),
    since     DATE NOT NULL,
    item      TEXT NOT NULL,
    n         INTEGER NOT NULL,
    PRIMARY KEY (group_key, measure, month, unit_id, since, item)
);

CREATE TABLE seven_state (
    id         INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    counted_at DATETIME,
    counted_on DATE
);
INSERT INTO seven_state (id) VALUES (1);

-- Amounts are in hundredths.
CREATE TABLE seven_inputs (
    id         TEXT NOT NULL PRIMARY KEY,
    kind       TEXT NOT NULL,
    item       TEXT NOT NULL DEFAULT '',
    part       TEXT NOT NULL DEFAULT '',
    as_of      DATE NOT NULL,
    amount     INTEGER NOT NULL CHECK (amount >= 0),
    whole      INTEGER NOT NULL DEFAULT 0 CHECK (whole >= 0),
    source     TEXT NOT NULL,
    removed_at DATETIME,
    version    INTEGER NOT NULL DEFAULT 1,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX seven_inputs_key ON seven_inputs (kind, item, part, as_of) WHERE removed_at IS NULL;

CREATE TABLE seven_input_versions (
    input_id  TEXT NOT NULL REFERENCES seven_inputs (id),
    no        INTEGER NOT NULL,
    as_of     DATE NOT NULL,
    amount    INTEGER NOT NULL,
    whole     INTEGER NOT NULL,
    source    TEXT NOT NULL,
    removed   BOOLEAN NOT NULL DEFAULT false,
    author_id TEXT REFERENCES accounts (id),
    at        DATETIME NOT NULL,
    PRIMARY KEY (input_id, no)
);

-- +goose Down
DROP TABLE seven_input_versions;
DROP TABLE seven_inputs;
DROP TABLE seven_state;
DROP TABLE seven_cells;
