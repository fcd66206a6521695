-- Counting open clocks anew after calendars or limits changed: which state of
-- them a run counts by, and how far it has come. A row without an end is gone on
-- with.
-- +goose Up
CREATE TABLE clock_recounts (
    id          TEXT PRIMARY KEY NOT NULL,
    basis       TEXT NOT NULL,
    started_at  DATETIME NOT NULL,
    finished_at DATETIME,
    last_due    DATETIME,
    last_case   TEXT,
    seen        INTEGER NOT NULL DEFAULT 0,
    moved       INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX clock_recounts_open_key ON clock_recounts (basis) WHERE finished_at IS NULL;

-- +goose Down
DROP TABLE clock_recounts;
