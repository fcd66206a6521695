-- +goose Up
-- Reference data: districts, units, matters, situations, routing rules, calendars.
-- Rows are dated and never deleted; item_versions keeps what each version said.
CREATE TABLE reference_state (
    area     TEXT PRIMARY KEY NOT NULL CHECK (area IN ('catalogue', 'place')),
    revision TEXT NOT NULL
);

CREATE TABLE item_versions (
    item_id     TEXT NOT NULL,
    version     INTEGER NOT NULL CHECK (version > 0),
    kind        TEXT NOT NULL CHECK (kind IN ('district', 'unit', 'field', 'matter', 'situation', 'rule', 'calendar')),
    code        TEXT NOT NULL,
    content     TEXT NOT NULL,
    recorded_at DATETIME NOT NULL,
    PRIMARY KEY (item_id, version)
);

CREATE TABLE districts (
    id           TEXT PRIMARY KEY NOT NULL,
    code         TEXT NOT NULL,
    name         TEXT NOT NULL,
    parent_id    TEXT REFERENCES districts (id),
    level        TEXT NOT NULL CHECK (level IN ('city', 'district', 'subdistrict')),
    geometry     TEXT NOT NULL,
    centre_lat   REAL NOT NULL,
    centre_lng   REAL NOT NULL,
    population   INTEGER NOT NULL DEFAULT 0 CHECK (population >= 0),
    valid_from   DATE NOT NULL,
    valid_to     DATE,
    successor_id TEXT REFERENCES districts (id),
    version      INTEGER NOT NULL DEFAULT 1,
    source       TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX districts_code_key ON districts (code);
CREATE INDEX districts_parent_idx ON districts (parent_id);

CREATE TABLE units (
    id            TEXT PRIMARY KEY NOT NULL,
    code          TEXT NOT NULL CHECK (code <> '' AND instr(code, '/') = 0),
    name          TEXT NOT NULL,
    parent_id     TEXT REFERENCES units (id),
    path          TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('city', 'bureau', 'section', 'district', 'subdistrict', 'centre')),
    duty          TEXT NOT NULL DEFAULT '',
    district_id   TEXT REFERENCES districts (id),
    zone          TEXT,
    calendar      TEXT,
    legal_profile TEXT,
    office_hours  TEXT,
    phone         TEXT NOT NULL DEFAULT '',
    valid_from    DATE NOT NULL,
    valid_to      DATE,
    successor_id  TEXT REFERENCES units (id),
    version       INTEGER NOT NULL DEFAULT 1,
    source        TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX units_code_key ON units (code);
CREATE UNIQUE INDEX units_path_key ON units (path);
CREATE INDEX units_parent_idx ON units (parent_id);
CREATE INDEX units_district_idx ON units (district_id);

CREATE TABLE matter_fields (
    id           TEXT PRIMARY KEY NOT NULL,
    code         TEXT NOT NULL,
    name         TEXT NOT NULL,
    summary      TEXT NOT NULL,
    seven_haves  TEXT NOT NULL DEFAULT '' CHECK (seven_haves IN
        ('', 'childcare', 'schooling', 'labour', 'health', 'ageing', 'housing', 'weak')),
    position     INTEGER NOT NULL DEFAULT 0,
    valid_from   DATE NOT NULL,
    valid_to     DATE,
    successor_id TEXT REFERENCES matter_fields (id),
    version      INTEGER NOT NULL DEFAULT 1,
    source       TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX matter_fields_code_key ON matter_fields (code);

CREATE TABLE matters (
    id             TEXT PRIMARY KEY NOT NULL,
    code           TEXT NOT NULL,
    field_id       TEXT NOT NULL REFERENCES matter_fields (id),
    name           TEXT NOT NULL,
    summary        TEXT NOT NULL,
    guide          TEXT NOT NULL,
    keywords       TEXT NOT NULL,
    kinds          TEXT NOT NULL,
    questions      TEXT NOT NULL,
    track          TEXT NOT NULL CHECK (track IN ('hotline', 'petition', 'permit')),
    handling_limit TEXT NOT NULL,
    response_limit TEXT NOT NULL,
    signin_limit   TEXT NOT NULL,
    urgent         BOOLEAN NOT NULL DEFAULT false,
    needs_place    BOOLEAN NOT NULL DEFAULT false,
    reply_review   BOOLEAN NOT NULL DEFAULT false,
    callback       BOOLEAN NOT NULL DEFAULT false,
    evaluable      BOOLEAN NOT NULL DEFAULT true,
    unit_id        TEXT REFERENCES units (id),
    legal_basis    TEXT NOT NULL,
    valid_from     DATE NOT NULL,
    valid_to       DATE,
    successor_id   TEXT REFERENCES matters (id),
    version        INTEGER NOT NULL DEFAULT 1,
    source         TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX matters_code_key ON matters (code);
CREATE INDEX matters_field_idx ON matters (field_id);

CREATE TABLE situations (
    id           TEXT PRIMARY KEY NOT NULL,
    code         TEXT NOT NULL,
    name         TEXT NOT NULL,
    summary      TEXT NOT NULL,
    keywords     TEXT NOT NULL,
    matter_codes TEXT NOT NULL,
    position     INTEGER NOT NULL DEFAULT 0,
    valid_from   DATE NOT NULL,
    valid_to     DATE,
    successor_id TEXT REFERENCES situations (id),
    version      INTEGER NOT NULL DEFAULT 1,
    source       TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX situations_code_key ON situations (code);

CREATE TABLE routing_rules (
    id           TEXT PRIMARY KEY NOT NULL,
    code         TEXT NOT NULL,
    name         TEXT NOT NULL,
    priority     INTEGER NOT NULL,
    field_id     TEXT REFERENCES matter_fields (id),
    matter_id    TEXT REFERENCES matters (id),
    district_id  TEXT REFERENCES districts (id),
    kind         TEXT NOT NULL DEFAULT '',
    unit_id      TEXT REFERENCES units (id),
    target_kind  TEXT NOT NULL DEFAULT '',
    target_duty  TEXT NOT NULL DEFAULT '',
    reason       TEXT NOT NULL,
    valid_from   DATE NOT NULL,
    valid_to     DATE,
    successor_id TEXT REFERENCES routing_rules (id),
    version      INTEGER NOT NULL DEFAULT 1,
    source       TEXT NOT NULL DEFAULT '',
    CONSTRAINT routing_rules_target CHECK ((unit_id IS NULL) = (target_kind <> ''))
);
CREATE UNIQUE INDEX routing_rules_code_key ON routing_rules (code);
CREATE INDEX routing_rules_matter_idx ON routing_rules (matter_id);

CREATE TABLE calendars (
    id          TEXT PRIMARY KEY NOT NULL,
    code        TEXT NOT NULL,
    year        INTEGER NOT NULL CHECK (year BETWEEN 1900 AND 9999),
    content     TEXT NOT NULL,
    imported_at DATETIME NOT NULL,
    version     INTEGER NOT NULL DEFAULT 1,
    source      TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX calendars_code_year_key ON calendars (code, year);

-- +goose Down
DROP TABLE calendars;
DROP TABLE routing_rules;
DROP TABLE situations;
DROP TABLE matters;
DROP TABLE matter_fields;
DROP TABLE units;
DROP TABLE districts;
DROP TABLE item_versions;
DROP TABLE reference_state;
