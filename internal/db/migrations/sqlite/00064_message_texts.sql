-- The words of messages where somebody changed them, with every version; the
-- newest is in force, and an empty one gives the built-in words back.
-- +goose Up
CREATE TABLE message_texts (
    kind       TEXT NOT NULL,
    locale     TEXT NOT NULL,
    channel    TEXT NOT NULL,
    version    INTEGER NOT NULL,
    subject    TEXT NOT NULL,
    body       TEXT NOT NULL,
    account_id TEXT,
    at         DATETIME NOT NULL,
    PRIMARY KEY (kind, locale, channel, version)
);

-- +goose Down
DROP TABLE message_texts;
