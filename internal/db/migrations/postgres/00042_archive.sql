-- A case may be reopened more than once, and goes to the archive by itself some
-- time after a result that nobody appealed: a year unless a rule says otherwise.
-- +goose Up
ALTER TABLE cases ADD COLUMN reopened_count bigint NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN archive_at timestamptz;
UPDATE cases SET archive_at = concluded_at + interval '365 days' WHERE status = 'concluded' AND NOT appealed AND concluded_at IS NOT NULL;
CREATE INDEX cases_archive_idx ON cases (archive_at, id) WHERE archive_at IS NOT NULL;

-- +goose Down
DROP INDEX cases_archive_idx;
ALTER TABLE cases DROP COLUMN archive_at;
ALTER TABLE cases DROP COLUMN reopened_count;
