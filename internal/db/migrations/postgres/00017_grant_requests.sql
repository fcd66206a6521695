-- +goose Up
-- What one administrator asks for and another decides: a role to give, or a
-- grant to end. The same thing is asked for once at a time.
CREATE TABLE grant_requests (
    id            uuid PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('give', 'end')),
    account_id    uuid NOT NULL REFERENCES accounts (id),
    role          text NOT NULL,
    unit_id       uuid NOT NULL REFERENCES units (id),
    grant_id      uuid REFERENCES grants (id),
    valid_from    timestamptz,
    valid_until   timestamptz,
    reason        text NOT NULL,
    status        text NOT NULL DEFAULT 'asked' CHECK (status IN ('asked', 'approved', 'declined')),
    asked_by_id   uuid REFERENCES accounts (id),
    asked_at      timestamptz NOT NULL,
    decided_by_id uuid REFERENCES accounts (id),
    decided_at    timestamptz
);
CREATE UNIQUE INDEX grant_requests_asked_key ON grant_requests (account_id, role, unit_id, kind) WHERE status = 'asked';

-- +goose Down
DROP TABLE grant_requests;
