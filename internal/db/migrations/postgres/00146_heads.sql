-- head_id is the record that stands for one that was merged, at the end of the chain;
-- merged_into_id is only its next step. Whoever merges and takes back writes both in one
-- transaction. Merges that were taken back are found by when, for those whom it sets free.
--
-- No transaction is held over it: the column is there at once, the records are filled five
-- thousand at a time and the indexes made while others read and write. What somebody merges
-- meanwhile with an older program is mended every night. It may be interrupted anywhere and
-- is begun anew.
-- +goose NO TRANSACTION
-- +goose Up
ALTER TABLE constituents ADD COLUMN IF NOT EXISTS head_id uuid REFERENCES constituents (id);
-- +goose StatementBegin
DO $$
DECLARE
    past uuid := '00000000-0000-0000-0000-000000000000';
    ids uuid[];
BEGIN
    LOOP
        SELECT array_agg(b.id ORDER BY b.id) INTO ids FROM
            (SELECT id FROM constituents WHERE merged_into_id IS NOT NULL AND id > past ORDER BY id LIMIT 5000) b;
        EXIT WHEN ids IS NULL;
        UPDATE constituents SET head_id = up.head FROM (WITH RECURSIVE up (id, head) AS (SELECT id, merged_into_id FROM constituents WHERE id = ANY (ids) AND merged_into_id IS NOT NULL UNION
            SELECT u.id, c.merged_into_id FROM up u JOIN constituents c ON c.id = u.head WHERE c.merged_into_id IS NOT NULL)
            SELECT u.id, u.head FROM up u JOIN constituents h ON h.id = u.head WHERE h.merged_into_id IS NULL) up
            WHERE up.id = constituents.id AND constituents.head_id IS DISTINCT FROM up.head;
        COMMIT;
        past := ids[cardinality(ids)];
    END LOOP;
END $$;
-- +goose StatementEnd
DROP INDEX CONCURRENTLY IF EXISTS constituents_head_idx;
CREATE INDEX CONCURRENTLY constituents_head_idx ON constituents (head_id) WHERE head_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS constituent_merges_undone_idx;
CREATE INDEX CONCURRENTLY constituent_merges_undone_idx ON constituent_merges (undone_at) WHERE undone_at IS NOT NULL;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS constituent_merges_undone_idx;
DROP INDEX CONCURRENTLY IF EXISTS constituents_head_idx;
ALTER TABLE constituents DROP COLUMN IF EXISTS head_id;
