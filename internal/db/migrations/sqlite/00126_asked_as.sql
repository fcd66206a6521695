-- As whom somebody asked for what another person decides: the absent colleague whose
-- duties they do. That colleague is no second person either.
-- +goose Up
ALTER TABLE permit_proposals ADD COLUMN proposed_as_id TEXT;
ALTER TABLE fee_requests ADD COLUMN asked_as_id TEXT;
ALTER TABLE campaign_versions ADD COLUMN as_account_id TEXT;
ALTER TABLE benefit_versions ADD COLUMN author_as_id TEXT;
ALTER TABLE offer_lists ADD COLUMN author_as_id TEXT;
ALTER TABLE grant_requests ADD COLUMN asked_as_id TEXT;
ALTER TABLE rule_changes ADD COLUMN asked_as_id TEXT;

-- +goose Down
ALTER TABLE rule_changes DROP COLUMN asked_as_id;
ALTER TABLE grant_requests DROP COLUMN asked_as_id;
ALTER TABLE offer_lists DROP COLUMN author_as_id;
ALTER TABLE benefit_versions DROP COLUMN author_as_id;
ALTER TABLE campaign_versions DROP COLUMN as_account_id;
ALTER TABLE fee_requests DROP COLUMN asked_as_id;
ALTER TABLE permit_proposals DROP COLUMN proposed_as_id;
