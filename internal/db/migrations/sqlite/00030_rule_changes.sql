-- +goose Up
-- What the security administrators change of the rules in policies/: a verb that
-- a role receives or loses. The same change is asked for once at a time.
CREATE TABLE rule_changes (
    id            TEXT PRIMARY KEY NOT NULL,
    role          TEXT NOT NULL,
    verb          TEXT NOT NULL,
    gives         BOOLEAN NOT NULL,
    reason        TEXT NOT NULL,
    status        TEXT NOT NULL DEFAULT 'asked' CHECK (status IN ('asked', 'approved', 'declined')),
    asked_by_id   TEXT REFERENCES accounts (id),
    asked_at      DATETIME NOT NULL,
    decided_by_id TEXT REFERENCES accounts (id),
    decided_at    DATETIME,
    decision_no   INTEGER UNIQUE -- the order of the decisions: clocks differ
);
CREATE UNIQUE INDEX rule_changes_asked_key ON rule_changes (role, verb) WHERE status = 'asked';

-- +goose Down
DROP TABLE rule_changes;
