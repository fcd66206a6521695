-- What people see of their sessions: the kind of browser as a short label, and
-- the masked network address sealed under the account's key.
-- +goose Up
ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address_cipher BLOB;

-- +goose Down
ALTER TABLE sessions DROP COLUMN address_cipher;
ALTER TABLE sessions DROP COLUMN browser;
