-- Campaigns are read in the portal too: their words for it, which way a message took,
-- the message in the portal and when it was opened. Where somebody is told there alone
-- that message is the delivery.
-- +goose Up
CREATE TABLE campaign_texts_new (
    campaign_id TEXT NOT NULL REFERENCES campaigns (id),
    locale      TEXT NOT NULL,
    channel     TEXT NOT NULL CHECK (channel IN ('mail', 'sms', 'inapp')),
    subject     TEXT NOT NULL DEFAULT '',
    body        TEXT NOT NULL,
    PRIMARY KEY (campaign_id, locale, channel)
);
INSERT INTO campaign_texts_new SELECT campaign_id, locale, channel, subject, body FROM campaign_texts;
DROP TABLE campaign_texts;
ALTER TABLE campaign_texts_new RENAME TO campaign_texts;
ALTER TABLE campaign_assignments ADD COLUMN channel TEXT CHECK (channel IN ('mail', 'sms', 'inapp'));
ALTER TABLE campaign_assignments ADD COLUMN portal_id TEXT;
ALTER TABLE campaign_assignments ADD COLUMN opened_at DATETIME;
UPDATE campaign_assignments SET channel = (SELECT d.channel FROM deliveries d WHERE d.id = campaign_assignments.delivery_id) WHERE delivery_id IS NOT NULL;
CREATE UNIQUE INDEX campaign_assignments_portal_key ON campaign_assignments (portal_id) WHERE portal_id IS NOT NULL;

-- +goose Down
DROP INDEX campaign_assignments_portal_key;
ALTER TABLE campaign_assignments DROP COLUMN opened_at;
ALTER TABLE campaign_assignments DROP COLUMN portal_id;
ALTER TABLE campaign_assignments DROP COLUMN channel;
CREATE TABLE campaign_texts_new (
    campaign_id TEXT NOT NULL REFERENCES campaigns (id),
    locale      TEXT NOT NULL,
    channel     TEXT NOT NULL CHECK (channel IN ('mail', 'sms')),
    subject     TEXT NOT NULL DEFAULT '',
    body        TEXT NOT NULL,
    PRIMARY KEY (campaign_id, locale, channel)
);
INSERT INTO campaign_texts_new SELECT campaign_id, locale, channel, subject, body FROM campaign_texts WHERE channel <> 'inapp';
DROP TABLE campaign_texts;
ALTER TABLE campaign_texts_new RENAME TO campaign_texts;
