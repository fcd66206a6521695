-- +goose Up

-- A data key per person (or per confidential case), wrapped by the key ring.
-- Destroying the row's `wrapped` erases everything sealed under it.
CREATE TABLE vault_keys (
    id           TEXT PRIMARY KEY NOT NULL,
    owner_kind   TEXT NOT NULL CHECK (owner_kind IN ('constituent', 'account', 'case', 'draft', 'system')),
    suite        TEXT NOT NULL,
    ring_key     TEXT NOT NULL,
    wrapped      BLOB,
    created_at   DATETIME NOT NULL,
    destroyed_at DATETIME
);
CREATE INDEX vault_keys_ring_key_idx ON vault_keys (ring_key);

-- What was done, by whom, as whom. Rows are written beside the change that they
-- describe and never changed; audit_seals chains them afterwards, so that
-- parallel writers do not wait for each other's hash.
CREATE TABLE audit_entries (
    id            TEXT PRIMARY KEY NOT NULL,
    at            DATETIME NOT NULL,
    actor_kind    TEXT NOT NULL,
    account_id    TEXT,
    as_account_id TEXT,
    job           TEXT NOT NULL DEFAULT '',
    ip            TEXT NOT NULL DEFAULT '',
    request_id    TEXT NOT NULL DEFAULT '',
    action        TEXT NOT NULL,
    object_kind   TEXT NOT NULL,
    object_id     TEXT NOT NULL DEFAULT '',
    changes       TEXT NOT NULL DEFAULT '[]',
    reason        TEXT NOT NULL DEFAULT '',
    digest        BLOB NOT NULL
);
CREATE INDEX audit_entries_object_idx ON audit_entries (object_kind, object_id, id);

CREATE TABLE audit_seals (
    seq       INTEGER PRIMARY KEY NOT NULL,
    entry_id  TEXT NOT NULL UNIQUE REFERENCES audit_entries (id),
    suite     TEXT NOT NULL,
    previous  BLOB NOT NULL,
    link      BLOB NOT NULL,
    sealed_at DATETIME NOT NULL
);

-- Who read personal data in the clear, of whom and why.
CREATE TABLE audit_reads (
    id          TEXT PRIMARY KEY NOT NULL,
    at          DATETIME NOT NULL,
    account_id  TEXT,
    object_kind TEXT NOT NULL,
    object_id   TEXT NOT NULL,
    fields      TEXT NOT NULL,
    reason      TEXT NOT NULL,
    request_id  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX audit_reads_object_idx ON audit_reads (object_kind, object_id, id);

-- +goose Down
DROP TABLE audit_reads;
DROP TABLE audit_seals;
DROP TABLE audit_entries;
DROP TABLE vault_keys;
