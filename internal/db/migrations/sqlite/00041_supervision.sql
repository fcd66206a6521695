-- What a unit above wants of a unit about a case, and by when: one open order for
-- each case. What it says, and what the unit answers, stands in the events.
-- +goose Up
CREATE TABLE case_orders (
    id            TEXT PRIMARY KEY NOT NULL,
    case_id       TEXT NOT NULL REFERENCES cases (id),
    form          TEXT NOT NULL CHECK (form IN ('routine', 'listed', 'interview')),
    ground        TEXT NOT NULL,
    unit_id       TEXT NOT NULL REFERENCES units (id),
    by_unit_id    TEXT NOT NULL REFERENCES units (id),
    by_account_id TEXT,
    time_limit    TEXT NOT NULL,
    opened_at     DATETIME NOT NULL,
    due_at        DATETIME NOT NULL,
    due_on        DATE NOT NULL,
    answered_at   DATETIME,
    closed_at     DATETIME,
    outcome       TEXT NOT NULL DEFAULT '' CHECK (outcome IN ('', 'done', 'moot')),
    extensions    INTEGER NOT NULL DEFAULT 0,
    warn_at       DATETIME,
    warn_level    INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX case_orders_case_idx ON case_orders (case_id, id);
CREATE UNIQUE INDEX case_orders_open_key ON case_orders (case_id) WHERE closed_at IS NULL;
CREATE INDEX case_orders_due_idx ON case_orders (due_at, case_id) WHERE closed_at IS NULL;
CREATE INDEX case_orders_warn_idx ON case_orders (warn_at) WHERE warn_at IS NOT NULL;

ALTER TABLE cases ADD COLUMN supervised_due DATETIME;
ALTER TABLE case_units ADD COLUMN supervised BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX case_units_supervised_idx ON case_units (priority, queue_at, case_id) WHERE open AND supervised;

-- +goose Down
DROP INDEX case_units_supervised_idx;
ALTER TABLE case_units DROP COLUMN supervised;
ALTER TABLE cases DROP COLUMN supervised_due;
DROP TABLE case_orders;
