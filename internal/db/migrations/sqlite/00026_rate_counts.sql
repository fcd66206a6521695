-- What clients did within a window, for all servers together. The key is a
-- keyed hash of a route and an address or account.
-- +goose Up
CREATE TABLE rate_counts (
    key       BLOB NOT NULL,
    window_at DATETIME NOT NULL,
    n         INTEGER NOT NULL,
    PRIMARY KEY (key, window_at)
);
CREATE INDEX rate_counts_window_idx ON rate_counts (window_at);

-- +goose Down
DROP TABLE rate_counts;
