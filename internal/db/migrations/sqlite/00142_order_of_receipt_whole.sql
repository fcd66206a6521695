-- SQLite knows no TRUNCATE: a DELETE without a condition fires the triggers of rows.
-- +goose Up
SELECT 1;

-- +goose Down
SELECT 1;
