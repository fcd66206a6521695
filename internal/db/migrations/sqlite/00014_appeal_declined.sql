-- +goose Up
-- An appeal against the newest result was declined: it cannot be made again.
ALTER TABLE cases ADD COLUMN appeal_declined BOOLEAN NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE cases DROP COLUMN appeal_declined;
