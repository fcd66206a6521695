-- +goose Up
-- What one administrator asks for and another decides: a role to give, or a
-- grant to end. The same thing is asked for once at a time.
CREATE TABLE grant_requests (
    id            TEXT PRIMARY KEY NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('give', 'end')),
    account_id    TEXT NOT NULL REFERENCES accounts (id),
    role          TEXT NOT NULL,
    unit_id       TEXT NOT NULL REFERENCES units (id),
    grant_id      TEXT REFERENCES grants (id),
    valid_from    DATETIME,
    valid_until   DATETIME,
    reason        TEXT NOT NULL,
    status        TEXT NOT NULL DEFAULT 'asked' CHECK (status IN ('asked', 'approved', 'declined')),
    asked_by_id   TEXT REFERENCES accounts (id),
    asked_at      DATETIME NOT NULL,
    decided_by_id TEXT REFERENCES accounts (id),
    decided_at    DATETIME
);
CREATE UNIQUE INDEX grant_requests_asked_key ON grant_requests (account_id, role, unit_id, kind) WHERE status = 'asked';

-- +goose Down
DROP TABLE grant_requests;
