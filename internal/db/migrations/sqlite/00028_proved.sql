-- When whoever is signed in last showed that it is still them; never since the
-- sign-in where it is empty.
-- +goose Up
ALTER TABLE sessions ADD COLUMN proved_at DATETIME;

-- +goose Down
ALTER TABLE sessions DROP COLUMN proved_at;
