-- +goose Up
-- Mails that came in: one row each, found by their place in the mailbox or by a
-- digest of their Message-ID, so that none is read twice. No address or text.
CREATE TABLE inbound_mails (
    id           TEXT PRIMARY KEY NOT NULL,
    box          TEXT NOT NULL,
    uid_validity INTEGER NOT NULL,
    uid          INTEGER NOT NULL,
    size         INTEGER NOT NULL,
    message_key  TEXT,
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'filed', 'replied', 'bounced', 'ignored', 'too_large')),
    reason       TEXT NOT NULL DEFAULT '',
    case_id      TEXT REFERENCES cases (id),
    found_at     DATETIME NOT NULL,
    done_at      DATETIME
);
CREATE UNIQUE INDEX inbound_mails_place_key ON inbound_mails (box, uid_validity, uid);
CREATE UNIQUE INDEX inbound_mails_message_key ON inbound_mails (message_key);
CREATE INDEX inbound_mails_found_idx ON inbound_mails (found_at);
CREATE INDEX inbound_mails_case_idx ON inbound_mails (case_id);

-- How the last look into a mailbox went, for whoever keeps it running.
CREATE TABLE mailboxes (
    box           TEXT PRIMARY KEY NOT NULL,
    looked_at     DATETIME,
    failing_since DATETIME,
    tries         INTEGER NOT NULL DEFAULT 0,
    problem       TEXT NOT NULL DEFAULT '',
    next_at       DATETIME
);

-- +goose Down
DROP TABLE mailboxes;
DROP TABLE inbound_mails;
