-- The first page of a unit's queue is read from the index alone: what a unit only
-- had, or has of whistle-blowers, is not in it.
-- +goose Up
DROP INDEX case_units_queue_idx;
CREATE INDEX case_units_queue_idx ON case_units (unit_id, priority, queue_at, case_id)
    WHERE open AND role IN ('lead', 'supervising') AND unit_path < '~';
CREATE INDEX case_units_sealed_idx ON case_units (unit_id, priority, queue_at, case_id) WHERE open AND unit_path >= '~';

-- +goose Down
DROP INDEX case_units_sealed_idx;
DROP INDEX case_units_queue_idx;
CREATE INDEX case_units_queue_idx ON case_units (unit_id, priority, queue_at, case_id) WHERE open;
