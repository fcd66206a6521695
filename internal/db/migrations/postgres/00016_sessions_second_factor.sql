-- What people see of their sessions: the kind of browser as a short label, and
-- the masked network address sealed under the account's key.
-- A second factor: its secret and the state between password and code.
-- +goose Up
ALTER TABLE sessions ADD COLUMN browser text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address_cipher bytea;

CREATE TABLE second_factors (
    account_id    uuid PRIMARY KEY REFERENCES accounts (id),
    secret_cipher bytea NOT NULL,
    last_step     bigint NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL,
    confirmed_at  timestamptz
);

CREATE TABLE recovery_codes (
    account_id uuid NOT NULL REFERENCES accounts (id),
    code_hash  bytea NOT NULL,
    used_at    timestamptz,
    PRIMARY KEY (account_id, code_hash)
);

CREATE TABLE half_sign_ins (
    id         uuid PRIMARY KEY,
    token_hash bytea NOT NULL,
    account_id uuid NOT NULL REFERENCES accounts (id),
    expires_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX half_sign_ins_token_key ON half_sign_ins (token_hash);
CREATE INDEX half_sign_ins_account_idx ON half_sign_ins (account_id);
CREATE INDEX half_sign_ins_expires_idx ON half_sign_ins (expires_at);

-- +goose Down
DROP TABLE half_sign_ins;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
ALTER TABLE sessions DROP COLUMN address_cipher;
ALTER TABLE sessions DROP COLUMN browser;
