-- Applications that a clerk writes down at a counter for whoever comes with papers
-- (行政許可法 art. 26, 29): at which desk, and, sealed, for whom, who came, and how it was
-- signed. Until it is sent only that desk sees it.
-- +goose Up
ALTER TABLE permit_applications ADD COLUMN counter_unit_id TEXT REFERENCES units (id);
ALTER TABLE permit_applications ADD COLUMN counter_cipher BLOB;
CREATE INDEX permit_applications_counter_idx ON permit_applications (counter_unit_id, updated_at, id) WHERE counter_unit_id IS NOT NULL;

-- +goose Down
DROP INDEX permit_applications_counter_idx;
ALTER TABLE permit_applications DROP COLUMN counter_cipher;
ALTER TABLE permit_applications DROP COLUMN counter_unit_id;
