-- What becomes of permits after they are issued. What takes a permit away for good
-- is proposed by one person and decided by another; an open proposal is the only
-- one. An application is for a new permit, for a renewal, or for a change of one
-- that is held.
-- +goose Up
CREATE TABLE permit_proposals (
    id             TEXT NOT NULL PRIMARY KEY,
    permit_id      TEXT NOT NULL REFERENCES permits (id),
    act            TEXT NOT NULL CHECK (act IN ('revoke', 'cancel')),
    ground         TEXT NOT NULL,
    reason         TEXT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('open', 'done', 'refused')),
    proposed_at    DATETIME NOT NULL,
    proposed_on    DATE NOT NULL,
    proposed_by_id TEXT REFERENCES accounts (id),
    decided_at     DATETIME,
    decided_by_id  TEXT REFERENCES accounts (id),
    note           TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX permit_proposals_open_key ON permit_proposals (permit_id) WHERE state = 'open';
CREATE INDEX permit_proposals_permit_idx ON permit_proposals (permit_id, id);
CREATE INDEX permit_proposals_waiting_idx ON permit_proposals (proposed_at, id) WHERE state = 'open';

ALTER TABLE permit_applications ADD COLUMN purpose TEXT NOT NULL DEFAULT 'new' CHECK (purpose IN ('new', 'renewal', 'change'));
CREATE INDEX permit_applications_renews_idx ON permit_applications (renews_no, id) WHERE renews_no <> '';

-- +goose Down
DROP INDEX permit_applications_renews_idx;
ALTER TABLE permit_applications DROP COLUMN purpose;
DROP TABLE permit_proposals;
