-- Who has messages that may wait gathered into one mail a day, at which minute of
-- the day, and which gathered mail a message left in.
-- +goose Up
CREATE TABLE mail_digests (
    person_id  TEXT PRIMARY KEY NOT NULL,
    minute     INTEGER NOT NULL CHECK (minute BETWEEN 0 AND 1439),
    created_at DATETIME NOT NULL
);
ALTER TABLE deliveries ADD COLUMN digest_id TEXT;
CREATE INDEX deliveries_digest_idx ON deliveries (digest_id) WHERE digest_id IS NOT NULL;
CREATE INDEX deliveries_held_idx ON deliveries (constituent_id, account_id) WHERE status = 'queued' AND reason = 'digest';

-- +goose Down
DROP INDEX deliveries_held_idx;
DROP INDEX deliveries_digest_idx;
ALTER TABLE deliveries DROP COLUMN digest_id;
DROP TABLE mail_digests;
