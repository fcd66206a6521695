-- After a result somebody outside the unit that gave it asks the person how it
-- went: one row for each result, with when the person is reminded to judge and
-- when they are rung. What the person says on the telephone is their judgement.
-- +goose Up
CREATE TABLE callbacks (
    id            uuid PRIMARY KEY,
    case_id       uuid NOT NULL REFERENCES cases (id),
    conclusion_no bigint NOT NULL,
    opened_at     timestamptz NOT NULL,
    remind_at     timestamptz,
    reminded_at   timestamptz,
    due_at        timestamptz,
    due_on        date,
    wished        boolean NOT NULL DEFAULT false,
    state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'judged', 'refused', 'unreachable', 'answered', 'moot')),
    attempts      bigint NOT NULL DEFAULT 0,
    again_at      timestamptz,
    claimed_by_id uuid REFERENCES accounts (id),
    claimed_until timestamptz,
    closed_at     timestamptz
);
CREATE UNIQUE INDEX callbacks_case_key ON callbacks (case_id, conclusion_no);
CREATE UNIQUE INDEX callbacks_open_key ON callbacks (case_id) WHERE state = 'open';
CREATE INDEX callbacks_due_idx ON callbacks (due_at, case_id) WHERE state = 'open' AND due_at IS NOT NULL;
CREATE INDEX callbacks_due_on_idx ON callbacks (due_on, case_id);
CREATE INDEX callbacks_remind_idx ON callbacks (remind_at) WHERE remind_at IS NOT NULL;

CREATE TABLE callback_attempts (
    id          uuid PRIMARY KEY,
    callback_id uuid NOT NULL REFERENCES callbacks (id),
    at          timestamptz NOT NULL,
    on_day      date NOT NULL,
    account_id  uuid REFERENCES accounts (id),
    channel     text NOT NULL CHECK (channel IN ('phone', 'sms', 'web')),
    outcome     text NOT NULL CHECK (outcome IN ('judged', 'refused', 'not_reached', 'wrong_number', 'again')),
    again_at    timestamptz
);
CREATE INDEX callback_attempts_callback_idx ON callback_attempts (callback_id, id);

ALTER TABLE evaluations ADD COLUMN callback_id uuid REFERENCES callbacks (id);

-- +goose Down
ALTER TABLE evaluations DROP COLUMN callback_id;
DROP TABLE callback_attempts;
DROP TABLE callbacks;
