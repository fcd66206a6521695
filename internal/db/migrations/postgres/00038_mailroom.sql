-- +goose Up
-- Mails that came in: one row each, found by their place in the mailbox or by a
-- digest of their Message-ID, so that none is read twice. No address or text.
CREATE TABLE inbound_mails (
    id           uuid PRIMARY KEY,
    box          text NOT NULL,
    uid_validity bigint NOT NULL,
    uid          bigint NOT NULL,
    size         bigint NOT NULL,
    message_key  text,
    state        text NOT NULL CHECK (state IN ('waiting', 'filed', 'replied', 'bounced', 'ignored', 'too_large')),
    reason       text NOT NULL DEFAULT '',
    case_id      uuid REFERENCES cases (id),
    found_at     timestamptz NOT NULL,
    done_at      timestamptz
);
CREATE UNIQUE INDEX inbound_mails_place_key ON inbound_mails (box, uid_validity, uid);
CREATE UNIQUE INDEX inbound_mails_message_key ON inbound_mails (message_key);
CREATE INDEX inbound_mails_found_idx ON inbound_mails (found_at);
CREATE INDEX inbound_mails_case_idx ON inbound_mails (case_id);

-- How the last look into a mailbox went, for whoever keeps it running.
CREATE TABLE mailboxes (
    box           text PRIMARY KEY,
    looked_at     timestamptz,
    failing_since timestamptz,
    tries         bigint NOT NULL DEFAULT 0,
    problem       text NOT NULL DEFAULT '',
    next_at       timestamptz
);

-- +goose Down
DROP TABLE mailboxes;
DROP TABLE inbound_mails;
