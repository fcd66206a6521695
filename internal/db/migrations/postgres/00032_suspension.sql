-- A clock may stand still, for one of the reasons that law and practice know, and
-- its limit may be extended, when somebody else than who asks allows it. What is
-- asked waits at the case; how each ended is told by its event.
-- +goose Up
CREATE TABLE suspension_types (
    id           uuid PRIMARY KEY,
    code         text COLLATE "C" NOT NULL,
    name         jsonb NOT NULL,
    ground       jsonb NOT NULL,
    position     bigint NOT NULL DEFAULT 0,
    valid_from   date NOT NULL,
    valid_to     date,
    successor_id uuid REFERENCES suspension_types (id),
    version      bigint NOT NULL DEFAULT 1,
    source       text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX suspension_types_code_key ON suspension_types (code);
INSERT INTO suspension_types (id, code, name, ground, position, valid_from, source) VALUES
 ('01980000-0000-7000-8000-000000003201', 'citizen', '{"zh-Hant": "等候當事人補充", "zh-Hans": "等待当事人补充材料或答复", "en": "Waiting for the citizen’s papers or answer"}', '{"zh-Hant": "行政程序法第 51 條；補正期間不計入", "zh-Hans": "补正期间不计入办理时限（行政许可法第三十二条）", "en": "Time for correction does not count (Administrative Licensing Law, art. 32)"}', 1, '2020-01-01', 'default'),
 ('01980000-0000-7000-8000-000000003202', 'appraisal', '{"zh-Hant": "檢驗、檢測、檢疫、鑑定", "zh-Hans": "检验、检测、检疫、鉴定", "en": "Inspection, testing, quarantine or appraisal"}', '{"zh-Hant": "行政許可法第 45 條", "zh-Hans": "行政许可法第四十五条", "en": "Administrative Licensing Law, art. 45"}', 2, '2020-01-01', 'default'),
 ('01980000-0000-7000-8000-000000003203', 'expert', '{"zh-Hant": "專家評審", "zh-Hans": "专家评审", "en": "Expert review"}', '{"zh-Hant": "行政許可法第 45 條", "zh-Hans": "行政许可法第四十五条", "en": "Administrative Licensing Law, art. 45"}', 3, '2020-01-01', 'default'),
 ('01980000-0000-7000-8000-000000003204', 'hearing', '{"zh-Hant": "聽證", "zh-Hans": "听证", "en": "Hearing"}', '{"zh-Hant": "行政許可法第 45 條", "zh-Hans": "行政许可法第四十五条", "en": "Administrative Licensing Law, art. 45"}', 4, '2020-01-01', 'default'),
 ('01980000-0000-7000-8000-000000003205', 'tender', '{"zh-Hant": "招標、拍賣", "zh-Hans": "招标、拍卖", "en": "Tender or auction"}', '{"zh-Hant": "行政許可法第 45 條", "zh-Hans": "行政许可法第四十五条", "en": "Administrative Licensing Law, art. 45"}', 5, '2020-01-01', 'default'),
 ('01980000-0000-7000-8000-000000003206', 'third_party', '{"zh-Hant": "徵求第三方意見", "zh-Hans": "征求第三方意见", "en": "Opinion of a third party"}', '{"zh-Hant": "政府信息公開條例第 33 條", "zh-Hans": "政府信息公开条例第三十三条", "en": "Regulations on open government information, art. 33"}', 6, '2020-01-01', 'default'),
 ('01980000-0000-7000-8000-000000003207', 'other_body', '{"zh-Hant": "等候其他機關或法院決定", "zh-Hans": "等待其他机关或法院决定", "en": "Decision of another body or a court"}', '{}', 7, '2020-01-01', 'default'),
 ('01980000-0000-7000-8000-000000003208', 'force_majeure', '{"zh-Hant": "不可抗力", "zh-Hans": "不可抗力", "en": "Force majeure"}', '{"zh-Hant": "行政程序法第 50 條", "zh-Hans": "民法典第一百八十条", "en": "Events beyond anybody’s control (Civil Code, art. 180)"}', 8, '2020-01-01', 'default');

ALTER TABLE cases ADD COLUMN suspended_at timestamptz;
ALTER TABLE cases ADD COLUMN suspended_until date;
ALTER TABLE cases ADD COLUMN suspension text NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN extension_asked text NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN extension_by_id uuid;
ALTER TABLE cases ADD COLUMN extension_as_id uuid;
ALTER TABLE cases ADD COLUMN extension_count bigint NOT NULL DEFAULT 0;
ALTER TABLE case_units ADD COLUMN waiting boolean NOT NULL DEFAULT false;
CREATE INDEX case_units_waiting_idx ON case_units (priority, queue_at, case_id) WHERE open AND waiting;

ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind_check CHECK (kind IN ('case_received', 'info_requested', 'not_accepted', 'replied', 'concluded', 'confirm_address', 'code_renewed', 'appeal_decided', 'sign_in_code', 'phone_code', 'reset_password', 'password_changed', 'passkey_added', 'second_factor_off', 'provider_connected', 'clock_suspended', 'clock_resumed', 'clock_extended', 'clock_before', 'clock_due', 'clock_after'));

-- +goose Down
DELETE FROM deliveries WHERE kind IN ('clock_suspended', 'clock_resumed', 'clock_extended', 'clock_before', 'clock_due', 'clock_after');
ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind_check CHECK (kind IN ('case_received', 'info_requested', 'not_accepted', 'replied', 'concluded', 'confirm_address', 'code_renewed', 'appeal_decided', 'sign_in_code', 'phone_code', 'reset_password', 'password_changed', 'passkey_added', 'second_factor_off', 'provider_connected'));
DROP INDEX case_units_waiting_idx;
ALTER TABLE case_units DROP COLUMN waiting;
ALTER TABLE cases DROP COLUMN extension_count;
ALTER TABLE cases DROP COLUMN extension_as_id;
ALTER TABLE cases DROP COLUMN extension_by_id;
ALTER TABLE cases DROP COLUMN extension_asked;
ALTER TABLE cases DROP COLUMN suspension;
ALTER TABLE cases DROP COLUMN suspended_until;
ALTER TABLE cases DROP COLUMN suspended_at;
DROP TABLE suspension_types;
