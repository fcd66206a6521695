-- When the owners of a campaign were warned that people who were to be told later, not
-- never, had not been told by their day.
-- +goose Up
ALTER TABLE campaigns ADD COLUMN delayed_warned_at DATETIME;

-- +goose Down
ALTER TABLE campaigns DROP COLUMN delayed_warned_at;
