-- Segments: who is to be served unasked, by a definition with its purpose, its
-- ground in law and an owner; who is in each since when, how many there were on
-- each day, and who was put in or kept out by hand.
-- +goose Up
CREATE TABLE segments (
    id            uuid PRIMARY KEY,
    code          text,
    unit_id       uuid NOT NULL REFERENCES units (id),
    owner_id      uuid NOT NULL REFERENCES accounts (id),
    name          jsonb NOT NULL,
    purpose       text NOT NULL CHECK (purpose IN ('offer', 'notice', 'follow_up', 'planning')),
    basis         text NOT NULL CHECK (basis IN ('legal_duty', 'benefit', 'consent', 'urgent')),
    basis_text    text NOT NULL,
    definition    jsonb NOT NULL,
    state         text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'counted', 'orphaned')),
    size          bigint NOT NULL DEFAULT 0,
    refreshed_at  timestamptz,
    retired_at    timestamptz,
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX segments_code_key ON segments (code) WHERE code IS NOT NULL;
CREATE INDEX segments_unit_idx ON segments (unit_id);
CREATE INDEX segments_owner_idx ON segments (owner_id);

CREATE TABLE segment_versions (
    segment_id uuid NOT NULL REFERENCES segments (id),
    no         bigint NOT NULL,
    name       jsonb NOT NULL,
    purpose    text NOT NULL,
    basis      text NOT NULL,
    basis_text text NOT NULL,
    definition jsonb NOT NULL,
    account_id uuid NOT NULL REFERENCES accounts (id),
    at         timestamptz NOT NULL,
    PRIMARY KEY (segment_id, no)
);

CREATE TABLE segment_members (
    segment_id     uuid NOT NULL REFERENCES segments (id),
    constituent_id uuid NOT NULL REFERENCES constituents (id),
    since          date NOT NULL,
    fixed          boolean NOT NULL DEFAULT false,
    PRIMARY KEY (segment_id, constituent_id)
);
CREATE INDEX segment_members_constituent_idx ON segment_members (constituent_id);

CREATE TABLE segment_days (
    segment_id uuid NOT NULL REFERENCES segments (id),
    day        date NOT NULL,
    size       bigint NOT NULL,
    joined     bigint NOT NULL DEFAULT 0,
    parted     bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (segment_id, day)
);

-- The reason is sealed under the person's own key.
CREATE TABLE segment_fixed (
    id             uuid PRIMARY KEY,
    segment_id     uuid NOT NULL REFERENCES segments (id),
    constituent_id uuid NOT NULL REFERENCES constituents (id),
    way            text NOT NULL CHECK (way IN ('in', 'out')),
    reason_cipher  bytea NOT NULL,
    account_id     uuid NOT NULL REFERENCES accounts (id),
    at             timestamptz NOT NULL,
    UNIQUE (segment_id, constituent_id)
);
CREATE INDEX segment_fixed_constituent_idx ON segment_fixed (constituent_id);

-- Up to when events were looked through for people who may join or leave.
CREATE TABLE segments_state (
    id      bigint PRIMARY KEY CHECK (id = 1),
    seen_at timestamptz
);
INSERT INTO segments_state (id) VALUES (1);

-- +goose Down
DROP TABLE segments_state;
DROP TABLE segment_fixed;
DROP TABLE segment_days;
DROP TABLE segment_members;
DROP TABLE segment_versions;
DROP TABLE segments;
