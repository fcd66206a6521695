-- Segments: who is to be served unasked, by a definition with its purpose, its
-- ground in law and an owner; who is in each since when, how many there were on
-- each day, and who was put in or kept out by hand.
-- +goose Up
CREATE TABLE segments (
    id            TEXT PRIMARY KEY NOT NULL,
    code          TEXT,
    unit_id       TEXT NOT NULL REFERENCES units (id),
    owner_id      TEXT NOT NULL REFERENCES accounts (id),
    name          TEXT NOT NULL,
    purpose       TEXT NOT NULL CHECK (purpose IN ('offer', 'notice', 'follow_up', 'planning')),
    basis         TEXT NOT NULL CHECK (basis IN ('legal_duty', 'benefit', 'consent', 'urgent')),
    basis_text    TEXT NOT NULL,
    definition    TEXT NOT NULL,
    state         TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'counted', 'orphaned')),
    size          INTEGER NOT NULL DEFAULT 0,
    refreshed_at  DATETIME,
    retired_at    DATETIME,
    version       INTEGER NOT NULL DEFAULT 1,
    created_at    DATETIME NOT NULL,
    updated_at    DATETIME NOT NULL
);
CREATE UNIQUE INDEX segments_code_key ON segments (code) WHERE code IS NOT NULL;
CREATE INDEX segments_unit_idx ON segments (unit_id);
CREATE INDEX segments_owner_idx ON segments (owner_id);

CREATE TABLE segment_versions (
    segment_id TEXT NOT NULL REFERENCES segments (id),
    no         INTEGER NOT NULL,
    name       TEXT NOT NULL,
    purpose    TEXT NOT NULL,
    basis      TEXT NOT NULL,
    basis_text TEXT NOT NULL,
    definition TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    at         DATETIME NOT NULL,
    PRIMARY KEY (segment_id, no)
);

CREATE TABLE segment_members (
    segment_id     TEXT NOT NULL REFERENCES segments (id),
    constituent_id TEXT NOT NULL REFERENCES constituents (id),
    since          DATE NOT NULL,
    fixed          BOOLEAN NOT NULL DEFAULT false,
    PRIMARY KEY (segment_id, constituent_id)
);
CREATE INDEX segment_members_constituent_idx ON segment_members (constituent_id);

CREATE TABLE segment_days (
    segment_id TEXT NOT NULL REFERENCES segments (id),
    day        DATE NOT NULL,
    size       INTEGER NOT NULL,
    joined     INTEGER NOT NULL DEFAULT 0,
    parted     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (segment_id, day)
);

-- The reason is sealed under the person's own key.
CREATE TABLE segment_fixed (
    id             TEXT NOT NULL PRIMARY KEY,
    segment_id     TEXT NOT NULL REFERENCES segments (id),
    constituent_id TEXT NOT NULL REFERENCES constituents (id),
    way            TEXT NOT NULL CHECK (way IN ('in', 'out')),
    reason_cipher  BLOB NOT NULL,
    account_id     TEXT NOT NULL REFERENCES accounts (id),
    at             DATETIME NOT NULL,
    UNIQUE (segment_id, constituent_id)
);
CREATE INDEX segment_fixed_constituent_idx ON segment_fixed (constituent_id);

-- Up to when events were looked through for people who may join or leave.
CREATE TABLE segments_state (
    id      INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    seen_at DATETIME
);
INSERT INTO segments_state (id) VALUES (1);

-- +goose Down
DROP TABLE segments_state;
DROP TABLE segment_fixed;
DROP TABLE segment_days;
DROP TABLE segment_members;
DROP TABLE segment_versions;
DROP TABLE segments;
