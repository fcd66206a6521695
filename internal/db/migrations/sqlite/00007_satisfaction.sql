-- +goose Up
-- One evaluation per conclusion: five grades (国办发〔2019〕51号), whether it was
-- solved, and reasons. No answer is no row; nothing is ever filled in by default.
CREATE TABLE evaluations (
    id             TEXT PRIMARY KEY NOT NULL,
    case_id        TEXT NOT NULL REFERENCES cases (id),
    conclusion_no  INTEGER NOT NULL,
    grade          INTEGER NOT NULL CHECK (grade BETWEEN 1 AND 5),
    resolved       TEXT NOT NULL CHECK (resolved IN ('yes', 'partly', 'no')),
    reasons        TEXT NOT NULL DEFAULT '[]',
    comment        TEXT NOT NULL DEFAULT '',
    comment_cipher BLOB,
    channel        TEXT NOT NULL,
    form_version   INTEGER NOT NULL DEFAULT 1,
    evaluated_at   DATETIME NOT NULL,
    evaluated_on   DATE NOT NULL
);
CREATE UNIQUE INDEX evaluations_case_key ON evaluations (case_id, conclusion_no);
CREATE INDEX evaluations_evaluated_on_idx ON evaluations (evaluated_on, case_id);

-- +goose Down
DROP TABLE evaluations;
