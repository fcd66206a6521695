-- The hours in which somebody wants no messages, in minutes of the day, and
-- until when a message waits for their end.
-- +goose Up
CREATE TABLE quiet_hours (
    person_id  TEXT PRIMARY KEY NOT NULL,
    begins     INTEGER NOT NULL CHECK (begins BETWEEN 0 AND 1439),
    ends       INTEGER NOT NULL CHECK (ends BETWEEN 0 AND 1439),
    created_at DATETIME NOT NULL,
    CHECK (begins <> ends)
);
ALTER TABLE deliveries ADD COLUMN send_after DATETIME;

-- +goose Down
ALTER TABLE deliveries DROP COLUMN send_after;
DROP TABLE quiet_hours;
