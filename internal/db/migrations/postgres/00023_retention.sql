-- How long each class of records is kept, on which basis, and what then happens;
-- which files are held back from it; and what was deleted, as a journal from
-- which reports are made.
-- +goose Up
CREATE TABLE retention_rules (
    code         text COLLATE "C" NOT NULL,
    version      bigint NOT NULL,
    record_class text NOT NULL CHECK (record_class IN ('case_file', 'comment', 'delivery', 'read_log', 'guest', 'unconfirmed')),
    basis        jsonb NOT NULL,
    start_event  text NOT NULL,
    period       text NOT NULL,
    action       text NOT NULL CHECK (action IN ('delete', 'anonymise')),
    source       text NOT NULL,
    valid_from   date NOT NULL,
    valid_to     date,
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
    id           uuid PRIMARY KEY,
    case_id      uuid NOT NULL REFERENCES cases (id),
    reason       text NOT NULL,
    placed_by_id uuid,
    placed_at    timestamptz NOT NULL,
    lifted_by_id uuid,
    lifted_at    timestamptz
);
CREATE UNIQUE INDEX case_holds_open_key ON case_holds (case_id) WHERE lifted_at IS NULL;

CREATE TABLE retention_runs (
    id          uuid PRIMARY KEY,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE TABLE retention_journal (
    id      uuid PRIMARY KEY,
    run_id  uuid NOT NULL REFERENCES retention_runs (id),
    rule    text NOT NULL,
    version bigint NOT NULL,
    action  text NOT NULL,
    record  text NOT NULL,
    at      timestamptz NOT NULL
);
CREATE INDEX retention_journal_run_idx ON retention_journal (run_id, id);

ALTER TABLE cases ADD COLUMN anonymised_at timestamptz;

-- +goose Down
ALTER TABLE cases DROP COLUMN anonymised_at;
DROP TABLE retention_journal;
DROP TABLE retention_runs;
DROP TABLE case_holds;
DROP TABLE retention_rules;
