-- Life events are written like permit types: one draft of the next version per code,
-- published by somebody who did not write it.
-- +goose Up
ALTER TABLE life_events ADD COLUMN published_by_id TEXT REFERENCES accounts (id);
ALTER TABLE life_events ADD COLUMN written_by_id TEXT REFERENCES accounts (id);
ALTER TABLE life_events ADD COLUMN reason TEXT NOT NULL DEFAULT '';

CREATE TABLE life_event_drafts (
    id            TEXT NOT NULL PRIMARY KEY,
    code          TEXT NOT NULL UNIQUE,
    base_version  INTEGER NOT NULL,
    content       TEXT NOT NULL,
    writers       TEXT NOT NULL,
    written_by_id TEXT NOT NULL REFERENCES accounts (id),
    version       INTEGER NOT NULL DEFAULT 1,
    created_at    DATETIME NOT NULL,
    updated_at    DATETIME NOT NULL
);

-- +goose Down
DROP TABLE life_event_drafts;
ALTER TABLE life_events DROP COLUMN reason;
ALTER TABLE life_events DROP COLUMN written_by_id;
ALTER TABLE life_events DROP COLUMN published_by_id;
