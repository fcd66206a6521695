-- What people were told and offered unasked is kept for a term: of a campaign its
-- figures stay when its members go.
-- +goose Up
ALTER TABLE campaigns ADD COLUMN result TEXT;

CREATE TABLE retention_rules_next (
    code         TEXT NOT NULL,
    version      INTEGER NOT NULL,
    record_class TEXT NOT NULL CHECK (record_class IN ('case_file', 'comment', 'delivery', 'read_log', 'guest', 'unconfirmed', 'campaign', 'offer')),
    basis        TEXT NOT NULL,
    start_event  TEXT NOT NULL,
    period       TEXT NOT NULL,
    action       TEXT NOT NULL CHECK (action IN ('delete', 'anonymise')),
    source       TEXT NOT NULL,
    valid_from   DATE NOT NULL,
    valid_to     DATE,
    PRIMARY KEY (code, version)
);
INSERT INTO retention_rules_next SELECT code, version, record_class, basis, start_event, period, action, source, valid_from, valid_to FROM retention_rules;
DROP TABLE retention_rules;
ALTER TABLE retention_rules_next RENAME TO retention_rules;
INSERT INTO retention_rules (code, version, record_class, basis, start_event, period, action, source, valid_from) VALUES
 ('campaign', 1, 'campaign', '{"zh-Hant": "個人信息保護法第 19 條：實現目的所必要的最短時間", "zh-Hans": "个人信息保护法第十九条：实现目的所必要的最短时间", "en": "PIPL art. 19: the shortest time that the purpose needs"}', 'ended', 'P3Y', 'anonymise', 'default', '2020-01-01'),
 ('offer', 1, 'offer', '{"zh-Hant": "個人信息保護法第 19 條：實現目的所必要的最短時間", "zh-Hans": "个人信息保护法第十九条：实现目的所必要的最短时间", "en": "PIPL art. 19: the shortest time that the purpose needs"}', 'ended', 'P3Y', 'delete', 'default', '2020-01-01');

-- +goose Down
CREATE TABLE retention_rules_next (
    code         TEXT NOT NULL,
    version      INTEGER NOT NULL,
    record_class TEXT NOT NULL CHECK (record_class IN ('case_file', 'comment', 'delivery', 'read_log', 'guest', 'unconfirmed')),
    basis        TEXT NOT NULL,
    start_event  TEXT NOT NULL,
    period       TEXT NOT NULL,
    action       TEXT NOT NULL CHECK (action IN ('delete', 'anonymise')),
    source       TEXT NOT NULL,
    valid_from   DATE NOT NULL,
    valid_to     DATE,
    PRIMARY KEY (code, version)
);
INSERT INTO retention_rules_next SELECT code, version, record_class, basis, start_event, period, action, source, valid_from, valid_to FROM retention_rules WHERE record_class NOT IN ('campaign', 'offer');
DROP TABLE retention_rules;
ALTER TABLE retention_rules_next RENAME TO retention_rules;
ALTER TABLE campaigns DROP COLUMN result;
