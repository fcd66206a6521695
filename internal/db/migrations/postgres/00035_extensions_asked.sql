-- Finds the cases in which more time was asked for and nobody decided yet: few.
-- +goose Up
CREATE INDEX cases_extension_idx ON cases (due_at, id) WHERE extension_asked <> '';

-- +goose Down
DROP INDEX cases_extension_idx;
