-- Codes and links that are sent to sign in or to choose a new password, and
-- notices of what changed in an account. A code or link is derived from the id of
-- what it is about, never stored.
-- +goose Up
CREATE TABLE deliveries_next (
    id             TEXT PRIMARY KEY NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('case_received', 'info_requested', 'not_accepted', 'replied', 'concluded', 'confirm_address', 'code_renewed', 'appeal_decided', 'sign_in_code', 'phone_code', 'reset_password', 'password_changed', 'passkey_added', 'second_factor_off', 'provider_connected')),
    channel        TEXT NOT NULL CHECK (channel IN ('inapp', 'mail', 'sms')),
    case_id        TEXT REFERENCES cases (id),
    constituent_id TEXT REFERENCES constituents (id),
    account_id     TEXT REFERENCES accounts (id),
    locale         TEXT NOT NULL,
    address_cipher BLOB,
    proven         BOOLEAN NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('queued', 'sending', 'sent', 'failed', 'uncertain', 'suppressed', 'read')),
    reason         TEXT NOT NULL DEFAULT '',
    message_id     TEXT NOT NULL DEFAULT '',
    attempts       INTEGER NOT NULL DEFAULT 0,
    created_at     DATETIME NOT NULL,
    sent_at        DATETIME,
    read_at        DATETIME,
    version        INTEGER NOT NULL DEFAULT 1,
    about_id       TEXT,
    CHECK (constituent_id IS NOT NULL OR account_id IS NOT NULL)
);
INSERT INTO deliveries_next (id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version) SELECT id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_next RENAME TO deliveries;
CREATE INDEX deliveries_case_idx ON deliveries (case_id, id);
CREATE INDEX deliveries_constituent_idx ON deliveries (constituent_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_account_idx ON deliveries (account_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_trouble_idx ON deliveries (status, id) WHERE status IN ('queued', 'sending', 'failed', 'uncertain');

CREATE TABLE password_resets (
    id          TEXT PRIMARY KEY NOT NULL,
    login_index BLOB NOT NULL,
    account_id  TEXT REFERENCES accounts (id),
    link_key    TEXT NOT NULL,
    expires_at  DATETIME NOT NULL,
    used_at     DATETIME
);
CREATE INDEX password_resets_account_idx ON password_resets (account_id);
CREATE INDEX password_resets_expires_idx ON password_resets (expires_at);

-- The phone by which somebody may sign in. A number belongs to who proved it last.
CREATE TABLE account_phones (
    account_id   TEXT PRIMARY KEY NOT NULL REFERENCES accounts (id),
    phone_index  BLOB NOT NULL,
    phone_cipher BLOB NOT NULL,
    verified_at  DATETIME NOT NULL
);
CREATE UNIQUE INDEX account_phones_phone_key ON account_phones (phone_index);

-- +goose Down
DROP TABLE account_phones;
DROP TABLE password_resets;
CREATE TABLE deliveries_next (
    id             TEXT PRIMARY KEY NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('case_received', 'info_requested', 'not_accepted', 'replied', 'concluded', 'confirm_address', 'code_renewed', 'appeal_decided')),
    channel        TEXT NOT NULL CHECK (channel IN ('inapp', 'mail', 'sms')),
    case_id        TEXT REFERENCES cases (id),
    constituent_id TEXT REFERENCES constituents (id),
    account_id     TEXT REFERENCES accounts (id),
    locale         TEXT NOT NULL,
    address_cipher BLOB,
    proven         BOOLEAN NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('queued', 'sending', 'sent', 'failed', 'uncertain', 'suppressed', 'read')),
    reason         TEXT NOT NULL DEFAULT '',
    message_id     TEXT NOT NULL DEFAULT '',
    attempts       INTEGER NOT NULL DEFAULT 0,
    created_at     DATETIME NOT NULL,
    sent_at        DATETIME,
    read_at        DATETIME,
    version        INTEGER NOT NULL DEFAULT 1,
    CHECK (constituent_id IS NOT NULL OR account_id IS NOT NULL)
);
INSERT INTO deliveries_next (id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version) SELECT id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version FROM deliveries WHERE NOT kind IN ('sign_in_code', 'phone_code', 'reset_password', 'password_changed', 'passkey_added', 'second_factor_off', 'provider_connected');
DROP TABLE deliveries;
ALTER TABLE deliveries_next RENAME TO deliveries;
CREATE INDEX deliveries_case_idx ON deliveries (case_id, id);
CREATE INDEX deliveries_constituent_idx ON deliveries (constituent_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_account_idx ON deliveries (account_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_trouble_idx ON deliveries (status, id) WHERE status IN ('queued', 'sending', 'failed', 'uncertain');
