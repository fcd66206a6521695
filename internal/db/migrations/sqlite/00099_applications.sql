-- Applications for permits: what an enterprise or a person writes before and signs,
-- the materials with every version of them, what was asked to be corrected, and how
-- it was decided. Once it is sent, the application is a case.
-- +goose Up
CREATE TABLE permit_applications (
    id              TEXT NOT NULL PRIMARY KEY,
    holder_id       TEXT NOT NULL REFERENCES constituents (id),
    type_code       TEXT NOT NULL,
    type_version    INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'correcting', 'accepted', 'not_accepted', 'granted', 'refused', 'withdrawn')),
    vault_key_id    TEXT NOT NULL REFERENCES vault_keys (id),
    answers_cipher  BLOB,
    case_id         TEXT REFERENCES cases (id),
    case_no         TEXT NOT NULL DEFAULT '',
    renews_no       TEXT NOT NULL DEFAULT '',
    begun_by_id     TEXT REFERENCES accounts (id),
    changed_by_id   TEXT REFERENCES accounts (id),
    signed_by_id    TEXT REFERENCES accounts (id),
    signer_cipher   BLOB,
    statement       INTEGER NOT NULL DEFAULT 0,
    received_at     DATETIME,
    received_on     DATE,
    complete_at     DATETIME,
    complete_on     DATE,
    accepted_at     DATETIME,
    accepted_on     DATE,
    deemed          BOOLEAN NOT NULL DEFAULT false,
    version         INTEGER NOT NULL DEFAULT 1,
    created_at      DATETIME NOT NULL,
    updated_at      DATETIME NOT NULL,
    CHECK ((state = 'draft') = (case_id IS NULL))
);
CREATE UNIQUE INDEX permit_applications_case_key ON permit_applications (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX permit_applications_holder_idx ON permit_applications (holder_id, updated_at, id);
CREATE INDEX permit_applications_waiting_idx ON permit_applications (complete_on, id) WHERE state = 'submitted';
CREATE INDEX permit_applications_vault_key_idx ON permit_applications (vault_key_id);

-- One row for each version of a material; the newest counts.
CREATE TABLE permit_materials (
    id             TEXT NOT NULL PRIMARY KEY,
    application_id TEXT NOT NULL REFERENCES permit_applications (id),
    code           TEXT NOT NULL,
    round          INTEGER NOT NULL CHECK (round > 0),
    reuses_id      TEXT REFERENCES permit_materials (id),
    sent_at        DATETIME,
    verdict        TEXT NOT NULL DEFAULT '' CHECK (verdict IN ('', 'verified', 'correct')),
    verdict_at     DATETIME,
    verdict_on     DATE,
    verdict_by_id  TEXT REFERENCES accounts (id),
    created_at     DATETIME NOT NULL
);
CREATE UNIQUE INDEX permit_materials_round_key ON permit_materials (application_id, code, round);
CREATE INDEX permit_materials_reuses_idx ON permit_materials (reuses_id) WHERE reuses_id IS NOT NULL;

CREATE TABLE permit_notices (
    id             TEXT NOT NULL PRIMARY KEY,
    application_id TEXT NOT NULL REFERENCES permit_applications (id),
    no             INTEGER NOT NULL CHECK (no > 0),
    given_at       DATETIME NOT NULL,
    given_on       DATE NOT NULL,
    given_by_id    TEXT REFERENCES accounts (id),
    due_on         DATE NOT NULL,
    again_reason   TEXT NOT NULL DEFAULT '',
    answered_at    DATETIME
);
CREATE UNIQUE INDEX permit_notices_no_key ON permit_notices (application_id, no);

CREATE TABLE permit_notice_items (
    notice_id   TEXT NOT NULL REFERENCES permit_notices (id),
    material_id TEXT NOT NULL REFERENCES permit_materials (id),
    code        TEXT NOT NULL,
    reason      TEXT NOT NULL,
    PRIMARY KEY (notice_id, code)
);
CREATE INDEX permit_notice_items_material_idx ON permit_notice_items (material_id);

CREATE TABLE permit_decisions (
    id             TEXT NOT NULL PRIMARY KEY,
    application_id TEXT NOT NULL REFERENCES permit_applications (id),
    no             INTEGER NOT NULL CHECK (no > 0),
    grants         BOOLEAN NOT NULL,
    reasons        TEXT NOT NULL DEFAULT '',
    conditions     TEXT NOT NULL DEFAULT '',
    remedies       TEXT NOT NULL DEFAULT '',
    drafted_at     DATETIME NOT NULL,
    drafted_by_id  TEXT REFERENCES accounts (id),
    approved_at    DATETIME,
    approved_by_id TEXT REFERENCES accounts (id),
    decided_at     DATETIME,
    decided_on     DATE,
    issue_by       DATE,
    valid_from     DATE,
    valid_until    DATE,
    permit_no      TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX permit_decisions_no_key ON permit_decisions (application_id, no);

-- Materials have files of their own.
CREATE TABLE files_next (
    id           TEXT PRIMARY KEY NOT NULL,
    owner_kind   TEXT NOT NULL CHECK (owner_kind IN ('draft', 'case', 'event', 'material')),
    owner_id     TEXT NOT NULL CHECK (owner_id <> ''),
    state        TEXT NOT NULL CHECK (state IN ('pending', 'stored', 'removed')),
    name_cipher  BLOB NOT NULL,
    media_type   TEXT NOT NULL,
    size         INTEGER NOT NULL CHECK (size >= 0),
    digest       BLOB,
    vault_key_id TEXT NOT NULL,
    key_cipher   BLOB NOT NULL,
    suite        TEXT NOT NULL,
    blob_key     TEXT NOT NULL,
    scan         TEXT NOT NULL CHECK (scan IN ('none', 'clean')),
    created_at   DATETIME NOT NULL,
    made_from    TEXT,
    made_as      TEXT,
    tells        BOOLEAN NOT NULL DEFAULT false,
    CHECK (state <> 'stored' OR digest IS NOT NULL)
);
INSERT INTO files_next SELECT id, owner_kind, owner_id, state, name_cipher, media_type, size, digest, vault_key_id, key_cipher, suite, blob_key, scan, created_at, made_from, made_as, tells FROM files;
DROP TABLE files;
ALTER TABLE files_next RENAME TO files;
CREATE UNIQUE INDEX files_blob_key ON files (blob_key);
CREATE INDEX files_owner_idx ON files (owner_kind, owner_id, id);
CREATE INDEX files_loose_idx ON files (id) WHERE state <> 'stored';
CREATE UNIQUE INDEX files_made_key ON files (made_from, made_as) WHERE state = 'stored' AND made_from IS NOT NULL;

-- +goose Down
DELETE FROM files WHERE owner_kind = 'material';
CREATE TABLE files_next (
    id           TEXT PRIMARY KEY NOT NULL,
    owner_kind   TEXT NOT NULL CHECK (owner_kind IN ('draft', 'case', 'event')),
    owner_id     TEXT NOT NULL CHECK (owner_id <> ''),
    state        TEXT NOT NULL CHECK (state IN ('pending', 'stored', 'removed')),
    name_cipher  BLOB NOT NULL,
    media_type   TEXT NOT NULL,
    size         INTEGER NOT NULL CHECK (size >= 0),
    digest       BLOB,
    vault_key_id TEXT NOT NULL,
    key_cipher   BLOB NOT NULL,
    suite        TEXT NOT NULL,
    blob_key     TEXT NOT NULL,
    scan         TEXT NOT NULL CHECK (scan IN ('none', 'clean')),
    created_at   DATETIME NOT NULL,
    made_from    TEXT,
    made_as      TEXT,
    tells        BOOLEAN NOT NULL DEFAULT false,
    CHECK (state <> 'stored' OR digest IS NOT NULL)
);
INSERT INTO files_next SELECT id, owner_kind, owner_id, state, name_cipher, media_type, size, digest, vault_key_id, key_cipher, suite, blob_key, scan, created_at, made_from, made_as, tells FROM files;
DROP TABLE files;
ALTER TABLE files_next RENAME TO files;
CREATE UNIQUE INDEX files_blob_key ON files (blob_key);
CREATE INDEX files_owner_idx ON files (owner_kind, owner_id, id);
CREATE INDEX files_loose_idx ON files (id) WHERE state <> 'stored';
CREATE UNIQUE INDEX files_made_key ON files (made_from, made_as) WHERE state = 'stored' AND made_from IS NOT NULL;
DROP TABLE permit_decisions;
DROP TABLE permit_notice_items;
DROP TABLE permit_notices;
DROP TABLE permit_materials;
DROP TABLE permit_applications;
