-- Campaigns are read in the portal too: their words for it, which way a message took,
-- the message in the portal and when it was opened. Where somebody is told there alone
-- that message is the delivery.
-- +goose Up
ALTER TABLE campaign_texts DROP CONSTRAINT campaign_texts_channel_check;
ALTER TABLE campaign_texts ADD CONSTRAINT campaign_texts_channel_check CHECK (channel IN ('mail', 'sms', 'inapp'));
ALTER TABLE campaign_assignments ADD COLUMN channel text CHECK (channel IN ('mail', 'sms', 'inapp'));
ALTER TABLE campaign_assignments ADD COLUMN portal_id uuid;
ALTER TABLE campaign_assignments ADD COLUMN opened_at timestamptz;
UPDATE campaign_assignments SET channel = (SELECT d.channel FROM deliveries d WHERE d.id = campaign_assignments.delivery_id) WHERE delivery_id IS NOT NULL;
CREATE UNIQUE INDEX campaign_assignments_portal_key ON campaign_assignments (portal_id) WHERE portal_id IS NOT NULL;

-- +goose Down
DROP INDEX campaign_assignments_portal_key;
ALTER TABLE campaign_assignments DROP COLUMN opened_at;
ALTER TABLE campaign_assignments DROP COLUMN portal_id;
ALTER TABLE campaign_assignments DROP COLUMN channel;
DELETE FROM campaign_texts WHERE channel = 'inapp';
ALTER TABLE campaign_texts DROP CONSTRAINT campaign_texts_channel_check;
ALTER TABLE campaign_texts ADD CONSTRAINT campaign_texts_channel_check CHECK (channel IN ('mail', 'sms'));
