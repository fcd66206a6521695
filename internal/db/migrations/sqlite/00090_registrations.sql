-- Registrations until a job has looked whether the address has an account already:
-- whoever asks waits the same time either way. Address and name are sealed under a
-- key of their own, which is destroyed with the row.
-- +goose Up
CREATE TABLE registrations (
    id            TEXT PRIMARY KEY NOT NULL,
    vault_key_id  TEXT NOT NULL REFERENCES vault_keys (id),
    email_cipher  BLOB NOT NULL,
    name_cipher   BLOB,
    password_hash TEXT NOT NULL,
    locale        TEXT NOT NULL,
    created_at    DATETIME NOT NULL
);
CREATE INDEX registrations_created_idx ON registrations (created_at);
CREATE INDEX registrations_vault_key_idx ON registrations (vault_key_id);

-- +goose Down
DROP TABLE registrations;
