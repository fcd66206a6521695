-- How somebody wants a kind of message to come by a channel, where that is not
-- at once. A person is a constituent, or an account of staff.
-- +goose Up
CREATE TABLE message_wishes (
    person_id  TEXT NOT NULL,
    kind       TEXT NOT NULL,
    channel    TEXT NOT NULL,
    wish       TEXT NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (person_id, kind, channel)
);

-- +goose Down
DROP TABLE message_wishes;
