-- +goose Up
-- What the security administrators change of the rules in policies/: a verb that
-- a role receives or loses. The same change is asked for once at a time.
CREATE TABLE rule_changes (
    id            uuid PRIMARY KEY,
    role          text NOT NULL,
    verb          text NOT NULL,
    gives         boolean NOT NULL,
    reason        text NOT NULL,
    status        text NOT NULL DEFAULT 'asked' CHECK (status IN ('asked', 'approved', 'declined')),
    asked_by_id   uuid REFERENCES accounts (id),
    asked_at      timestamptz NOT NULL,
    decided_by_id uuid REFERENCES accounts (id),
    decided_at    timestamptz,
    decision_no   bigint UNIQUE -- the order of the decisions: clocks differ
);
CREATE UNIQUE INDEX rule_changes_asked_key ON rule_changes (role, verb) WHERE status = 'asked';

-- +goose Down
DROP TABLE rule_changes;
