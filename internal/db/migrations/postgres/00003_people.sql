-- +goose Up
-- Constituents, accounts, the roles that accounts hold for units, sessions and
-- access tokens. Names and addresses stand here only as ciphertext; they are
-- found by keyed hashes.
CREATE TABLE constituents (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('person', 'enterprise')),
    vault_key_id uuid NOT NULL REFERENCES vault_keys (id),
    name_cipher bytea,
    locale      text NOT NULL,
    merged_into_id uuid REFERENCES constituents (id),
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL
);

CREATE INDEX constituents_merged_idx ON constituents (merged_into_id) WHERE merged_into_id IS NOT NULL;

CREATE TABLE contact_points (
    id             uuid PRIMARY KEY,
    constituent_id uuid NOT NULL REFERENCES constituents (id),
    kind           text NOT NULL CHECK (kind IN ('phone', 'email', 'address')),
    value_cipher   bytea NOT NULL,
    blind_index    bytea NOT NULL,
    preferred      boolean NOT NULL DEFAULT false,
    verified_at    timestamptz,
    valid_from     timestamptz NOT NULL,
    valid_to       timestamptz,
    link_key       text NOT NULL,
    generation     bigint NOT NULL DEFAULT 1,
    version        bigint NOT NULL DEFAULT 1
);
CREATE INDEX contact_points_constituent_idx ON contact_points (constituent_id);
CREATE INDEX contact_points_blind_idx ON contact_points (blind_index);

CREATE TABLE accounts (
    id             uuid PRIMARY KEY,
    kind           text NOT NULL CHECK (kind IN ('citizen', 'staff', 'service')),
    login_index    bytea NOT NULL,
    vault_key_id   uuid NOT NULL REFERENCES vault_keys (id),
    email_cipher   bytea NOT NULL,
    name_cipher    bytea,
    constituent_id uuid REFERENCES constituents (id),
    unit_id        uuid REFERENCES units (id),
    password_hash  text NOT NULL DEFAULT '',
    locale         text NOT NULL,
    status         text NOT NULL CHECK (status IN ('unconfirmed', 'active', 'disabled')),
    demo           boolean NOT NULL DEFAULT false,
    link_key       text NOT NULL,
    generation     bigint NOT NULL DEFAULT 1,
    version        bigint NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL
);
CREATE UNIQUE INDEX accounts_login_key ON accounts (login_index);
CREATE INDEX accounts_unit_idx ON accounts (unit_id);
CREATE INDEX accounts_constituent_idx ON accounts (constituent_id);

CREATE TABLE grants (
    id            uuid PRIMARY KEY,
    account_id    uuid NOT NULL REFERENCES accounts (id),
    role          text NOT NULL,
    unit_id       uuid NOT NULL REFERENCES units (id),
    deputy_for_id uuid REFERENCES accounts (id),
    valid_from    timestamptz NOT NULL,
    valid_until   timestamptz,
    reason        text NOT NULL DEFAULT '',
    granted_by_id uuid REFERENCES accounts (id),
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL
);
CREATE INDEX grants_account_idx ON grants (account_id);
CREATE INDEX grants_unit_idx ON grants (unit_id);

CREATE TABLE sessions (
    id          uuid PRIMARY KEY,
    token_hash  bytea NOT NULL,
    account_id  uuid NOT NULL REFERENCES accounts (id),
    created_at  timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL
);
CREATE UNIQUE INDEX sessions_token_key ON sessions (token_hash);
CREATE INDEX sessions_account_idx ON sessions (account_id);
CREATE INDEX sessions_expires_idx ON sessions (expires_at);

-- Attempts to sign in, counted per address and per typed name, known or not;
-- subject is a keyed hash of either.
CREATE TABLE sign_in_counts (
    subject      bytea PRIMARY KEY,
    attempts     bigint NOT NULL,
    locks        bigint NOT NULL DEFAULT 0,
    since        timestamptz NOT NULL,
    locked_until timestamptz
);
CREATE INDEX sign_in_counts_since_idx ON sign_in_counts (since);

CREATE TABLE access_tokens (
    id           uuid PRIMARY KEY,
    account_id   uuid NOT NULL REFERENCES accounts (id),
    token_hash   bytea NOT NULL,
    name         text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    last_used_on date,
    revoked_at   timestamptz
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
