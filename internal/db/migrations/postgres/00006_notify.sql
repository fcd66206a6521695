-- +goose Up
-- What was told to whom: one row a message and channel. The row is the log and
-- the state of the sending; addresses lie encrypted, texts are made from ids when
-- they are sent. A mail whose outcome a crash hid is `uncertain` and stays so.
CREATE TABLE deliveries (
    id             uuid PRIMARY KEY,
    kind           text NOT NULL CHECK (kind IN ('case_received', 'info_requested', 'not_accepted', 'replied', 'concluded', 'confirm_address')),
    channel        text NOT NULL CHECK (channel IN ('inapp', 'mail', 'sms')),
    case_id        uuid REFERENCES cases (id),
    constituent_id uuid REFERENCES constituents (id),
    account_id     uuid REFERENCES accounts (id),
    locale         text NOT NULL,
    address_cipher bytea,
    proven         boolean NOT NULL,
    status         text NOT NULL CHECK (status IN ('queued', 'sending', 'sent', 'failed', 'uncertain', 'suppressed', 'read')),
    reason         text NOT NULL DEFAULT '',
    message_id     text NOT NULL DEFAULT '',
    attempts       bigint NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL,
    sent_at        timestamptz,
    read_at        timestamptz,
    version        bigint NOT NULL DEFAULT 1,
    CHECK (constituent_id IS NOT NULL OR account_id IS NOT NULL)
);
CREATE INDEX deliveries_case_idx ON deliveries (case_id, id);
CREATE INDEX deliveries_constituent_idx ON deliveries (constituent_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_account_idx ON deliveries (account_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_trouble_idx ON deliveries (status, id) WHERE status IN ('queued', 'sending', 'failed', 'uncertain');

-- +goose Down
DROP TABLE deliveries;
