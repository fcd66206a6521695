-- Nobody empties the table that keeps the order of receipt (行政許可法 art. 57), nor that
-- of consents: TRUNCATE fires no trigger of rows.
-- +goose Up
CREATE TRIGGER permit_places_stay_whole BEFORE TRUNCATE ON permit_places FOR EACH STATEMENT EXECUTE FUNCTION permit_places_stay();
ALTER TABLE permit_places ENABLE ALWAYS TRIGGER permit_places_stay_whole;
CREATE TRIGGER consents_stay_whole BEFORE TRUNCATE ON consents FOR EACH STATEMENT EXECUTE FUNCTION consents_stay();
ALTER TABLE consents ENABLE ALWAYS TRIGGER consents_stay_whole;

-- +goose Down
DROP TRIGGER consents_stay_whole ON consents;
DROP TRIGGER permit_places_stay_whole ON permit_places;
