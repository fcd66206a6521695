-- What a clock warned of: once for each level and due time.
-- +goose Up
CREATE TABLE clock_warnings (
    case_id TEXT NOT NULL REFERENCES cases (id),
    kind    TEXT NOT NULL,
    no      INTEGER NOT NULL,
    level   INTEGER NOT NULL CHECK (level IN (1, 2, 3)),
    due_at  DATETIME NOT NULL,
    at      DATETIME NOT NULL,
    PRIMARY KEY (case_id, kind, no, level, due_at)
);

-- +goose Down
DROP TABLE clock_warnings;
