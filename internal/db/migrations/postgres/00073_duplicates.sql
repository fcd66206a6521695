-- Records that may be of the same person: what they are found by and compared by,
-- what was decided about two of them, and merges that can be taken back.
-- +goose Up
-- Keyed hashes of the name and of its parts, and of an address as it is compared.
ALTER TABLE constituents ADD COLUMN name_index bytea;
ALTER TABLE constituents ADD COLUMN name_parts bytea;
-- NULL beside merged_into_id: joined because the person proved an address. Merged
-- by a certain identifier, or judged by somebody, it is shown to staff as one and
-- opens nothing to an account.
ALTER TABLE constituents ADD COLUMN merged_how text CHECK (merged_how IN ('certain', 'judged'));
CREATE INDEX constituents_name_idx ON constituents (name_index) WHERE name_index IS NOT NULL;
ALTER TABLE contact_points ADD COLUMN match_index bytea;
CREATE INDEX contact_points_match_idx ON contact_points (match_index) WHERE match_index IS NOT NULL;

-- The one with the lesser id is a.
CREATE TABLE constituent_pairs (
    id            uuid PRIMARY KEY,
    a_id          uuid NOT NULL REFERENCES constituents (id),
    b_id          uuid NOT NULL REFERENCES constituents (id),
    score         bigint NOT NULL,
    state         text NOT NULL CHECK (state IN ('open', 'apart')),
    seen_at       timestamptz NOT NULL,
    decided_at    timestamptz,
    decided_by_id uuid REFERENCES accounts (id),
    reason        text NOT NULL DEFAULT '',
    version       bigint NOT NULL DEFAULT 1,
    CHECK (a_id < b_id)
);
CREATE UNIQUE INDEX constituent_pairs_two_key ON constituent_pairs (a_id, b_id);
CREATE INDEX constituent_pairs_b_idx ON constituent_pairs (b_id);
CREATE INDEX constituent_pairs_open_idx ON constituent_pairs (score, id) WHERE state = 'open';
CREATE INDEX constituent_pairs_apart_idx ON constituent_pairs (decided_at, id) WHERE state = 'apart';

CREATE TABLE constituent_merges (
    id           uuid PRIMARY KEY,
    survivor_id  uuid NOT NULL REFERENCES constituents (id),
    merged_id    uuid NOT NULL REFERENCES constituents (id),
    how          text NOT NULL CHECK (how IN ('certain', 'judged')),
    score        bigint NOT NULL,
    at           timestamptz NOT NULL,
    by_id        uuid REFERENCES accounts (id),
    reason       text NOT NULL,
    undone_at    timestamptz,
    undone_by_id uuid REFERENCES accounts (id),
    undo_reason  text NOT NULL DEFAULT '',
    version      bigint NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX constituent_merges_open_key ON constituent_merges (merged_id) WHERE undone_at IS NULL;
CREATE INDEX constituent_merges_merged_idx ON constituent_merges (merged_id);
CREATE INDEX constituent_merges_survivor_idx ON constituent_merges (survivor_id);

-- What a merge wrote into the survivor's record, and what stood there before, under
-- the survivor's key. A way to reach somebody is a row that it added. The version is
-- that of the survivor then: it tells which of two merges came first.
CREATE TABLE constituent_merge_changes (
    id             uuid PRIMARY KEY,
    merge_id       uuid NOT NULL REFERENCES constituent_merges (id),
    constituent_id uuid NOT NULL REFERENCES constituents (id),
    field          text NOT NULL,
    before_cipher  bytea,
    after_cipher   bytea,
    before_value   text,
    after_value    text,
    point_id       uuid,
    at_version     bigint NOT NULL
);
CREATE INDEX constituent_merge_changes_merge_idx ON constituent_merge_changes (merge_id);
CREATE INDEX constituent_merge_changes_constituent_idx ON constituent_merge_changes (constituent_id, field, at_version);

-- How far the jobs are: mark gives records their hashes, sweep looks for pairs.
CREATE TABLE constituent_sweeps (
    kind        text PRIMARY KEY CHECK (kind IN ('mark', 'sweep')),
    after       text NOT NULL,
    looked      bigint NOT NULL DEFAULT 0,
    found       bigint NOT NULL DEFAULT 0,
    merged      bigint NOT NULL DEFAULT 0,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz
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
