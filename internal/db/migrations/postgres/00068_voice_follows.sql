-- Who follows a published question by mail without an account: the address under
-- a key of its own, which ends with it. Until its link was opened nothing but that
-- link is sent. Messages to them name the row, since they are to nobody's record.
-- +goose Up
CREATE TABLE voice_follows (
    id             uuid PRIMARY KEY,
    case_id        uuid NOT NULL REFERENCES cases (id),
    vault_key_id   uuid NOT NULL REFERENCES vault_keys (id),
    address_cipher bytea NOT NULL,
    address_index  bytea NOT NULL,
    locale         text NOT NULL,
    link_key       text NOT NULL,
    generation     bigint NOT NULL DEFAULT 1,
    asked_at       timestamptz NOT NULL,
    confirmed_at   timestamptz,
    bounced_at     timestamptz,
    version        bigint NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX voice_follows_case_key ON voice_follows (case_id, address_index);
CREATE INDEX voice_follows_address_idx ON voice_follows (address_index);
CREATE INDEX voice_follows_asked_idx ON voice_follows (asked_at) WHERE confirmed_at IS NULL;

ALTER TABLE deliveries DROP CONSTRAINT deliveries_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_check CHECK (constituent_id IS NOT NULL OR account_id IS NOT NULL OR about_id IS NOT NULL);

-- +goose Down
DELETE FROM deliveries WHERE constituent_id IS NULL AND account_id IS NULL;
ALTER TABLE deliveries DROP CONSTRAINT deliveries_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_check CHECK (constituent_id IS NOT NULL OR account_id IS NOT NULL);
DROP TABLE voice_follows;
