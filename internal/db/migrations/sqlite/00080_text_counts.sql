-- How many texts about cases went to a number on a day, by a keyed hash of the
-- number; kept for two days.
-- +goose Up
CREATE TABLE text_counts (
    key BLOB NOT NULL,
    day TEXT NOT NULL,
    n   INTEGER NOT NULL,
    PRIMARY KEY (key, day)
);
CREATE INDEX text_counts_day_idx ON text_counts (day);

-- +goose Down
DROP TABLE text_counts;
