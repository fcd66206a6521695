-- +goose Up
-- What nobody handles yet, in the order of the queue: in a large government
-- little of what is open, so that walking the whole queue would be long.
CREATE INDEX case_units_unassigned_idx ON case_units (priority, queue_at, case_id) WHERE open AND handler_id IS NULL;

-- +goose Down
DROP INDEX case_units_unassigned_idx;
