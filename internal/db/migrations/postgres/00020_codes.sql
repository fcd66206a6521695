-- Codes and links that are sent to sign in or to choose a new password, and
-- notices of what changed in an account. A code or link is derived from the id of
-- what it is about, never stored.
-- +goose Up
ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind_check CHECK (kind IN ('case_received', 'info_requested', 'not_accepted', 'replied', 'concluded', 'confirm_address', 'code_renewed', 'appeal_decided', 'sign_in_code', 'phone_code', 'reset_password', 'password_changed', 'passkey_added', 'second_factor_off', 'provider_connected'));
ALTER TABLE deliveries ADD COLUMN about_id uuid;

CREATE TABLE password_resets (
    id          uuid PRIMARY KEY,
    login_index bytea NOT NULL,
    account_id  uuid REFERENCES accounts (id),
    link_key    text NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz
);
CREATE INDEX password_resets_account_idx ON password_resets (account_id);
CREATE INDEX password_resets_expires_idx ON password_resets (expires_at);

-- The phone by which somebody may sign in. A number belongs to who proved it last.
CREATE TABLE account_phones (
    account_id   uuid PRIMARY KEY REFERENCES accounts (id),
    phone_index  bytea NOT NULL,
    phone_cipher bytea NOT NULL,
    verified_at  timestamptz NOT NULL
);
CREATE UNIQUE INDEX account_phones_phone_key ON account_phones (phone_index);

-- +goose Down
DROP TABLE account_phones;
DROP TABLE password_resets;
DELETE FROM deliveries WHERE kind IN ('sign_in_code', 'phone_code', 'reset_password', 'password_changed', 'passkey_added', 'second_factor_off', 'provider_connected');
ALTER TABLE deliveries DROP COLUMN about_id;
ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind_check CHECK (kind IN ('case_received', 'info_requested', 'not_accepted', 'replied', 'concluded', 'confirm_address', 'code_renewed', 'appeal_decided'));
