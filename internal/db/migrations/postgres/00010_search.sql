-- +goose Up
-- What cases are found by: the terms of their texts in order, the units that
-- have to do with them, the day and month of receipt. Made from the cases by a
-- job and never more than that: it can be emptied and filled again. Cases whose
-- texts are sealed have no row.
CREATE TABLE case_search (
    case_id uuid PRIMARY KEY,
    words   tsvector NOT NULL
);
-- What waits to be merged is read by every search, so little may wait; it is
-- the job, not a person, that merges. Plans must not depend on statistics: the
-- statement leaves no choice, and guesses about words would be wrong.
CREATE INDEX case_search_words_idx ON case_search USING gin (words) WITH (gin_pending_list_limit = 256);
ALTER TABLE case_search ALTER COLUMN words SET STATISTICS 0;

-- Cases whose row is out of date, one mark for each change. A change adds its
-- mark in its own transaction and waits for nobody; the job reads marks, then
-- the cases, and deletes the marks that it read.
CREATE TABLE case_search_due (
    case_id uuid NOT NULL,
    id      bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (case_id, id)
);

-- Every way in passes here: filing, acts, imports and loads by COPY.
-- +goose StatementBegin
CREATE FUNCTION case_search_mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO case_search_due (case_id) VALUES (NEW.case_id);
    RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION case_search_mark_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO case_search_due (case_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER case_search_unit AFTER INSERT ON case_units FOR EACH ROW EXECUTE FUNCTION case_search_mark();
CREATE TRIGGER case_search_message AFTER INSERT ON case_messages FOR EACH ROW WHEN (NEW.text <> '') EXECUTE FUNCTION case_search_mark();
CREATE TRIGGER case_search_case AFTER UPDATE ON cases FOR EACH ROW
    WHEN ((OLD.title, OLD.description, OLD.matter_id, OLD.confidentiality) IS DISTINCT FROM (NEW.title, NEW.description, NEW.matter_id, NEW.confidentiality))
    EXECUTE FUNCTION case_search_mark_case();

-- The cases that are there already.
INSERT INTO case_search_due (case_id) SELECT id FROM cases WHERE confidentiality = 'normal' ORDER BY id;

-- +goose Down
DROP TRIGGER case_search_case ON cases;
DROP TRIGGER case_search_message ON case_messages;
DROP TRIGGER case_search_unit ON case_units;
DROP FUNCTION case_search_mark_case();
DROP FUNCTION case_search_mark();
DROP TABLE case_search_due;
DROP TABLE case_search;
