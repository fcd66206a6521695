-- Before a permit is revoked its holder is told what is intended and why, and may say what
-- they have to say until a day.
-- +goose Up
ALTER TABLE permit_proposals ADD COLUMN told_at DATETIME;
ALTER TABLE permit_proposals ADD COLUMN told_on DATE;
ALTER TABLE permit_proposals ADD COLUMN told_by_id TEXT REFERENCES accounts (id);
ALTER TABLE permit_proposals ADD COLUMN answer_by DATE;
ALTER TABLE permit_proposals ADD COLUMN statement TEXT NOT NULL DEFAULT '';
ALTER TABLE permit_proposals ADD COLUMN stated_at DATETIME;
ALTER TABLE permit_proposals ADD COLUMN stated_by_id TEXT REFERENCES accounts (id);

-- +goose Down
ALTER TABLE permit_proposals DROP COLUMN stated_by_id;
ALTER TABLE permit_proposals DROP COLUMN stated_at;
ALTER TABLE permit_proposals DROP COLUMN statement;
ALTER TABLE permit_proposals DROP COLUMN answer_by;
ALTER TABLE permit_proposals DROP COLUMN told_by_id;
ALTER TABLE permit_proposals DROP COLUMN told_on;
ALTER TABLE permit_proposals DROP COLUMN told_at;
