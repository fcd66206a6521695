-- +goose Up
-- The newest cases of a matter, among which those alike are looked for.
CREATE INDEX cases_matter_idx ON cases (matter_id, received_at);

-- +goose Down
DROP INDEX cases_matter_idx;
