-- Life events are written like permit types: one draft of the next version per code,
-- published by somebody who did not write it.
-- +goose Up
ALTER TABLE life_events ADD COLUMN published_by_id uuid REFERENCES accounts (id);
ALTER TABLE life_events ADD COLUMN written_by_id uuid REFERENCES accounts (id);
ALTER TABLE life_events ADD COLUMN reason text NOT NULL DEFAULT '';

CREATE TABLE life_event_drafts (
    id            uuid NOT NULL PRIMARY KEY,
    code          text NOT NULL UNIQUE,
    base_version  bigint NOT NULL,
    content       text NOT NULL,
    writers       text NOT NULL,
    written_by_id uuid NOT NULL REFERENCES accounts (id),
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);

-- +goose Down
DROP TABLE life_event_drafts;
ALTER TABLE life_events DROP COLUMN reason;
ALTER TABLE life_events DROP COLUMN written_by_id;
ALTER TABLE life_events DROP COLUMN published_by_id;
