-- Campaigns: what the members of a segment are told unasked, in words that a
-- second person approved; whom of them it was and who was held back to compare
-- with, what became of each message, and who then did what was offered.
-- +goose Up
CREATE TABLE campaigns (
    id              TEXT NOT NULL PRIMARY KEY,
    segment_id      TEXT NOT NULL REFERENCES segments (id),
    segment_version INTEGER NOT NULL,
    author_id       TEXT NOT NULL REFERENCES accounts (id),
    approver_id     TEXT REFERENCES accounts (id),
    name            TEXT NOT NULL,
    purpose         TEXT NOT NULL CHECK (purpose IN ('offer', 'notice', 'follow_up')),
    basis           TEXT NOT NULL CHECK (basis IN ('legal_duty', 'benefit', 'consent', 'urgent')),
    basis_text      TEXT NOT NULL,
    matter_id       TEXT REFERENCES matters (id),
    entitlement     BOOLEAN NOT NULL DEFAULT false,
    hold_percent    INTEGER NOT NULL CHECK (hold_percent BETWEEN 0 AND 50),
    window_days     INTEGER NOT NULL CHECK (window_days > 0),
    per_hour        INTEGER NOT NULL CHECK (per_hour > 0),
    cost            INTEGER NOT NULL DEFAULT 0 CHECK (cost >= 0),
    opens_on        DATE,
    state           TEXT NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'asked', 'approved', 'running', 'stopped', 'done')),
    targeted        INTEGER NOT NULL DEFAULT 0,
    asked_at        DATETIME,
    approved_at     DATETIME,
    started_at      DATETIME,
    window_ends_at  DATETIME,
    ended_at        DATETIME,
    counted_at      DATETIME,
    note            TEXT NOT NULL DEFAULT '',
    version         INTEGER NOT NULL DEFAULT 1,
    created_at      DATETIME NOT NULL,
    updated_at      DATETIME NOT NULL,
    CHECK (approver_id IS NULL OR approver_id <> author_id)
);
CREATE INDEX campaigns_segment_idx ON campaigns (segment_id);
CREATE INDEX campaigns_open_idx ON campaigns (state) WHERE state IN ('approved', 'running');

CREATE TABLE campaign_texts (
    campaign_id TEXT NOT NULL REFERENCES campaigns (id),
    locale      TEXT NOT NULL,
    channel     TEXT NOT NULL CHECK (channel IN ('mail', 'sms')),
    subject     TEXT NOT NULL DEFAULT '',
    body        TEXT NOT NULL,
    PRIMARY KEY (campaign_id, locale, channel)
);

CREATE TABLE campaign_versions (
    campaign_id TEXT NOT NULL REFERENCES campaigns (id),
    no          INTEGER NOT NULL,
    content     TEXT NOT NULL,
    account_id  TEXT NOT NULL REFERENCES accounts (id),
    at          DATETIME NOT NULL,
    PRIMARY KEY (campaign_id, no)
);

-- One row for each member at approval. same_as names the row that stands for the
-- same person where two records were merged since.
CREATE TABLE campaign_assignments (
    campaign_id    TEXT NOT NULL REFERENCES campaigns (id),
    constituent_id TEXT NOT NULL REFERENCES constituents (id),
    arm            TEXT NOT NULL CHECK (arm IN ('told', 'held', 'delayed')),
    status         TEXT NOT NULL CHECK (status IN ('waiting', 'kept', 'queued', 'sent', 'failed', 'uncertain', 'skipped')),
    reason         TEXT NOT NULL DEFAULT '',
    again_at       DATETIME,
    delivery_id    TEXT,
    queued_at      DATETIME,
    taken_at       DATETIME,
    refused_at     DATETIME,
    complained_at  DATETIME,
    same_as        TEXT,
    PRIMARY KEY (campaign_id, constituent_id)
);
CREATE INDEX campaign_assignments_constituent_idx ON campaign_assignments (constituent_id, queued_at);
CREATE UNIQUE INDEX campaign_assignments_delivery_key ON campaign_assignments (delivery_id) WHERE delivery_id IS NOT NULL;
CREATE INDEX campaign_assignments_waiting_idx ON campaign_assignments (campaign_id, constituent_id) WHERE status = 'waiting';
CREATE INDEX campaign_assignments_queued_idx ON campaign_assignments (campaign_id, queued_at) WHERE queued_at IS NOT NULL;

-- +goose Down
DROP TABLE campaign_assignments;
DROP TABLE campaign_versions;
DROP TABLE campaign_texts;
DROP TABLE campaigns;
