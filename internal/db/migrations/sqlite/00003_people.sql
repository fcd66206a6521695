-- +goose Up
-- Constituents, accounts, the roles that accounts hold for units, sessions and
-- access tokens. Names and addresses stand here only as ciphertext; they are
-- found by keyed hashes.
CREATE TABLE constituents (
    id          TEXT PRIMARY KEY NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('person', 'enterprise')),
    vault_key_id TEXT NOT NULL REFERENCES vault_keys (id),
    name_cipher BLOB,
    locale      TEXT NOT NULL,
    merged_into_id TEXT REFERENCES constituents (id),
    version     INTEGER NOT NULL DEFAULT 1,
    created_at  DATETIME NOT NULL
);

CREATE INDEX constituents_merged_idx ON constituents (merged_into_id) WHERE merged_into_id IS NOT NULL;

CREATE TABLE contact_points (
    id             TEXT PRIMARY KEY NOT NULL,
    constituent_id TEXT NOT NULL REFERENCES constituents (id),
    kind           TEXT NOT NULL CHECK (kind IN ('phone', 'email', 'address')),
    value_cipher   BLOB NOT NULL,
    blind_index    BLOB NOT NULL,
    preferred      BOOLEAN NOT NULL DEFAULT false,
    verified_at    DATETIME,
    valid_from     DATETIME NOT NULL,
    valid_to       DATETIME,
    link_key       TEXT NOT NULL,
    generation     INTEGER NOT NULL DEFAULT 1,
    version        INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX contact_points_constituent_idx ON contact_points (constituent_id);
CREATE INDEX contact_points_blind_idx ON contact_points (blind_index);

CREATE TABLE accounts (
    id             TEXT PRIMARY KEY NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('citizen', 'staff', 'service')),
    login_index    BLOB NOT NULL,
    vault_key_id   TEXT NOT NULL REFERENCES vault_keys (id),
    email_cipher   BLOB NOT NULL,
    name_cipher    BLOB,
    constituent_id TEXT REFERENCES constituents (id),
    unit_id        TEXT REFERENCES units (id),
    password_hash  TEXT NOT NULL DEFAULT '',
    locale         TEXT NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('unconfirmed', 'active', 'disabled')),
    demo           BOOLEAN NOT NULL DEFAULT false,
    link_key       TEXT NOT NULL,
    generation     INTEGER NOT NULL DEFAULT 1,
    version        INTEGER NOT NULL DEFAULT 1,
    created_at     DATETIME NOT NULL
);
CREATE UNIQUE INDEX accounts_login_key ON accounts (login_index);
CREATE INDEX accounts_unit_idx ON accounts (unit_id);
CREATE INDEX accounts_constituent_idx ON accounts (constituent_id);

CREATE TABLE grants (
    id            TEXT PRIMARY KEY NOT NULL,
    account_id    TEXT NOT NULL REFERENCES accounts (id),
    role          TEXT NOT NULL,
    unit_id       TEXT NOT NULL REFERENCES units (id),
    deputy_for_id TEXT REFERENCES accounts (id),
    valid_from    DATETIME NOT NULL,
    valid_until   DATETIME,
    reason        TEXT NOT NULL DEFAULT '',
    granted_by_id TEXT REFERENCES accounts (id),
    version       INTEGER NOT NULL DEFAULT 1,
    created_at    DATETIME NOT NULL
);
CREATE INDEX grants_account_idx ON grants (account_id);
CREATE INDEX grants_unit_idx ON grants (unit_id);

CREATE TABLE sessions (
    id          TEXT PRIMARY KEY NOT NULL,
    token_hash  BLOB NOT NULL,
    account_id  TEXT NOT NULL REFERENCES accounts (id),
    created_at  DATETIME NOT NULL,
    seen_at     DATETIME NOT NULL,
    expires_at  DATETIME NOT NULL
);
CREATE UNIQUE INDEX sessions_token_key ON sessions (token_hash);
CREATE INDEX sessions_account_idx ON sessions (account_id);
CREATE INDEX sessions_expires_idx ON sessions (expires_at);

-- Attempts to sign in, counted per address and per typed name, known or not;
-- subject is a keyed hash of either.
CREATE TABLE sign_in_counts (
    subject      BLOB PRIMARY KEY NOT NULL,
    attempts     INTEGER NOT NULL,
    locks        INTEGER NOT NULL DEFAULT 0,
    since        DATETIME NOT NULL,
    locked_until DATETIME
);
CREATE INDEX sign_in_counts_since_idx ON sign_in_counts (since);

CREATE TABLE access_tokens (
    id           TEXT PRIMARY KEY NOT NULL,
    account_id   TEXT NOT NULL REFERENCES accounts (id),
    token_hash   BLOB NOT NULL,
    name         TEXT NOT NULL DEFAULT '',
    created_at   DATETIME NOT NULL,
    expires_at   DATETIME NOT NULL,
    last_used_on DATE,
    revoked_at   DATETIME
);
CREATE UNIQUE INDEX access_tokens_token_key ON access_tokens (token_hash);
CREATE INDEX access_tokens_account_idx ON access_tokens (account_id);

-- +goose Down
DROP TABLE access_tokens;
DROP TABLE sign_in_counts;
DROP TABLE sessions;
DROP TABLE grants;
DROP TABLE accounts;
DROP TABLE contact_points;
DROP TABLE constituents;
