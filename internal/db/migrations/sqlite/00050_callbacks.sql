-- After a result somebody outside the unit that gave it asks the person how it
-- went: one row for each result, with when the person is reminded to judge and
-- when they are rung. What the person says on the telephone is their judgement.
-- +goose Up
CREATE TABLE callbacks (
    id            TEXT PRIMARY KEY NOT NULL,
    case_id       TEXT NOT NULL REFERENCES cases (id),
    conclusion_no INTEGER NOT NULL,
    opened_at     DATETIME NOT NULL,
    remind_at     DATETIME,
    reminded_at   DATETIME,
    due_at        DATETIME,
    due_on        DATE,
    wished        BOOLEAN NOT NULL DEFAULT false,
    state         TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'judged', 'refused', 'unreachable', 'answered', 'moot')),
    attempts      INTEGER NOT NULL DEFAULT 0,
    again_at      DATETIME,
    claimed_by_id TEXT REFERENCES accounts (id),
    claimed_until DATETIME,
    closed_at     DATETIME
);
CREATE UNIQUE INDEX callbacks_case_key ON callbacks (case_id, conclusion_no);
CREATE UNIQUE INDEX callbacks_open_key ON callbacks (case_id) WHERE state = 'open';
CREATE INDEX callbacks_due_idx ON callbacks (due_at, case_id) WHERE state = 'open' AND due_at IS NOT NULL;
CREATE INDEX callbacks_due_on_idx ON callbacks (due_on, case_id);
CREATE INDEX callbacks_remind_idx ON callbacks (remind_at) WHERE remind_at IS NOT NULL;

CREATE TABLE callback_attempts (
    id          TEXT PRIMARY KEY NOT NULL,
    callback_id TEXT NOT NULL REFERENCES callbacks (id),
    at          DATETIME NOT NULL,
    on_day      DATE NOT NULL,
    account_id  TEXT REFERENCES accounts (id),
    channel     TEXT NOT NULL CHECK (channel IN ('phone', 'sms', 'web')),
    outcome     TEXT NOT NULL CHECK (outcome IN ('judged', 'refused', 'not_reached', 'wrong_number', 'again')),
    again_at    DATETIME
);
CREATE INDEX callback_attempts_callback_idx ON callback_attempts (callback_id, id);

ALTER TABLE evaluations ADD COLUMN callback_id TEXT REFERENCES callbacks (id);

-- +goose Down
ALTER TABLE evaluations DROP COLUMN callback_id;
DROP TABLE callback_attempts;
DROP TABLE callbacks;
