-- +goose Up
-- Attachments, what a citizen has typed so far, and answers kept for repeated requests.
-- Contents lie in the blob store, encrypted under a key of their own file.
CREATE TABLE files (
    id           uuid PRIMARY KEY,
    owner_kind   text NOT NULL CHECK (owner_kind IN ('draft', 'case', 'event')),
    owner_id     text COLLATE "C" NOT NULL CHECK (owner_id <> ''),
    state        text NOT NULL CHECK (state IN ('pending', 'stored', 'removed')),
    name_cipher  bytea NOT NULL,
    media_type   text NOT NULL,
    size         bigint NOT NULL CHECK (size >= 0),
    digest       bytea,
    vault_key_id uuid NOT NULL,
    key_cipher   bytea NOT NULL,
    suite        text NOT NULL,
    blob_key     text COLLATE "C" NOT NULL,
    scan         text NOT NULL CHECK (scan IN ('none', 'clean')),
    created_at   timestamptz NOT NULL,
    CHECK (state <> 'stored' OR digest IS NOT NULL)
);
CREATE UNIQUE INDEX files_blob_key ON files (blob_key);
CREATE INDEX files_owner_idx ON files (owner_kind, owner_id, id);
CREATE INDEX files_loose_idx ON files (id) WHERE state <> 'stored';

CREATE TABLE drafts (
    id           text COLLATE "C" PRIMARY KEY,
    vault_key_id uuid NOT NULL,
    cipher       bytea NOT NULL,
    step         text NOT NULL,
    version      bigint NOT NULL DEFAULT 1,
    updated_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);
CREATE INDEX drafts_expires_idx ON drafts (expires_at);

CREATE TABLE idempotency_keys (
    key_hash   text COLLATE "C" PRIMARY KEY,
    body_hash  text COLLATE "C" NOT NULL,
    status     bigint NOT NULL CHECK (status = 0 OR status BETWEEN 100 AND 599),
    response   bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX idempotency_keys_expires_idx ON idempotency_keys (expires_at);

-- +goose Down
DROP TABLE idempotency_keys;
DROP TABLE drafts;
DROP TABLE files;
