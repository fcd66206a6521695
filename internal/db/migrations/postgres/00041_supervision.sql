-- What a unit above wants of a unit about a case, and by when: one open order for
-- each case. What it says, and what the unit answers, stands in the events.
-- +goose Up
CREATE TABLE case_orders (
    id            uuid PRIMARY KEY,
    case_id       uuid NOT NULL REFERENCES cases (id),
    form          text NOT NULL CHECK (form IN ('routine', 'listed', 'interview')),
    ground        text NOT NULL,
    unit_id       uuid NOT NULL REFERENCES units (id),
    by_unit_id    uuid NOT NULL REFERENCES units (id),
    by_account_id uuid,
    time_limit    text NOT NULL,
    opened_at     timestamptz NOT NULL,
    due_at        timestamptz NOT NULL,
    due_on        date NOT NULL,
    answered_at   timestamptz,
    closed_at     timestamptz,
    outcome       text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'done', 'moot')),
    extensions    bigint NOT NULL DEFAULT 0,
    warn_at       timestamptz,
    warn_level    bigint NOT NULL DEFAULT 0
);
CREATE INDEX case_orders_case_idx ON case_orders (case_id, id);
CREATE UNIQUE INDEX case_orders_open_key ON case_orders (case_id) WHERE closed_at IS NULL;
CREATE INDEX case_orders_due_idx ON case_orders (due_at, case_id) WHERE closed_at IS NULL;
CREATE INDEX case_orders_warn_idx ON case_orders (warn_at) WHERE warn_at IS NOT NULL;

ALTER TABLE cases ADD COLUMN supervised_due timestamptz;
ALTER TABLE case_units ADD COLUMN supervised boolean NOT NULL DEFAULT false;
CREATE INDEX case_units_supervised_idx ON case_units (priority, queue_at, case_id) WHERE open AND supervised;

-- +goose Down
DROP INDEX case_units_supervised_idx;
ALTER TABLE case_units DROP COLUMN supervised;
ALTER TABLE cases DROP COLUMN supervised_due;
DROP TABLE case_orders;
