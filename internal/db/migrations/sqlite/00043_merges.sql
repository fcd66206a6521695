-- Cases about the same thing are handled as one: all but the leading one are
-- merged into it, and each remembers how it stood, so that a mistake can be taken
-- back. duplicate says that the same person asks in the leading case too.
-- +goose Up
ALTER TABLE cases ADD COLUMN merged_into_id TEXT REFERENCES cases (id);
ALTER TABLE cases ADD COLUMN merged_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN duplicate BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX cases_merged_into_idx ON cases (merged_into_id) WHERE merged_into_id IS NOT NULL;

CREATE TABLE case_merges (
    id         TEXT PRIMARY KEY NOT NULL,
    case_id    TEXT NOT NULL REFERENCES cases (id),
    lead_id    TEXT NOT NULL REFERENCES cases (id),
    at         DATETIME NOT NULL,
    by_id      TEXT REFERENCES accounts (id),
    before     TEXT NOT NULL,
    lead_clock TEXT NOT NULL,
    undone_at  DATETIME
);
CREATE UNIQUE INDEX case_merges_open_key ON case_merges (case_id) WHERE undone_at IS NULL;
CREATE INDEX case_merges_lead_idx ON case_merges (lead_id, id);

CREATE TABLE deliveries_next (
    id             TEXT PRIMARY KEY NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('case_received', 'info_requested', 'not_accepted', 'replied', 'concluded', 'confirm_address', 'code_renewed', 'appeal_decided', 'sign_in_code', 'phone_code', 'reset_password', 'password_changed', 'passkey_added', 'second_factor_off', 'provider_connected', 'clock_suspended', 'clock_resumed', 'clock_extended', 'clock_before', 'clock_due', 'clock_after', 'case_merged', 'case_unmerged', 'joint_asked', 'joint_answered', 'joint_released', 'part_ended')),
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
INSERT INTO deliveries_next (id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version, about_id) SELECT id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version, about_id FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_next RENAME TO deliveries;
CREATE INDEX deliveries_case_idx ON deliveries (case_id, id);
CREATE INDEX deliveries_constituent_idx ON deliveries (constituent_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_account_idx ON deliveries (account_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_trouble_idx ON deliveries (status, id) WHERE status IN ('queued', 'sending', 'failed', 'uncertain');

-- +goose Down
CREATE TABLE deliveries_next (
    id             TEXT PRIMARY KEY NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('case_received', 'info_requested', 'not_accepted', 'replied', 'concluded', 'confirm_address', 'code_renewed', 'appeal_decided', 'sign_in_code', 'phone_code', 'reset_password', 'password_changed', 'passkey_added', 'second_factor_off', 'provider_connected', 'clock_suspended', 'clock_resumed', 'clock_extended', 'clock_before', 'clock_due', 'clock_after')),
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
INSERT INTO deliveries_next (id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version, about_id) SELECT id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version, about_id FROM deliveries
 WHERE kind NOT IN ('case_merged', 'case_unmerged', 'joint_asked', 'joint_answered', 'joint_released', 'part_ended');
DROP TABLE deliveries;
ALTER TABLE deliveries_next RENAME TO deliveries;
CREATE INDEX deliveries_case_idx ON deliveries (case_id, id);
CREATE INDEX deliveries_constituent_idx ON deliveries (constituent_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_account_idx ON deliveries (account_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_trouble_idx ON deliveries (status, id) WHERE status IN ('queued', 'sending', 'failed', 'uncertain');
DROP TABLE case_merges;
DROP INDEX cases_merged_into_idx;
ALTER TABLE cases DROP COLUMN duplicate;
ALTER TABLE cases DROP COLUMN merged_count;
ALTER TABLE cases DROP COLUMN merged_into_id;
