-- 7P: what is counted of people and their cases by local month, and the figures
-- that no system knows, entered by an administrator with source and day.
-- +goose Up
-- One row for each number. group_key is whom it counts ('' is everybody); since is
-- the first day of an earlier month where a number depends on one: people count
-- once in a period when they were last there before it began. Unit is the one that
-- handles, or, of numbers of different people, the top of a part of the unit tree.
CREATE TABLE seven_cells (
    group_key text COLLATE "C" NOT NULL,
    measure   text COLLATE "C" NOT NULL,
    month     date NOT NULL,
    unit_id   uuid NOT NULL REFERENCES units (id),
    since     date NOT NULL,
    item      text COLLATE "C" NOT NULL,
    n         bigint NOT NULL,
    PRIMARY KEY (group_key, measure, month, unit_id, since, item)
);

CREATE TABLE seven_state (
    id         bigint PRIMARY KEY CHECK (id = 1),
    counted_at timestamptz,
    counted_on date
);
INSERT INTO seven_state (id) VALUES (1);

-- Amounts are in hundredths.
CREATE TABLE seven_inputs (
    id         uuid PRIMARY KEY,
    kind       text COLLATE "C" NOT NULL,
    item       text COLLATE "C" NOT NULL DEFAULT '',
    part       text COLLATE "C" NOT NULL DEFAULT '',
    as_of      date NOT NULL,
    amount     bigint NOT NULL CHECK (amount >= 0),
    whole      bigint NOT NULL DEFAULT 0 CHECK (whole >= 0),
    source     text NOT NULL,
    removed_at timestamptz,
    version    bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX seven_inputs_key ON seven_inputs (kind, item, part, as_of) WHERE removed_at IS NULL;

CREATE TABLE seven_input_versions (
    input_id  uuid NOT NULL REFERENCES seven_inputs (id),
    no        bigint NOT NULL,
    as_of     date NOT NULL,
    amount    bigint NOT NULL,
    whole     bigint NOT NULL,
    source    text NOT NULL,
    removed   boolean NOT NULL DEFAULT false,
    author_id uuid REFERENCES accounts (id),
    at        timestamptz NOT NULL,
    PRIMARY KEY (input_id, no)
);

-- +goose Down
DROP TABLE seven_input_versions;
DROP TABLE seven_inputs;
DROP TABLE seven_state;
DROP TABLE seven_cells;
