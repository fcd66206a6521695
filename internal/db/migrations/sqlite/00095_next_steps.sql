-- What people do not want to be shown as their next step: the steps of one
-- rule, or of all where rule is empty.
-- +goose Up
CREATE TABLE next_step_offs (
    id             TEXT NOT NULL PRIMARY KEY,
    constituent_id TEXT NOT NULL REFERENCES constituents (id),
    rule           TEXT NOT NULL,
    at             DATETIME NOT NULL
);
CREATE UNIQUE INDEX next_step_offs_key ON next_step_offs (constituent_id, rule);

-- +goose Down
DROP TABLE next_step_offs;
