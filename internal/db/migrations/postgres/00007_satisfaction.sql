-- +goose Up
-- One evaluation per conclusion: five grades (国办发〔2019〕51号), whether it was
-- solved, and reasons. No answer is no row; nothing is ever filled in by default.
CREATE TABLE evaluations (
    id             uuid PRIMARY KEY,
    case_id        uuid NOT NULL REFERENCES cases (id),
    conclusion_no  bigint NOT NULL,
    grade          bigint NOT NULL CHECK (grade BETWEEN 1 AND 5),
    resolved       text NOT NULL CHECK (resolved IN ('yes', 'partly', 'no')),
    reasons        jsonb NOT NULL DEFAULT '[]',
    comment        text NOT NULL DEFAULT '',
    comment_cipher bytea,
    channel        text NOT NULL,
    form_version   bigint NOT NULL DEFAULT 1,
    evaluated_at   timestamptz NOT NULL,
    evaluated_on   date NOT NULL
);
CREATE UNIQUE INDEX evaluations_case_key ON evaluations (case_id, conclusion_no);
CREATE INDEX evaluations_evaluated_on_idx ON evaluations (evaluated_on, case_id);

-- +goose Down
DROP TABLE evaluations;
