-- A person's rights: a wish to be erased, what somebody agreed to or refused, and
-- what stays of an erased person: that there was one.
-- +goose Up
ALTER TABLE constituents ADD COLUMN erased_at DATETIME;
-- Under this key lie the reasons in the trail why somebody looked at the person.
-- It is destroyed with the person and never replaced: the trail cannot be changed.
ALTER TABLE constituents ADD COLUMN trail_key_id TEXT REFERENCES vault_keys (id);

-- A wish waits some days, in which it can be taken back.
CREATE TABLE erasures (
    id             TEXT PRIMARY KEY NOT NULL,
    constituent_id TEXT NOT NULL REFERENCES constituents (id),
    account_id     TEXT REFERENCES accounts (id),
    state          TEXT NOT NULL CHECK (state IN ('asked', 'cancelled', 'done')),
    asked_at       DATETIME NOT NULL,
    due_at         DATETIME NOT NULL,
    ended_at       DATETIME,
    cases          INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX erasures_asked_key ON erasures (constituent_id) WHERE state = 'asked';
CREATE INDEX erasures_due_idx ON erasures (due_at) WHERE state = 'asked';

-- Only added to: the newest row of a purpose and channel is what holds. The
-- digest is of the words that the person saw.
CREATE TABLE consents (
    id             TEXT PRIMARY KEY NOT NULL,
    constituent_id TEXT NOT NULL REFERENCES constituents (id),
    purpose        TEXT NOT NULL,
    channel        TEXT NOT NULL,
    given          BOOLEAN NOT NULL,
    wording        INTEGER NOT NULL,
    digest         BLOB NOT NULL,
    locale         TEXT NOT NULL,
    account_id     TEXT,
    request_id     TEXT NOT NULL DEFAULT '',
    at             DATETIME NOT NULL
);
CREATE INDEX consents_constituent_idx ON consents (constituent_id, id);

-- +goose StatementBegin
CREATE TRIGGER consents_stay BEFORE UPDATE ON consents
BEGIN
    SELECT RAISE(ABORT, 'the ledger of consents is only added to');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER consents_stay_whole BEFORE DELETE ON consents
BEGIN
    SELECT RAISE(ABORT, 'the ledger of consents is only added to');
END;
-- +goose StatementEnd

-- The file of an erased person is kept for its legal term and used for nothing else.
ALTER TABLE cases ADD COLUMN frozen_at DATETIME;

-- +goose Down
ALTER TABLE cases DROP COLUMN frozen_at;
DROP TABLE consents;
DROP TABLE erasures;
ALTER TABLE constituents DROP COLUMN trail_key_id;
ALTER TABLE constituents DROP COLUMN erased_at;
