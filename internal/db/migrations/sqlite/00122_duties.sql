-- What the holder of a permit owes after it is issued: each time that a duty falls
-- due, what was handed in, and what the unit said of it.
-- +goose Up
CREATE TABLE permit_duties (
    id            TEXT PRIMARY KEY NOT NULL,
    permit_id     TEXT NOT NULL REFERENCES permits (id),
    code          TEXT NOT NULL,
    no            INTEGER NOT NULL CHECK (no > 0),
    nominal_on    DATE NOT NULL,
    due_on        DATE NOT NULL,
    provisional   BOOLEAN NOT NULL DEFAULT false,
    state         TEXT NOT NULL CHECK (state IN ('due', 'received', 'met', 'unmet', 'dropped')),
    statement     TEXT NOT NULL DEFAULT '',
    stated_by_id  TEXT REFERENCES accounts (id),
    received_at   DATETIME,
    received_on   DATE,
    reason        TEXT NOT NULL DEFAULT '',
    settled_at    DATETIME,
    settled_on    DATE,
    settled_by_id TEXT REFERENCES accounts (id),
    inspection_id TEXT REFERENCES permit_inspections (id) ON DELETE SET NULL,
    look_on       DATE,
    version       INTEGER NOT NULL DEFAULT 1,
    created_at    DATETIME NOT NULL,
    updated_at    DATETIME NOT NULL,
    CHECK (state <> 'received' OR received_at IS NOT NULL),
    CHECK ((state IN ('met', 'unmet')) = (settled_at IS NOT NULL))
);
CREATE UNIQUE INDEX permit_duties_no_key ON permit_duties (permit_id, code, no);
CREATE INDEX permit_duties_look_idx ON permit_duties (look_on, id) WHERE look_on IS NOT NULL;
CREATE INDEX permit_duties_open_idx ON permit_duties (due_on, id) WHERE state IN ('due', 'received');

-- +goose Down
DROP TABLE permit_duties;
