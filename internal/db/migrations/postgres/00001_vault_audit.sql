-- +goose Up

-- A data key per person (or per confidential case), wrapped by the key ring.
-- Destroying the row's `wrapped` erases everything sealed under it.
CREATE TABLE vault_keys (
    id           uuid PRIMARY KEY,
    owner_kind   text NOT NULL CHECK (owner_kind IN ('constituent', 'account', 'case', 'draft', 'system')),
    suite        text NOT NULL,
    ring_key     text NOT NULL,
    wrapped      bytea,
    created_at   timestamptz NOT NULL,
    destroyed_at timestamptz
);
CREATE INDEX vault_keys_ring_key_idx ON vault_keys (ring_key);

-- What was done, by whom, as whom. Rows are written beside the change that they
-- describe and never changed; audit_seals chains them afterwards, so that
-- parallel writers do not wait for each other's hash.
CREATE TABLE audit_entries (
    id            uuid PRIMARY KEY,
    at            timestamptz NOT NULL,
    actor_kind    text NOT NULL,
    account_id    uuid,
    as_account_id uuid,
    job           text NOT NULL DEFAULT '',
    ip            text NOT NULL DEFAULT '',
    request_id    text NOT NULL DEFAULT '',
    action        text NOT NULL,
    object_kind   text NOT NULL,
    object_id     text NOT NULL DEFAULT '',
    changes       jsonb NOT NULL DEFAULT '[]',
    reason        text NOT NULL DEFAULT '',
    digest        bytea NOT NULL
);
CREATE INDEX audit_entries_object_idx ON audit_entries (object_kind, object_id, id);

CREATE TABLE audit_seals (
    seq       bigint PRIMARY KEY,
    entry_id  uuid NOT NULL UNIQUE REFERENCES audit_entries (id),
    suite     text NOT NULL,
    previous  bytea NOT NULL,
    link      bytea NOT NULL,
    sealed_at timestamptz NOT NULL
);

-- Who read personal data in the clear, of whom and why.
CREATE TABLE audit_reads (
    id          uuid PRIMARY KEY,
    at          timestamptz NOT NULL,
    account_id  uuid,
    object_kind text NOT NULL,
    object_id   text NOT NULL,
    fields      text NOT NULL,
    reason      text NOT NULL,
    request_id  text NOT NULL DEFAULT ''
);
CREATE INDEX audit_reads_object_idx ON audit_reads (object_kind, object_id, id);

-- +goose Down
DROP TABLE audit_reads;
DROP TABLE audit_seals;
DROP TABLE audit_entries;
DROP TABLE vault_keys;
