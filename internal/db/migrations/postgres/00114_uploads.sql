-- +goose Up
-- A large file on its way: what arrived of it, in sealed parts of one size, so that a
-- connection that is cut goes on where it was. It becomes a file once, and is swept
-- away after a day.
CREATE TABLE file_uploads (
    id           uuid PRIMARY KEY,
    account_id   uuid NOT NULL REFERENCES accounts (id),
    owner_id     text NOT NULL,
    place        text NOT NULL,
    name_cipher  bytea NOT NULL,
    size         bigint NOT NULL CHECK (size > 0),
    received     bigint NOT NULL CHECK (received >= 0 AND received <= size),
    digest       bytea,
    vault_key_id uuid NOT NULL,
    finishing_at timestamptz,
    file_id      uuid,
    created_at   timestamptz NOT NULL
);
CREATE INDEX file_uploads_account_idx ON file_uploads (account_id, id);
CREATE INDEX file_uploads_owner_idx ON file_uploads (owner_id, id);

CREATE TABLE file_upload_parts (
    upload_id uuid NOT NULL REFERENCES file_uploads (id) ON DELETE CASCADE,
    no        bigint NOT NULL CHECK (no >= 0),
    cipher    bytea NOT NULL,
    PRIMARY KEY (upload_id, no)
);

-- +goose Down
DROP TABLE file_upload_parts;
DROP TABLE file_uploads;
