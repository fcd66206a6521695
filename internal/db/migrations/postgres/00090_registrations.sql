-- Registrations until a job has looked whether the address has an account already:
-- whoever asks waits the same time either way. Address and name are sealed under a
-- key of their own, which is destroyed with the row.
-- +goose Up
CREATE TABLE registrations (
    id            uuid PRIMARY KEY,
    vault_key_id  uuid NOT NULL REFERENCES vault_keys (id),
    email_cipher  bytea NOT NULL,
    name_cipher   bytea,
    password_hash text NOT NULL,
    locale        text NOT NULL,
    created_at    timestamptz NOT NULL
);
CREATE INDEX registrations_created_idx ON registrations (created_at);
CREATE INDEX registrations_vault_key_idx ON registrations (vault_key_id);

-- +goose Down
DROP TABLE registrations;
