-- What is known of the people and enterprises that are served beside how to reach
-- them: what a service needs to know, with who said so and since when. Numbers of
-- identity and notes stand here only as ciphertext under the person's own key.
-- +goose Up
ALTER TABLE constituents ADD COLUMN birth_year INTEGER;
ALTER TABLE constituents ADD COLUMN district_code TEXT;
ALTER TABLE constituents ADD COLUMN established_on DATE;
ALTER TABLE constituents ADD COLUMN stage TEXT CHECK (stage IN ('set_up', 'operating', 'changing', 'closing'));
ALTER TABLE constituents ADD COLUMN industry TEXT;
ALTER TABLE constituents ADD COLUMN source TEXT NOT NULL DEFAULT 'case' CHECK (source IN ('case', 'self', 'staff', 'import'));

CREATE TABLE constituent_ids (
    id             TEXT PRIMARY KEY NOT NULL,
    constituent_id TEXT NOT NULL REFERENCES constituents (id),
    kind           TEXT NOT NULL CHECK (kind IN ('resident_id', 'tw_id', 'hk_id', 'uscc', 'tw_ubn', 'other')),
    value_cipher   BLOB NOT NULL,
    blind_index    BLOB NOT NULL,
    verified_at    DATETIME,
    valid_from     DATETIME NOT NULL,
    valid_to       DATETIME,
    version        INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX constituent_ids_constituent_idx ON constituent_ids (constituent_id);
CREATE INDEX constituent_ids_blind_idx ON constituent_ids (blind_index);

-- From somebody to somebody: a member of an enterprise, a guardian or an agent of
-- a person, and those of one household, which holds both ways.
CREATE TABLE constituent_relations (
    id          TEXT PRIMARY KEY NOT NULL,
    from_id     TEXT NOT NULL REFERENCES constituents (id),
    to_id       TEXT NOT NULL REFERENCES constituents (id),
    kind        TEXT NOT NULL CHECK (kind IN ('member', 'guardian', 'agent', 'household')),
    valid_from  DATETIME NOT NULL,
    valid_to    DATETIME,
    verified_at DATETIME,
    source      TEXT NOT NULL CHECK (source IN ('case', 'self', 'staff', 'import')),
    version     INTEGER NOT NULL DEFAULT 1,
    CHECK (from_id <> to_id)
);
CREATE INDEX constituent_relations_from_idx ON constituent_relations (from_id);
CREATE INDEX constituent_relations_to_idx ON constituent_relations (to_id);

CREATE TABLE constituent_needs (
    id             TEXT PRIMARY KEY NOT NULL,
    constituent_id TEXT NOT NULL REFERENCES constituents (id),
    kind           TEXT NOT NULL CHECK (kind IN ('large_type', 'sign_language', 'interpreter', 'step_free', 'phone_only', 'home_visit', 'easy_language')),
    valid_from     DATETIME NOT NULL,
    valid_to       DATETIME,
    source         TEXT NOT NULL CHECK (source IN ('case', 'self', 'staff', 'import')),
    version        INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX constituent_needs_constituent_idx ON constituent_needs (constituent_id);

CREATE TABLE constituent_notes (
    id             TEXT PRIMARY KEY NOT NULL,
    constituent_id TEXT NOT NULL REFERENCES constituents (id),
    unit_id        TEXT REFERENCES units (id),
    account_id     TEXT,
    body_cipher    BLOB NOT NULL,
    purpose        TEXT NOT NULL CHECK (purpose IN ('contact', 'support', 'arrangement', 'safety')),
    keep_until     DATE NOT NULL,
    created_at     DATETIME NOT NULL,
    version        INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX constituent_notes_constituent_idx ON constituent_notes (constituent_id);
CREATE INDEX constituent_notes_keep_idx ON constituent_notes (keep_until);

-- +goose Down
DROP TABLE constituent_notes;
DROP TABLE constituent_needs;
DROP TABLE constituent_relations;
DROP TABLE constituent_ids;
ALTER TABLE constituents DROP COLUMN source;
ALTER TABLE constituents DROP COLUMN industry;
ALTER TABLE constituents DROP COLUMN stage;
ALTER TABLE constituents DROP COLUMN established_on;
ALTER TABLE constituents DROP COLUMN district_code;
ALTER TABLE constituents DROP COLUMN birth_year;
