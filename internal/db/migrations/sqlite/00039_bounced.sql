-- When a mail to an address came back for good: nothing goes there until it is
-- proven again.
-- +goose Up
ALTER TABLE contact_points ADD COLUMN bounced_at DATETIME;

-- +goose Down
ALTER TABLE contact_points DROP COLUMN bounced_at;
