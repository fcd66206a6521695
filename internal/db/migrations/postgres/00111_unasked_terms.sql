-- What people were told and offered unasked is kept for a term: of a campaign its
-- figures stay when its members go.
-- +goose Up
ALTER TABLE campaigns ADD COLUMN result jsonb;

ALTER TABLE retention_rules DROP CONSTRAINT retention_rules_record_class_check;
ALTER TABLE retention_rules ADD CONSTRAINT retention_rules_record_class_check CHECK (record_class IN ('case_file', 'comment', 'delivery', 'read_log', 'guest', 'unconfirmed', 'campaign', 'offer'));
INSERT INTO retention_rules (code, version, record_class, basis, start_event, period, action, source, valid_from) VALUES
 ('campaign', 1, 'campaign', '{"zh-Hant": "個人信息保護法第 19 條：實現目的所必要的最短時間", "zh-Hans": "个人信息保护法第十九条：实现目的所必要的最短时间", "en": "PIPL art. 19: the shortest time that the purpose needs"}', 'ended', 'P3Y', 'anonymise', 'default', '2020-01-01'),
 ('offer', 1, 'offer', '{"zh-Hant": "個人信息保護法第 19 條：實現目的所必要的最短時間", "zh-Hans": "个人信息保护法第十九条：实现目的所必要的最短时间", "en": "PIPL art. 19: the shortest time that the purpose needs"}', 'ended', 'P3Y', 'delete', 'default', '2020-01-01');

-- +goose Down
DELETE FROM retention_rules WHERE record_class IN ('campaign', 'offer');
ALTER TABLE retention_rules DROP CONSTRAINT retention_rules_record_class_check;
ALTER TABLE retention_rules ADD CONSTRAINT retention_rules_record_class_check CHECK (record_class IN ('case_file', 'comment', 'delivery', 'read_log', 'guest', 'unconfirmed'));
ALTER TABLE campaigns DROP COLUMN result;
