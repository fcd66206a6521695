-- A clock may stand still, for one of the reasons that law and practice know, and
-- its limit may be extended, when somebody else than who asks allows it. What is
-- asked waits at the case; how each ended is told by its event.
-- +goose Up
CREATE TABLE suspension_types (
    id           TEXT PRIMARY KEY NOT NULL,
    code         TEXT NOT NULL,
    name         TEXT NOT NULL,
    ground       TEXT NOT NULL,
    position     INTEGER NOT NULL DEFAULT 0,
    valid_from   DATE NOT NULL,
    valid_to     DATE,
    successor_id TEXT REFERENCES suspension_types (id),
    version      INTEGER NOT NULL DEFAULT 1,
    source       TEXT NOT NULL DEFAULT ''
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

ALTER TABLE cases ADD COLUMN suspended_at DATETIME;
ALTER TABLE cases ADD COLUMN suspended_until DATE;
ALTER TABLE cases ADD COLUMN suspension TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN extension_asked TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN extension_by_id TEXT;
ALTER TABLE cases ADD COLUMN extension_as_id TEXT;
ALTER TABLE cases ADD COLUMN extension_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE case_units ADD COLUMN waiting BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX case_units_waiting_idx ON case_units (priority, queue_at, case_id) WHERE open AND waiting;

CREATE TABLE deliveries_next (
    id             TEXT PRIMARY KEY NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('case_received', 'info_requested', 'not_accepted', 'replied', 'concluded', 'confirm_address', 'code_renewed', 'appeal_decided', 'sign_in_code', 'phone_code', 'reset_password', 'password_changed', 'passkey_added', 'second_factor_off', 'provider_connected', 'clock_suspended', 'clock_resumed', 'clock_extended', 'clock_before', 'clock_due', 'clock_after')),
    channel        TEXT NOT NULL CHECK (channel IN ('inapp', 'mail', 'sms')),
    case_id        TEXT REFERENCES cases (id),
    constituent_id TEXT REFERENCES constituents (id),
    account_id     TEXT REFERENCES accounts (id),
    locale         TEXT NOT NULL,
    address_cipher BLOB,
    proven         BOOLEAN NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('queued', 'sending', 'sent', 'failed', 'uncertain', 'suppressed', 'read')),
    reason         TEXT NOT NULL DEFAULT '',
    message_id     TEXT NOT NULL DEFAULT '',
    attempts       INTEGER NOT NULL DEFAULT 0,
    created_at     DATETIME NOT NULL,
    sent_at        DATETIME,
    read_at        DATETIME,
    version        INTEGER NOT NULL DEFAULT 1,
    about_id       TEXT,
    CHECK (constituent_id IS NOT NULL OR account_id IS NOT NULL)
);
INSERT INTO deliveries_next (id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version, about_id) SELECT id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version, about_id FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_next RENAME TO deliveries;
CREATE INDEX deliveries_case_idx ON deliveries (case_id, id);
CREATE INDEX deliveries_constituent_idx ON deliveries (constituent_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_account_idx ON deliveries (account_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_trouble_idx ON deliveries (status, id) WHERE status IN ('queued', 'sending', 'failed', 'uncertain');

-- +goose Down
CREATE TABLE deliveries_next (
    id             TEXT PRIMARY KEY NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('case_received', 'info_requested', 'not_accepted', 'replied', 'concluded', 'confirm_address', 'code_renewed', 'appeal_decided', 'sign_in_code', 'phone_code', 'reset_password', 'password_changed', 'passkey_added', 'second_factor_off', 'provider_connected')),
    channel        TEXT NOT NULL CHECK (channel IN ('inapp', 'mail', 'sms')),
    case_id        TEXT REFERENCES cases (id),
    constituent_id TEXT REFERENCES constituents (id),
    account_id     TEXT REFERENCES accounts (id),
    locale         TEXT NOT NULL,
    address_cipher BLOB,
    proven         BOOLEAN NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('queued', 'sending', 'sent', 'failed', 'uncertain', 'suppressed', 'read')),
    reason         TEXT NOT NULL DEFAULT '',
    message_id     TEXT NOT NULL DEFAULT '',
    attempts       INTEGER NOT NULL DEFAULT 0,
    created_at     DATETIME NOT NULL,
    sent_at        DATETIME,
    read_at        DATETIME,
    version        INTEGER NOT NULL DEFAULT 1,
    about_id       TEXT,
    CHECK (constituent_id IS NOT NULL OR account_id IS NOT NULL)
);
INSERT INTO deliveries_next (id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version, about_id) SELECT id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven, status, reason, message_id, attempts, created_at, sent_at, read_at, version, about_id FROM deliveries WHERE kind NOT IN ('clock_suspended', 'clock_resumed', 'clock_extended', 'clock_before', 'clock_due', 'clock_after');
DROP TABLE deliveries;
ALTER TABLE deliveries_next RENAME TO deliveries;
CREATE INDEX deliveries_case_idx ON deliveries (case_id, id);
CREATE INDEX deliveries_constituent_idx ON deliveries (constituent_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_account_idx ON deliveries (account_id, id) WHERE channel = 'inapp';
CREATE INDEX deliveries_trouble_idx ON deliveries (status, id) WHERE status IN ('queued', 'sending', 'failed', 'uncertain');
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
