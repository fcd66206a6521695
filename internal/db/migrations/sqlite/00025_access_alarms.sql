-- Somebody of a unit that a case complains about looked for it: once a day for
-- each person and case.
-- +goose Up
CREATE TABLE access_alarms (
    id         TEXT PRIMARY KEY NOT NULL,
    case_id    TEXT NOT NULL REFERENCES cases (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    day        DATE NOT NULL,
    way        TEXT NOT NULL CHECK (way IN ('open', 'search', 'act')),
    at         DATETIME NOT NULL
);
CREATE UNIQUE INDEX access_alarms_day_key ON access_alarms (case_id, account_id, day);

-- +goose Down
DROP TABLE access_alarms;
