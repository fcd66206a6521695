-- +goose Up
-- Reference data: districts, units, matters, situations, routing rules, calendars.
-- Rows are dated and never deleted; item_versions keeps what each version said.
CREATE TABLE reference_state (
    area     text PRIMARY KEY CHECK (area IN ('catalogue', 'place')),
    revision uuid NOT NULL
);

CREATE TABLE item_versions (
    item_id     uuid NOT NULL,
    version     bigint NOT NULL CHECK (version > 0),
    kind        text NOT NULL CHECK (kind IN ('district', 'unit', 'field', 'matter', 'situation', 'rule', 'calendar')),
    code        text COLLATE "C" NOT NULL,
    content     jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (item_id, version)
);

CREATE TABLE districts (
    id           uuid PRIMARY KEY,
    code         text COLLATE "C" NOT NULL,
    name         jsonb NOT NULL,
    parent_id    uuid REFERENCES districts (id),
    level        text NOT NULL CHECK (level IN ('city', 'district', 'subdistrict')),
    geometry     jsonb NOT NULL,
    centre_lat   double precision NOT NULL,
    centre_lng   double precision NOT NULL,
    population   bigint NOT NULL DEFAULT 0 CHECK (population >= 0),
    valid_from   date NOT NULL,
    valid_to     date,
    successor_id uuid REFERENCES districts (id),
    version      bigint NOT NULL DEFAULT 1,
    source       text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX districts_code_key ON districts (code);
CREATE INDEX districts_parent_idx ON districts (parent_id);

CREATE TABLE units (
    id            uuid PRIMARY KEY,
    code          text COLLATE "C" NOT NULL CHECK (code <> '' AND position('/' in code) = 0),
    name          jsonb NOT NULL,
    parent_id     uuid REFERENCES units (id),
    path          text COLLATE "C" NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('city', 'bureau', 'section', 'district', 'subdistrict', 'centre')),
    duty          text NOT NULL DEFAULT '',
    district_id   uuid REFERENCES districts (id),
    zone          text,
    calendar      text,
    legal_profile text,
    office_hours  jsonb,
    phone         text NOT NULL DEFAULT '',
    valid_from    date NOT NULL,
    valid_to      date,
    successor_id  uuid REFERENCES units (id),
    version       bigint NOT NULL DEFAULT 1,
    source        text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX units_code_key ON units (code);
CREATE UNIQUE INDEX units_path_key ON units (path);
CREATE INDEX units_parent_idx ON units (parent_id);
CREATE INDEX units_district_idx ON units (district_id);

CREATE TABLE matter_fields (
    id           uuid PRIMARY KEY,
    code         text COLLATE "C" NOT NULL,
    name         jsonb NOT NULL,
    summary      jsonb NOT NULL,
    seven_haves  text NOT NULL DEFAULT '' CHECK (seven_haves IN
        ('', 'childcare', 'schooling', 'labour', 'health', 'ageing', 'housing', 'weak')),
    position     bigint NOT NULL DEFAULT 0,
    valid_from   date NOT NULL,
    valid_to     date,
    successor_id uuid REFERENCES matter_fields (id),
    version      bigint NOT NULL DEFAULT 1,
    source       text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX matter_fields_code_key ON matter_fields (code);

CREATE TABLE matters (
    id             uuid PRIMARY KEY,
    code           text COLLATE "C" NOT NULL,
    field_id       uuid NOT NULL REFERENCES matter_fields (id),
    name           jsonb NOT NULL,
    summary        jsonb NOT NULL,
    guide          jsonb NOT NULL,
    keywords       jsonb NOT NULL,
    kinds          jsonb NOT NULL,
    questions      jsonb NOT NULL,
    track          text NOT NULL CHECK (track IN ('hotline', 'petition', 'permit')),
    handling_limit text NOT NULL,
    response_limit text NOT NULL,
    signin_limit   text NOT NULL,
    urgent         boolean NOT NULL DEFAULT false,
    needs_place    boolean NOT NULL DEFAULT false,
    reply_review   boolean NOT NULL DEFAULT false,
    callback       boolean NOT NULL DEFAULT false,
    evaluable      boolean NOT NULL DEFAULT true,
    unit_id        uuid REFERENCES units (id),
    legal_basis    jsonb NOT NULL,
    valid_from     date NOT NULL,
    valid_to       date,
    successor_id   uuid REFERENCES matters (id),
    version        bigint NOT NULL DEFAULT 1,
    source         text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX matters_code_key ON matters (code);
CREATE INDEX matters_field_idx ON matters (field_id);

CREATE TABLE situations (
    id           uuid PRIMARY KEY,
    code         text COLLATE "C" NOT NULL,
    name         jsonb NOT NULL,
    summary      jsonb NOT NULL,
    keywords     jsonb NOT NULL,
    matter_codes jsonb NOT NULL,
    position     bigint NOT NULL DEFAULT 0,
    valid_from   date NOT NULL,
    valid_to     date,
    successor_id uuid REFERENCES situations (id),
    version      bigint NOT NULL DEFAULT 1,
    source       text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX situations_code_key ON situations (code);

CREATE TABLE routing_rules (
    id           uuid PRIMARY KEY,
    code         text COLLATE "C" NOT NULL,
    name         jsonb NOT NULL,
    priority     bigint NOT NULL,
    field_id     uuid REFERENCES matter_fields (id),
    matter_id    uuid REFERENCES matters (id),
    district_id  uuid REFERENCES districts (id),
    kind         text NOT NULL DEFAULT '',
    unit_id      uuid REFERENCES units (id),
    target_kind  text NOT NULL DEFAULT '',
    target_duty  text NOT NULL DEFAULT '',
    reason       jsonb NOT NULL,
    valid_from   date NOT NULL,
    valid_to     date,
    successor_id uuid REFERENCES routing_rules (id),
    version      bigint NOT NULL DEFAULT 1,
    source       text NOT NULL DEFAULT '',
    CONSTRAINT routing_rules_target CHECK ((unit_id IS NULL) = (target_kind <> ''))
);
CREATE UNIQUE INDEX routing_rules_code_key ON routing_rules (code);
CREATE INDEX routing_rules_matter_idx ON routing_rules (matter_id);

CREATE TABLE calendars (
    id          uuid PRIMARY KEY,
    code        text COLLATE "C" NOT NULL,
    year        bigint NOT NULL CHECK (year BETWEEN 1900 AND 9999),
    content     jsonb NOT NULL,
    imported_at timestamptz NOT NULL,
    version     bigint NOT NULL DEFAULT 1,
    source      text NOT NULL DEFAULT ''
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
