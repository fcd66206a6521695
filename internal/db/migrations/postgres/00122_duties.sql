-- What the holder of a permit owes after it is issued: each time that a duty falls
-- due, what was handed in, and what the unit said of it.
-- +goose Up
CREATE TABLE permit_duties (
    id            uuid PRIMARY KEY,
    permit_id     uuid NOT NULL REFERENCES permits (id),
    code          text NOT NULL,
    no            bigint NOT NULL CHECK (no > 0),
    nominal_on    date NOT NULL,
    due_on        date NOT NULL,
    provisional   boolean NOT NULL DEFAULT false,
    state         text NOT NULL CHECK (state IN ('due', 'received', 'met', 'unmet', 'dropped')),
    statement     text NOT NULL DEFAULT '',
    stated_by_id  uuid REFERENCES accounts (id),
    received_at   timestamptz,
    received_on   date,
    reason        text NOT NULL DEFAULT '',
    settled_at    timestamptz,
    settled_on    date,
    settled_by_id uuid REFERENCES accounts (id),
    inspection_id uuid REFERENCES permit_inspections (id) ON DELETE SET NULL,
    look_on       date,
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CHECK (state <> 'received' OR received_at IS NOT NULL),
    CHECK ((state IN ('met', 'unmet')) = (settled_at IS NOT NULL))
);
CREATE UNIQUE INDEX permit_duties_no_key ON permit_duties (permit_id, code, no);
CREATE INDEX permit_duties_look_idx ON permit_duties (look_on, id) WHERE look_on IS NOT NULL;
CREATE INDEX permit_duties_open_idx ON permit_duties (due_on, id) WHERE state IN ('due', 'received');

-- +goose Down
DROP TABLE permit_duties;
