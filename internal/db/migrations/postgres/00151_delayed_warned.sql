-- When the owners of a campaign were warned that people who were to be told later, not
-- never, had not been told by their day. Nobody is warned of what was stopped before there
-- were warnings.
-- +goose Up
ALTER TABLE campaigns ADD COLUMN delayed_warned_at timestamptz;
UPDATE campaigns SET delayed_warned_at = ended_at WHERE entitlement AND state = 'stopped';

-- +goose Down
ALTER TABLE campaigns DROP COLUMN delayed_warned_at;
