-- How long each class of records is kept, on which basis, and what then happens;
-- which files are held back from it; and what was deleted, as a journal from
-- which reports are made.
-- +goose Up
CREATE TABLE retention_rules (
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
INSERT INTO retention_rules (code, version, record_class, basis, start_event, period, action, source, valid_from) VALUES
 ('case-file', 1, 'case_file', '{"zh-Hant": "機關檔案保存年限（10 年）", "zh-Hans": "机关文件材料归档范围和文书档案保管期限规定（10 年）", "en": "Archives rules for agencies: 10 years"}', 'closed', 'P10Y', 'anonymise', 'default', '2020-01-01'),
 ('comment', 1, 'comment', '{"zh-Hant": "個人信息保護法第 19 條：實現目的所必要的最短時間", "zh-Hans": "个人信息保护法第十九条：实现目的所必要的最短时间", "en": "PIPL art. 19: the shortest time that the purpose needs"}', 'evaluated', 'P3Y', 'anonymise', 'default', '2020-01-01'),
 ('delivery', 1, 'delivery', '{"zh-Hant": "個人信息保護法第 19 條", "zh-Hans": "个人信息保护法第十九条", "en": "PIPL art. 19"}', 'created', 'P3Y', 'delete', 'default', '2020-01-01'),
 ('read-log', 1, 'read_log', '{"zh-Hant": "與案卷相同，且不少於六個月", "zh-Hans": "与案卷相同，且不少于六个月（网络安全法）", "en": "As the case file, and not less than six months"}', 'created', 'P10Y', 'delete', 'default', '2020-01-01'),
 ('guest', 1, 'guest', '{"zh-Hant": "個人信息保護法第 47 條：目的已實現", "zh-Hans": "个人信息保护法第四十七条：处理目的已实现", "en": "PIPL art. 47: the purpose is fulfilled"}', 'no_case', 'P1Y', 'anonymise', 'default', '2020-01-01'),
 ('unconfirmed', 1, 'unconfirmed', '{"zh-Hant": "個人信息保護法第 47 條：目的不能實現", "zh-Hans": "个人信息保护法第四十七条：处理目的无法实现", "en": "PIPL art. 47: the purpose cannot be fulfilled"}', 'created', 'P30D', 'anonymise', 'default', '2020-01-01');

CREATE TABLE case_holds (
    id           TEXT PRIMARY KEY NOT NULL,
    case_id      TEXT NOT NULL REFERENCES cases (id),
    reason       TEXT NOT NULL,
    placed_by_id TEXT,
    placed_at    DATETIME NOT NULL,
    lifted_by_id TEXT,
    lifted_at    DATETIME
);
CREATE UNIQUE INDEX case_holds_open_key ON case_holds (case_id) WHERE lifted_at IS NULL;

CREATE TABLE retention_runs (
    id          TEXT PRIMARY KEY NOT NULL,
    started_at  DATETIME NOT NULL,
    finished_at DATETIME
);
CREATE TABLE retention_journal (
    id      TEXT PRIMARY KEY NOT NULL,
    run_id  TEXT NOT NULL REFERENCES retention_runs (id),
    rule    TEXT NOT NULL,
    version INTEGER NOT NULL,
    action  TEXT NOT NULL,
    record  TEXT NOT NULL,
    at      DATETIME NOT NULL
);
CREATE INDEX retention_journal_run_idx ON retention_journal (run_id, id);

ALTER TABLE cases ADD COLUMN anonymised_at DATETIME;

-- +goose Down
ALTER TABLE cases DROP COLUMN anonymised_at;
DROP TABLE retention_journal;
DROP TABLE retention_runs;
DROP TABLE case_holds;
DROP TABLE retention_rules;
