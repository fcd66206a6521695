-- Where works were when the segments that ask for them were last counted whole: what is looked
-- at again, for the sake of transactions that commit late, moves nobody by itself.
-- +goose Up
ALTER TABLE segments_state ADD COLUMN works TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE segments_state DROP COLUMN works;
