-- Loads may leave out the look-ups of foreign keys, which are triggers too (see
-- db.Unchecked). These are not left out.
-- +goose Up
ALTER TABLE case_units ENABLE ALWAYS TRIGGER case_search_unit;
ALTER TABLE case_messages ENABLE ALWAYS TRIGGER case_search_message;
ALTER TABLE cases ENABLE ALWAYS TRIGGER case_search_case;
ALTER TABLE vault_keys ENABLE ALWAYS TRIGGER vault_keys_living_ring;
ALTER TABLE consents ENABLE ALWAYS TRIGGER consents_stay;

-- +goose Down
ALTER TABLE consents ENABLE TRIGGER consents_stay;
ALTER TABLE vault_keys ENABLE TRIGGER vault_keys_living_ring;
ALTER TABLE cases ENABLE TRIGGER case_search_case;
ALTER TABLE case_messages ENABLE TRIGGER case_search_message;
ALTER TABLE case_units ENABLE TRIGGER case_search_unit;
