-- +goose Up
-- People read their messages in the portal in the order in which they came: one of a
-- campaign has an id of the day on which that was written, and comes later.
CREATE INDEX deliveries_inapp_idx ON deliveries (constituent_id, created_at, id) WHERE channel = 'inapp';
DROP INDEX deliveries_constituent_idx;

-- +goose Down
DROP INDEX deliveries_inapp_idx;
CREATE INDEX deliveries_constituent_idx ON deliveries (constituent_id, id) WHERE channel = 'inapp';
