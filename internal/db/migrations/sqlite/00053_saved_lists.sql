-- Saved lists of the inbox: a view and its filters under a name, for oneself or
-- for everybody of one's unit. Words of a search are not kept. A list narrows
-- what its reader may see and never widens it.
-- +goose Up
CREATE TABLE saved_lists (
    id         TEXT PRIMARY KEY NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    unit_id    TEXT REFERENCES units (id),
    name       TEXT NOT NULL,
    query      TEXT NOT NULL,
    created_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX saved_lists_name_key ON saved_lists (account_id, name);
CREATE INDEX saved_lists_unit_idx ON saved_lists (unit_id);
CREATE TABLE saved_list_defaults (
    account_id TEXT PRIMARY KEY NOT NULL REFERENCES accounts (id),
    list_id    TEXT NOT NULL REFERENCES saved_lists (id) ON DELETE CASCADE
);
CREATE INDEX saved_list_defaults_list_idx ON saved_list_defaults (list_id);

-- +goose Down
DROP TABLE saved_list_defaults;
DROP TABLE saved_lists;
