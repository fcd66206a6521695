-- How far the orders of units above are counted anew: after the clocks, in the
-- order of their cases. When somebody whom a caller did not reach was told of it,
-- and the day on which they were told that they are rung again.
-- +goose Up
ALTER TABLE clock_recounts ADD COLUMN last_order uuid;
ALTER TABLE callbacks ADD COLUMN missed_told_at timestamptz;
ALTER TABLE callbacks ADD COLUMN rings_on date;

-- +goose Down
ALTER TABLE callbacks DROP COLUMN rings_on;
ALTER TABLE callbacks DROP COLUMN missed_told_at;
ALTER TABLE clock_recounts DROP COLUMN last_order;
