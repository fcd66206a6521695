-- +goose Up
-- A large file on its way: what arrived of it, in sealed parts of one size, so that a
-- connection that is cut goes on where it was. It becomes a file once, and is swept
-- away after a day.
CREATE TABLE file_uploads (
    id           TEXT NOT NULL PRIMARY KEY,
    account_id   TEXT NOT NULL REFERENCES accounts (id),
    owner_id     TEXT NOT NULL,
    place        TEXT NOT NULL,
    name_cipher  BLOB NOT NULL,
    size         INTEGER NOT NULL CHECK (size > 0),
    received     INTEGER NOT NULL CHECK (received >= 0 AND received <= size),
    digest       BLOB,
    vault_key_id TEXT NOT NULL,
    finishing_at DATETIME,
    file_id      TEXT,
    created_at   DATETIME NOT NULL
);
CREATE INDEX file_uploads_account_idx ON file_uploads (account_id, id);
CREATE INDEX file_uploads_owner_idx ON file_uploads (owner_id, id);

CREATE TABLE file_upload_parts (
    upload_id TEXT NOT NULL REFERENCES file_uploads (id) ON DELETE CASCADE,
    no        INTEGER NOT NULL CHECK (no >= 0),
    cipher    BLOB NOT NULL,
    PRIMARY KEY (upload_id, no)
);

-- +goose Down
DROP TABLE file_upload_parts;
DROP TABLE file_uploads;
