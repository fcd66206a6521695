-- A case that several units do parts of, each a case of its own below it, which
-- the citizen does not see. parts_open counts those that have not ended.
-- +goose Up
ALTER TABLE cases ADD COLUMN parent_id uuid REFERENCES cases (id);
ALTER TABLE cases ADD COLUMN parts_open bigint NOT NULL DEFAULT 0;
CREATE INDEX cases_parent_idx ON cases (parent_id) WHERE parent_id IS NOT NULL;

-- +goose Down
DROP INDEX cases_parent_idx;
ALTER TABLE cases DROP COLUMN parts_open;
ALTER TABLE cases DROP COLUMN parent_id;
