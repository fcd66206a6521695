-- The words of messages where somebody changed them, with every version; the
-- newest is in force, and an empty one gives the built-in words back.
-- +goose Up
CREATE TABLE message_texts (
    kind       text NOT NULL,
    locale     text NOT NULL,
    channel    text NOT NULL,
    version    bigint NOT NULL,
    subject    text NOT NULL,
    body       text NOT NULL,
    account_id uuid,
    at         timestamptz NOT NULL,
    PRIMARY KEY (kind, locale, channel, version)
);

-- +goose Down
DROP TABLE message_texts;
