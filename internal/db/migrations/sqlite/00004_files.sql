-- +goose Up
-- Attachments, what a citizen has typed so far, and answers kept for repeated requests.
-- Contents lie in the blob store, encrypted under a key of their own file.
CREATE TABLE files (
    id           TEXT PRIMARY KEY NOT NULL,
    owner_kind   TEXT NOT NULL CHECK (owner_kind IN ('draft', 'case', 'event')),
    owner_id     TEXT NOT NULL CHECK (owner_id <> ''),
    state        TEXT NOT NULL CHECK (state IN ('pending', 'stored', 'removed')),
    name_cipher  BLOB NOT NULL,
    media_type   TEXT NOT NULL,
    size         INTEGER NOT NULL CHECK (size >= 0),
    digest       BLOB,
    vault_key_id TEXT NOT NULL,
    key_cipher   BLOB NOT NULL,
    suite        TEXT NOT NULL,
    blob_key     TEXT NOT NULL,
    scan         TEXT NOT NULL CHECK (scan IN ('none', 'clean')),
    created_at   DATETIME NOT NULL,
    CHECK (state <> 'stored' OR digest IS NOT NULL)
);
CREATE UNIQUE INDEX files_blob_key ON files (blob_key);
CREATE INDEX files_owner_idx ON files (owner_kind, owner_id, id);
CREATE INDEX files_loose_idx ON files (id) WHERE state <> 'stored';

CREATE TABLE drafts (
    id           TEXT PRIMARY KEY NOT NULL,
    vault_key_id TEXT NOT NULL,
    cipher       BLOB NOT NULL,
    step         TEXT NOT NULL,
    version      INTEGER NOT NULL DEFAULT 1,
    updated_at   DATETIME NOT NULL,
    expires_at   DATETIME NOT NULL
);
CREATE INDEX drafts_expires_idx ON drafts (expires_at);

CREATE TABLE idempotency_keys (
    key_hash   TEXT PRIMARY KEY NOT NULL,
    body_hash  TEXT NOT NULL,
    status     INTEGER NOT NULL CHECK (status = 0 OR status BETWEEN 100 AND 599),
    response   BLOB NOT NULL,
    created_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL
);
CREATE INDEX idempotency_keys_expires_idx ON idempotency_keys (expires_at);

-- +goose Down
DROP TABLE idempotency_keys;
DROP TABLE drafts;
DROP TABLE files;
