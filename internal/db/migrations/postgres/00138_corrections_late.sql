-- A correction has a last day: when its applicant was reminded of it, and the ground of
-- a refusal that rests on its having passed.
-- +goose Up
ALTER TABLE permit_notices ADD COLUMN reminded_at timestamptz;
ALTER TABLE permit_notices ADD COLUMN due_told_at timestamptz;
CREATE INDEX permit_notices_open_idx ON permit_notices (due_on, id) WHERE answered_at IS NULL;
ALTER TABLE permit_decisions ADD COLUMN ground text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE permit_decisions DROP COLUMN ground;
DROP INDEX permit_notices_open_idx;
ALTER TABLE permit_notices DROP COLUMN due_told_at;
ALTER TABLE permit_notices DROP COLUMN reminded_at;
