-- What people see of their sessions: the kind of browser as a short label, and
-- the masked network address sealed under the account's key.
-- A second factor: its secret and the state between password and code.
-- +goose Up
ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address_cipher BLOB;

CREATE TABLE second_factors (
    account_id    TEXT PRIMARY KEY NOT NULL REFERENCES accounts (id),
    secret_cipher BLOB NOT NULL,
    last_step     INTEGER NOT NULL DEFAULT 0,
    created_at    DATETIME NOT NULL,
    confirmed_at  DATETIME
);

CREATE TABLE recovery_codes (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    code_hash  BLOB NOT NULL,
    used_at    DATETIME,
    PRIMARY KEY (account_id, code_hash)
);

CREATE TABLE half_sign_ins (
    id         TEXT PRIMARY KEY NOT NULL,
    token_hash BLOB NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    expires_at DATETIME NOT NULL
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
