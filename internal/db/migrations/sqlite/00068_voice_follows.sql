-- Who follows a published question by mail without an account: the address under
-- a key of its own, which ends with it. Until its link was opened nothing but that
-- link is sent. Messages to them name the row, since they are to nobody's record.
-- +goose Up
CREATE TABLE voice_follows (
    id             TEXT PRIMARY KEY NOT NULL,
    case_id        TEXT NOT NULL REFERENCES cases (id),
    vault_key_id   TEXT NOT NULL REFERENCES vault_keys (id),
    address_cipher BLOB NOT NULL,
    address_index  BLOB NOT NULL,
    locale         TEXT NOT NULL,
    link_key       TEXT NOT NULL,
    generation     INTEGER NOT NULL DEFAULT 1,
    asked_at       DATETIME NOT NULL,
    confirmed_at   DATETIME,
    bounced_at     DATETIME,
    version        INTEGER NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX voice_follows_case_key ON voice_follows (case_id, address_index);
CREATE INDEX voice_follows_address_idx ON voice_follows (address_index);
CREATE INDEX voice_follows_asked_idx ON voice_follows (asked_at) WHERE confirmed_at IS NULL;

CREATE TABLE deliveries_next (
    id             TEXT PRIMARY KEY NOT NULL,
    kind           TEXT NOT NULL CHECK (kind <> ''),
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
    send_after     DATETIME,
    digest_id      TEXT,
    CHECK (constituent_id IS NOT NULL OR account_id IS NOT NULL OR about_id IS NOT NULL)
);
INSERT INTO deliveries_next (id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version, about_id, send_after, digest_id) SELECT id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version, about_id, send_after, digest_id FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_next RENAME TO deliveries;
CREATE INDEX deliveries_case_idx ON deliveries (case_id, id);
CREATE INDEX deliveries_constituent_idx ON deliveries (constituent_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_account_idx ON deliveries (account_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_trouble_idx ON deliveries (status, id) WHERE status IN ('queued', 'sending', 'failed', 'uncertain');
CREATE INDEX deliveries_digest_idx ON deliveries (digest_id) WHERE digest_id IS NOT NULL;
CREATE INDEX deliveries_held_idx ON deliveries (constituent_id, account_id) WHERE status = 'queued' AND reason = 'digest';

-- +goose Down
CREATE TABLE deliveries_next (
    id             TEXT PRIMARY KEY NOT NULL,
    kind           TEXT NOT NULL CHECK (kind <> ''),
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
    send_after     DATETIME,
    digest_id      TEXT,
    CHECK (constituent_id IS NOT NULL OR account_id IS NOT NULL)
);
INSERT INTO deliveries_next (id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version, about_id, send_after, digest_id) SELECT id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version, about_id, send_after, digest_id FROM deliveries WHERE constituent_id IS NOT NULL OR account_id IS NOT NULL;
DROP TABLE deliveries;
ALTER TABLE deliveries_next RENAME TO deliveries;
CREATE INDEX deliveries_case_idx ON deliveries (case_id, id);
CREATE INDEX deliveries_constituent_idx ON deliveries (constituent_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_account_idx ON deliveries (account_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_trouble_idx ON deliveries (status, id) WHERE status IN ('queued', 'sending', 'failed', 'uncertain');
CREATE INDEX deliveries_digest_idx ON deliveries (digest_id) WHERE digest_id IS NOT NULL;
CREATE INDEX deliveries_held_idx ON deliveries (constituent_id, account_id) WHERE status = 'queued' AND reason = 'digest';
DROP TABLE voice_follows;
