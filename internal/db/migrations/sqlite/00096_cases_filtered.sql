-- +goose Up
-- The newest cases of a matter and of a place: what the desk filters by.
CREATE INDEX cases_matter_key_idx ON cases (matter_id, id);
CREATE INDEX cases_district_key_idx ON cases (district_id, id);

-- +goose Down
DROP INDEX cases_district_key_idx;
DROP INDEX cases_matter_key_idx;
