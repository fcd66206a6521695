-- What clients did within a window, for all servers together. The key is a
-- keyed hash of a route and an address or account.
-- +goose Up
CREATE UNLOGGED TABLE rate_counts (
    key       bytea NOT NULL,
    window_at timestamptz NOT NULL,
    n         integer NOT NULL,
    PRIMARY KEY (key, window_at)
);
CREATE INDEX rate_counts_window_idx ON rate_counts (window_at);

-- +goose Down
DROP TABLE rate_counts;
