-- +goose Up
-- What colleagues wrote beside a case is found too: notes, why it was sent back,
-- what was asked of other units.
CREATE TRIGGER case_search_event AFTER INSERT ON case_events FOR EACH ROW WHEN (NEW.text <> '') EXECUTE FUNCTION case_search_mark();

-- The cases that have such texts already.
INSERT INTO case_search_due (case_id) SELECT DISTINCT case_id FROM case_events WHERE text <> '';

-- +goose Down
DROP TRIGGER case_search_event ON case_events;
