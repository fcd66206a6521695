-- Somebody of a unit that a case complains about looked for it: once a day for
-- each person and case.
-- +goose Up
CREATE TABLE access_alarms (
    id         uuid PRIMARY KEY,
    case_id    uuid NOT NULL REFERENCES cases (id),
    account_id uuid NOT NULL REFERENCES accounts (id),
    day        date NOT NULL,
    way        text NOT NULL CHECK (way IN ('open', 'search', 'act')),
    at         timestamptz NOT NULL
);
CREATE UNIQUE INDEX access_alarms_day_key ON access_alarms (case_id, account_id, day);

-- +goose Down
DROP TABLE access_alarms;
