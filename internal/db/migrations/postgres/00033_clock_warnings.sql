-- What a clock warned of: once for each level and due time.
-- +goose Up
CREATE TABLE clock_warnings (
    case_id uuid NOT NULL REFERENCES cases (id),
    kind    text COLLATE "C" NOT NULL,
    no      bigint NOT NULL,
    level   bigint NOT NULL CHECK (level IN (1, 2, 3)),
    due_at  timestamptz NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (case_id, kind, no, level, due_at)
);

-- +goose Down
DROP TABLE clock_warnings;
