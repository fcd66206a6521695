-- Cases about the same thing are handled as one: all but the leading one are
-- merged into it, and each remembers how it stood, so that a mistake can be taken
-- back. duplicate says that the same person asks in the leading case too.
-- +goose Up
ALTER TABLE cases ADD COLUMN merged_into_id TEXT REFERENCES cases (id);
ALTER TABLE cases ADD COLUMN merged_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN duplicate BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX cases_merged_into_idx ON cases (merged_into_id) WHERE merged_into_id IS NOT NULL;

CREATE TABLE case_merges (
    id         TEXT PRIMARY KEY NOT NULL,
    case_id    TEXT NOT NULL REFERENCES cases (id),
    lead_id    TEXT NOT NULL REFERENCES cases (id),
    at         DATETIME NOT NULL,
    by_id      TEXT REFERENCES accounts (id),
    before     TEXT NOT NULL,
    lead_clock TEXT NOT NULL,
    undone_at  DATETIME
);
CREATE UNIQUE INDEX case_merges_open_key ON case_merges (case_id) WHERE undone_at IS NULL;
CREATE INDEX case_merges_lead_idx ON case_merges (lead_id, id);


-- +goose Down
DELETE FROM deliveries WHERE kind IN ('case_merged', 'case_unmerged', 'joint_asked', 'joint_answered', 'joint_released', 'part_ended');
DROP TABLE case_merges;
DROP INDEX cases_merged_into_idx;
ALTER TABLE cases DROP COLUMN duplicate;
ALTER TABLE cases DROP COLUMN merged_count;
ALTER TABLE cases DROP COLUMN merged_into_id;
