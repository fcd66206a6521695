-- Campaigns: what the members of a segment are told unasked, in words that a
-- second person approved; whom of them it was and who was held back to compare
-- with, what became of each message, and who then did what was offered.
-- +goose Up
CREATE TABLE campaigns (
    id              uuid PRIMARY KEY,
    segment_id      uuid NOT NULL REFERENCES segments (id),
    segment_version bigint NOT NULL,
    author_id       uuid NOT NULL REFERENCES accounts (id),
    approver_id     uuid REFERENCES accounts (id),
    name            jsonb NOT NULL,
    purpose         text NOT NULL CHECK (purpose IN ('offer', 'notice', 'follow_up')),
    basis           text NOT NULL CHECK (basis IN ('legal_duty', 'benefit', 'consent', 'urgent')),
    basis_text      text NOT NULL,
    matter_id       uuid REFERENCES matters (id),
    entitlement     boolean NOT NULL DEFAULT false,
    hold_percent    bigint NOT NULL CHECK (hold_percent BETWEEN 0 AND 50),
    window_days     bigint NOT NULL CHECK (window_days > 0),
    per_hour        bigint NOT NULL CHECK (per_hour > 0),
    cost            bigint NOT NULL DEFAULT 0 CHECK (cost >= 0),
    opens_on        date,
    state           text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'asked', 'approved', 'running', 'stopped', 'done')),
    targeted        bigint NOT NULL DEFAULT 0,
    asked_at        timestamptz,
    approved_at     timestamptz,
    started_at      timestamptz,
    window_ends_at  timestamptz,
    ended_at        timestamptz,
    counted_at      timestamptz,
    note            text NOT NULL DEFAULT '',
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    CHECK (approver_id IS NULL OR approver_id <> author_id)
);
CREATE INDEX campaigns_segment_idx ON campaigns (segment_id);
CREATE INDEX campaigns_open_idx ON campaigns (state) WHERE state IN ('approved', 'running');

CREATE TABLE campaign_texts (
    campaign_id uuid NOT NULL REFERENCES campaigns (id),
    locale      text NOT NULL,
    channel     text NOT NULL CHECK (channel IN ('mail', 'sms')),
    subject     text NOT NULL DEFAULT '',
    body        text NOT NULL,
    PRIMARY KEY (campaign_id, locale, channel)
);

CREATE TABLE campaign_versions (
    campaign_id uuid NOT NULL REFERENCES campaigns (id),
    no          bigint NOT NULL,
    content     jsonb NOT NULL,
    account_id  uuid NOT NULL REFERENCES accounts (id),
    at          timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, no)
);

-- One row for each member at approval. same_as names the row that stands for the
-- same person where two records were merged since.
CREATE TABLE campaign_assignments (
    campaign_id    uuid NOT NULL REFERENCES campaigns (id),
    constituent_id uuid NOT NULL REFERENCES constituents (id),
    arm            text NOT NULL CHECK (arm IN ('told', 'held', 'delayed')),
    status         text NOT NULL CHECK (status IN ('waiting', 'kept', 'queued', 'sent', 'failed', 'uncertain', 'skipped')),
    reason         text NOT NULL DEFAULT '',
    again_at       timestamptz,
    delivery_id    uuid,
    queued_at      timestamptz,
    taken_at       timestamptz,
    refused_at     timestamptz,
    complained_at  timestamptz,
    same_as        uuid,
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
