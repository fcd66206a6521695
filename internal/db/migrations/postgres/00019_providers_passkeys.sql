-- Signing in at an OpenID provider and by passkey. Which person of a provider
-- an account belongs to is a keyed hash, and sealed; grants say that they came
-- from a provider. What a browser has begun and not finished waits in
-- sign_in_steps and works once.
-- +goose Up
ALTER TABLE grants ADD COLUMN source text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN provider text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN hint_cipher bytea;
ALTER TABLE half_sign_ins ADD COLUMN provider text NOT NULL DEFAULT '';
ALTER TABLE half_sign_ins ADD COLUMN hint_cipher bytea;

CREATE TABLE external_identities (
    id             uuid PRIMARY KEY,
    account_id     uuid NOT NULL REFERENCES accounts (id),
    provider       text NOT NULL,
    subject_index  bytea NOT NULL,
    subject_cipher bytea NOT NULL,
    created_at     timestamptz NOT NULL,
    used_at        timestamptz NOT NULL
);
CREATE UNIQUE INDEX external_identities_subject_key ON external_identities (subject_index);
CREATE INDEX external_identities_account_idx ON external_identities (account_id);

CREATE TABLE passkeys (
    id            uuid PRIMARY KEY,
    account_id    uuid NOT NULL REFERENCES accounts (id),
    credential_id bytea NOT NULL,
    record_cipher bytea NOT NULL,
    name_cipher   bytea NOT NULL,
    sign_count    bigint NOT NULL,
    created_at    timestamptz NOT NULL,
    used_at       timestamptz
);
CREATE UNIQUE INDEX passkeys_credential_key ON passkeys (credential_id);
CREATE INDEX passkeys_account_idx ON passkeys (account_id);

CREATE TABLE sign_in_steps (
    id         uuid PRIMARY KEY,
    token_hash bytea NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('provider', 'connect', 'new_passkey', 'passkey', 'second_passkey', 'mail_code', 'phone_code', 'new_phone')),
    account_id uuid REFERENCES accounts (id),
    body       jsonb NOT NULL,
    tries      bigint NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
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
