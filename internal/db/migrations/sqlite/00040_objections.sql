-- A case that a unit sends back is an objection: who decides on it, which unit it
-- proposes, and which unit a superior has bound. The queues know what waits for a
-- decision and what came back. Which kinds of messages there are is the program's
-- to say, so that a new one needs no new table.
-- +goose Up
ALTER TABLE cases ADD COLUMN objection TEXT NOT NULL DEFAULT '' CHECK (objection IN ('', 'desk', 'superior'));
ALTER TABLE cases ADD COLUMN objection_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN proposed_id TEXT REFERENCES units (id);
ALTER TABLE cases ADD COLUMN ruler_id TEXT REFERENCES units (id);
ALTER TABLE cases ADD COLUMN bound_unit_id TEXT REFERENCES units (id);
ALTER TABLE case_units ADD COLUMN objection TEXT NOT NULL DEFAULT '';
ALTER TABLE case_units ADD COLUMN returned BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX case_units_objection_idx ON case_units (priority, queue_at, case_id) WHERE open AND objection <> '';
CREATE INDEX case_units_returned_idx ON case_units (priority, queue_at, case_id) WHERE open AND returned;
UPDATE case_units SET returned = true WHERE case_id IN (SELECT id FROM cases WHERE returned_count > 0);

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
INSERT INTO deliveries_next (id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version, about_id) SELECT id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version, about_id FROM deliveries WHERE kind IN ('case_received', 'info_requested', 'not_accepted', 'replied', 'concluded', 'confirm_address', 'code_renewed', 'appeal_decided', 'sign_in_code', 'phone_code', 'reset_password', 'password_changed', 'passkey_added', 'second_factor_off', 'provider_connected', 'clock_suspended', 'clock_resumed', 'clock_extended', 'clock_before', 'clock_due', 'clock_after');
DROP TABLE deliveries;
ALTER TABLE deliveries_next RENAME TO deliveries;
CREATE INDEX deliveries_case_idx ON deliveries (case_id, id);
CREATE INDEX deliveries_constituent_idx ON deliveries (constituent_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_account_idx ON deliveries (account_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_trouble_idx ON deliveries (status, id) WHERE status IN ('queued', 'sending', 'failed', 'uncertain');
DROP INDEX case_units_returned_idx;
DROP INDEX case_units_objection_idx;
ALTER TABLE case_units DROP COLUMN returned;
ALTER TABLE case_units DROP COLUMN objection;
ALTER TABLE cases DROP COLUMN bound_unit_id;
ALTER TABLE cases DROP COLUMN ruler_id;
ALTER TABLE cases DROP COLUMN proposed_id;
ALTER TABLE cases DROP COLUMN objection_reason;
ALTER TABLE cases DROP COLUMN objection;
