-- Counting open clocks anew after calendars or limits changed: which state of
-- them a run counts by, and how far it has come. A row without an end is gone on
-- with.
-- +goose Up
CREATE TABLE clock_recounts (
    id          uuid PRIMARY KEY,
    basis       text NOT NULL,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    last_due    timestamptz,
    last_case   uuid,
    seen        bigint NOT NULL DEFAULT 0,
    moved       bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX clock_recounts_open_key ON clock_recounts (basis) WHERE finished_at IS NULL;

-- +goose Down
DROP TABLE clock_recounts;
