-- Whether somebody could be written to at the moment at which a campaign's people were
-- fixed: of those who are to be told and of those held back alike. Nothing is known of
-- campaigns that were approved before.
-- +goose Up
ALTER TABLE campaign_assignments ADD COLUMN contactable boolean;

-- +goose Down
ALTER TABLE campaign_assignments DROP COLUMN contactable;
