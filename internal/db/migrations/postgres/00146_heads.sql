-- head_id is the record that stands for one that was merged, at the end of the chain;
-- merged_into_id is only its next step. Whoever merges and takes back writes both in one
-- transaction. Merges that were taken back are found by when, for those whom it sets free.
-- +goose Up
ALTER TABLE constituents ADD COLUMN head_id uuid REFERENCES constituents (id);
UPDATE constituents SET head_id = up.head FROM (WITH RECURSIVE up (id, head) AS (SELECT id, merged_into_id FROM constituents WHERE merged_into_id IS NOT NULL UNION
 SELECT u.id, c.merged_into_id FROM up u JOIN constituents c ON c.id = u.head WHERE c.merged_into_id IS NOT NULL)
 SELECT u.id, u.head FROM up u JOIN constituents h ON h.id = u.head WHERE h.merged_into_id IS NULL) up WHERE up.id = constituents.id;
CREATE INDEX constituents_head_idx ON constituents (head_id) WHERE head_id IS NOT NULL;
CREATE INDEX constituent_merges_undone_idx ON constituent_merges (undone_at) WHERE undone_at IS NOT NULL;

-- +goose Down
DROP INDEX constituent_merges_undone_idx;
DROP INDEX constituents_head_idx;
ALTER TABLE constituents DROP COLUMN head_id;
