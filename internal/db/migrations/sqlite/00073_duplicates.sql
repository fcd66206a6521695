-- Records that may be of the same person: what they are found by and compared by,
-- what was decided about two of them, and merges that can be taken back.
-- +goose Up
-- Keyed hashes of the name and of its parts, and of an address as it is compared.
ALTER TABLE constituents ADD COLUMN name_index BLOB;
ALTER TABLE constituents ADD COLUMN name_parts BLOB;
-- NULL beside merged_into_id: joined because the person proved an address. Merged
-- by a certain identifier, or judged by somebody, it is shown to staff as one and
-- opens nothing to an account.
ALTER TABLE constituents ADD COLUMN merged_how TEXT CHECK (merged_how IN ('certain', 'judged'));
CREATE INDEX constituents_name_idx ON constituents (name_index) WHERE name_index IS NOT NULL;
ALTER TABLE contact_points ADD COLUMN match_index BLOB;
CREATE INDEX contact_points_match_idx ON contact_points (match_index) WHERE match_index IS NOT NULL;

-- The one with the lesser id is a.
CREATE TABLE constituent_pairs (
    id            TEXT PRIMARY KEY NOT NULL,
    a_id          TEXT NOT NULL REFERENCES constituents (id),
    b_id          TEXT NOT NULL REFERENCES constituents (id),
    score         INTEGER NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('open', 'apart')),
    seen_at       DATETIME NOT NULL,
    decided_at    DATETIME,
    decided_by_id TEXT REFERENCES accounts (id),
    reason        TEXT NOT NULL DEFAULT '',
    version       INTEGER NOT NULL DEFAULT 1,
    CHECK (a_id < b_id)
);
CREATE UNIQUE INDEX constituent_pairs_two_key ON constituent_pairs (a_id, b_id);
CREATE INDEX constituent_pairs_b_idx ON constituent_pairs (b_id);
CREATE INDEX constituent_pairs_open_idx ON constituent_pairs (score, id) WHERE state = 'open';
CREATE INDEX constituent_pairs_apart_idx ON constituent_pairs (decided_at, id) WHERE state = 'apart';

CREATE TABLE constituent_merges (
    id           TEXT PRIMARY KEY NOT NULL,
    survivor_id  TEXT NOT NULL REFERENCES constituents (id),
    merged_id    TEXT NOT NULL REFERENCES constituents (id),
    how          TEXT NOT NULL CHECK (how IN ('certain', 'judged')),
    score        INTEGER NOT NULL,
    at           DATETIME NOT NULL,
    by_id        TEXT REFERENCES accounts (id),
    reason       TEXT NOT NULL,
    undone_at    DATETIME,
    undone_by_id TEXT REFERENCES accounts (id),
    undo_reason  TEXT NOT NULL DEFAULT '',
    version      INTEGER NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX constituent_merges_open_key ON constituent_merges (merged_id) WHERE undone_at IS NULL;
CREATE INDEX constituent_merges_merged_idx ON constituent_merges (merged_id);
CREATE INDEX constituent_merges_survivor_idx ON constituent_merges (survivor_id);

-- What a merge wrote into the survivor's record, and what stood there before, under
-- the survivor's key. A way to reach somebody is a row that it added. The version is
-- that of the survivor then: it tells which of two merges came first.
CREATE TABLE constituent_merge_changes (
    id             TEXT PRIMARY KEY NOT NULL,
    merge_id       TEXT NOT NULL REFERENCES constituent_merges (id),
    constituent_id TEXT NOT NULL REFERENCES constituents (id),
    field          TEXT NOT NULL,
    before_cipher  BLOB,
    after_cipher   BLOB,
    before_value   TEXT,
    after_value    TEXT,
    point_id       TEXT,
    at_version     INTEGER NOT NULL
);
CREATE INDEX constituent_merge_changes_merge_idx ON constituent_merge_changes (merge_id);
CREATE INDEX constituent_merge_changes_constituent_idx ON constituent_merge_changes (constituent_id, field, at_version);

-- How far the jobs are: mark gives records their hashes, sweep looks for pairs.
CREATE TABLE constituent_sweeps (
    kind        TEXT PRIMARY KEY NOT NULL CHECK (kind IN ('mark', 'sweep')),
    after       TEXT NOT NULL,
    looked      INTEGER NOT NULL DEFAULT 0,
    found       INTEGER NOT NULL DEFAULT 0,
    merged      INTEGER NOT NULL DEFAULT 0,
    started_at  DATETIME NOT NULL,
    finished_at DATETIME
);

-- +goose Down
DROP TABLE constituent_sweeps;
DROP TABLE constituent_merge_changes;
DROP TABLE constituent_merges;
DROP TABLE constituent_pairs;
DROP INDEX contact_points_match_idx;
ALTER TABLE contact_points DROP COLUMN match_index;
DROP INDEX constituents_name_idx;
ALTER TABLE constituents DROP COLUMN merged_how;
ALTER TABLE constituents DROP COLUMN name_parts;
ALTER TABLE constituents DROP COLUMN name_index;
