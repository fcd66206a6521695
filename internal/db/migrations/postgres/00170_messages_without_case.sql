-- The messages to somebody that belong to no case: those about permits and fees stand
-- on the story of their record.
-- +goose Up
CREATE INDEX deliveries_no_case_idx ON deliveries (constituent_id, created_at, id) WHERE case_id IS NULL;

-- +goose Down
DROP INDEX deliveries_no_case_idx;
