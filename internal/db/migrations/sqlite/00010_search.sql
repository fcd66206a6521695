-- +goose Up
-- What cases are found by: the terms of their texts in order and the units that
-- have to do with them. Made from the cases by a job and never more than that: it
-- can be emptied and filled again. Cases whose texts are sealed have no row.
-- docid grows with the time of receipt, so that the index gives the newest first.
CREATE TABLE case_search (
    docid   INTEGER PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL UNIQUE
);
-- The terms are made in Go and parted by spaces; the tokenizer takes each as it is.
CREATE VIRTUAL TABLE case_words USING fts5(words, content='', contentless_delete=1, tokenize='ascii');

-- Cases whose row is out of date, one mark for each change. A change adds its
-- mark in its own transaction; the job reads marks, then the cases, and deletes
-- the marks that it read.
CREATE TABLE case_search_due (
    id      INTEGER PRIMARY KEY NOT NULL,
    case_id TEXT NOT NULL
);
CREATE INDEX case_search_due_case_idx ON case_search_due (case_id);

-- Every way in passes here: filing, acts, imports and loads.
-- +goose StatementBegin
CREATE TRIGGER case_search_unit AFTER INSERT ON case_units BEGIN
    INSERT INTO case_search_due (case_id) VALUES (NEW.case_id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER case_search_message AFTER INSERT ON case_messages WHEN NEW.text <> '' BEGIN
    INSERT INTO case_search_due (case_id) VALUES (NEW.case_id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER case_search_case AFTER UPDATE ON cases
    WHEN (OLD.title, OLD.description, OLD.matter_id, OLD.confidentiality) IS NOT (NEW.title, NEW.description, NEW.matter_id, NEW.confidentiality)
BEGIN
    INSERT INTO case_search_due (case_id) VALUES (NEW.id);
END;
-- +goose StatementEnd

-- The cases that are there already.
INSERT INTO case_search_due (case_id) SELECT id FROM cases WHERE confidentiality = 'normal' ORDER BY id;

-- +goose Down
DROP TRIGGER case_search_case;
DROP TRIGGER case_search_message;
DROP TRIGGER case_search_unit;
DROP TABLE case_search_due;
DROP TABLE case_words;
DROP TABLE case_search;
