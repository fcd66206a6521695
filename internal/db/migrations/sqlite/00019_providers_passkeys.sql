-- Signing in at an OpenID provider and by passkey. Which person of a provider
-- an account belongs to is a keyed hash, and sealed; grants say that they came
-- from a provider. What a browser has begun and not finished waits in
-- sign_in_steps and works once.
-- +goose Up
ALTER TABLE grants ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN provider TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN hint_cipher BLOB;
ALTER TABLE half_sign_ins ADD COLUMN provider TEXT NOT NULL DEFAULT '';
ALTER TABLE half_sign_ins ADD COLUMN hint_cipher BLOB;

CREATE TABLE external_identities (
    id             TEXT PRIMARY KEY NOT NULL,
    account_id     TEXT NOT NULL REFERENCES accounts (id),
    provider       TEXT NOT NULL,
    subject_index  BLOB NOT NULL,
    subject_cipher BLOB NOT NULL,
    created_at     DATETIME NOT NULL,
    used_at        DATETIME NOT NULL
);
CREATE UNIQUE INDEX external_identities_subject_key ON external_identities (subject_index);
CREATE INDEX external_identities_account_idx ON external_identities (account_id);

CREATE TABLE passkeys (
    id            TEXT PRIMARY KEY NOT NULL,
    account_id    TEXT NOT NULL REFERENCES accounts (id),
    credential_id BLOB NOT NULL,
    record_cipher BLOB NOT NULL,
    name_cipher   BLOB NOT NULL,
    sign_count    INTEGER NOT NULL,
    created_at    DATETIME NOT NULL,
    used_at       DATETIME
);
CREATE UNIQUE INDEX passkeys_credential_key ON passkeys (credential_id);
CREATE INDEX passkeys_account_idx ON passkeys (account_id);

CREATE TABLE sign_in_steps (
    id         TEXT PRIMARY KEY NOT NULL,
    token_hash BLOB NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('provider', 'connect', 'new_passkey', 'passkey', 'second_passkey', 'mail_code', 'phone_code', 'new_phone')),
    account_id TEXT REFERENCES accounts (id),
    body       TEXT NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0,
    expires_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX sign_in_steps_token_key ON sign_in_steps (token_hash);
CREATE INDEX sign_in_steps_account_idx ON sign_in_steps (account_id);
CREATE INDEX sign_in_steps_expires_idx ON sign_in_steps (expires_at);

-- +goose Down
DROP TABLE sign_in_steps;
DROP TABLE passkeys;
DROP TABLE external_identities;
ALTER TABLE half_sign_ins DROP COLUMN hint_cipher;
ALTER TABLE half_sign_ins DROP COLUMN provider;
ALTER TABLE sessions DROP COLUMN hint_cipher;
ALTER TABLE sessions DROP COLUMN provider;
ALTER TABLE grants DROP COLUMN source;
