-- When a mail to an address came back for good: nothing goes there until it is
-- proven again. To an account's own address codes and links still go.
-- +goose Up
ALTER TABLE contact_points ADD COLUMN bounced_at DATETIME;
ALTER TABLE accounts ADD COLUMN bounced_at DATETIME;

-- +goose Down
ALTER TABLE accounts DROP COLUMN bounced_at;
ALTER TABLE contact_points DROP COLUMN bounced_at;
