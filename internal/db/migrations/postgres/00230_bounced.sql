-- Every message asks whether anything gets through to its address, whoever gave it. A
-- number that stands on thousands of cases was read thousands of times for that; of those
-- that nothing gets through to there are few.
-- +goose Up
CREATE INDEX contact_points_bounced_idx ON contact_points (blind_index) WHERE bounced_at IS NOT NULL;

-- +goose Down
DROP INDEX contact_points_bounced_idx;
