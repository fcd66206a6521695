-- A person's rights: a wish to be erased, what somebody agreed to or refused, and
-- what stays of an erased person: that there was one.
-- +goose Up
ALTER TABLE constituents ADD COLUMN erased_at timestamptz;
-- Under this key lie the reasons in the trail why somebody looked at the person.
-- It is destroyed with the person and never replaced: the trail cannot be changed.
ALTER TABLE constituents ADD COLUMN trail_key_id uuid REFERENCES vault_keys (id);

-- A wish waits some days, in which it can be taken back.
CREATE TABLE erasures (
    id             uuid PRIMARY KEY,
    constituent_id uuid NOT NULL REFERENCES constituents (id),
    account_id     uuid REFERENCES accounts (id),
    state          text NOT NULL CHECK (state IN ('asked', 'cancelled', 'done')),
    asked_at       timestamptz NOT NULL,
    due_at         timestamptz NOT NULL,
    ended_at       timestamptz,
    cases          bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX erasures_asked_key ON erasures (constituent_id) WHERE state = 'asked';
CREATE INDEX erasures_due_idx ON erasures (due_at) WHERE state = 'asked';

-- Only added to: the newest row of a purpose and channel is what holds. The
-- digest is of the words that the person saw.
CREATE TABLE consents (
    id             uuid PRIMARY KEY,
    constituent_id uuid NOT NULL REFERENCES constituents (id),
    purpose        text NOT NULL,
    channel        text NOT NULL,
    given          boolean NOT NULL,
    wording        bigint NOT NULL,
    digest         bytea NOT NULL,
    locale         text NOT NULL,
    account_id     uuid,
    request_id     text NOT NULL DEFAULT '',
    at             timestamptz NOT NULL
);
CREATE INDEX consents_constituent_idx ON consents (constituent_id, id);

-- +goose StatementBegin
CREATE FUNCTION consents_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger of consents is only added to' USING ERRCODE = 'check_violation';
END $$;
-- +goose StatementEnd
CREATE TRIGGER consents_stay BEFORE UPDATE OR DELETE ON consents FOR EACH ROW EXECUTE FUNCTION consents_stay();

-- The file of an erased person is kept for its legal term and used for nothing else.
ALTER TABLE cases ADD COLUMN frozen_at timestamptz;

-- +goose Down
ALTER TABLE cases DROP COLUMN frozen_at;
DROP TABLE consents;
DROP FUNCTION consents_stay();
DROP TABLE erasures;
ALTER TABLE constituents DROP COLUMN trail_key_id;
ALTER TABLE constituents DROP COLUMN erased_at;
