-- +goose Up
-- Two more messages: a new query code, and the decision on an appeal.
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
INSERT INTO deliveries_next SELECT * FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_next RENAME TO deliveries;
CREATE INDEX deliveries_case_idx ON deliveries (case_id, id);
CREATE INDEX deliveries_constituent_idx ON deliveries (constituent_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_account_idx ON deliveries (account_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_trouble_idx ON deliveries (status, id) WHERE status IN ('queued', 'sending', 'failed', 'uncertain');

-- +goose Down
CREATE TABLE deliveries_next (
    id             TEXT PRIMARY KEY NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('case_received', 'info_requested', 'not_accepted', 'replied', 'concluded', 'confirm_address')),
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
INSERT INTO deliveries_next SELECT * FROM deliveries WHERE kind NOT IN ('code_renewed', 'appeal_decided');
DROP TABLE deliveries;
ALTER TABLE deliveries_next RENAME TO deliveries;
CREATE INDEX deliveries_case_idx ON deliveries (case_id, id);
CREATE INDEX deliveries_constituent_idx ON deliveries (constituent_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_account_idx ON deliveries (account_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_trouble_idx ON deliveries (status, id) WHERE status IN ('queued', 'sending', 'failed', 'uncertain');
