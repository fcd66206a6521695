-- What an office keeps to answer well: templates of replies, with fields, and
-- articles that explain a matter on what law. Each belongs to a unit and all below
-- it; every version is kept.
-- +goose Up
CREATE TABLE prepared_texts (
    id          TEXT PRIMARY KEY NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('template', 'article')),
    unit_id     TEXT NOT NULL REFERENCES units (id),
    matter_id   TEXT REFERENCES matters (id),
    locale      TEXT NOT NULL,
    title       TEXT NOT NULL,
    body        TEXT NOT NULL,
    legal_basis TEXT NOT NULL DEFAULT '',
    valid_from  DATE,
    valid_to    DATE,
    public      BOOLEAN NOT NULL DEFAULT false,
    retired     BOOLEAN NOT NULL DEFAULT false,
    owner_id    TEXT,
    updated_at  DATETIME NOT NULL,
    version     INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX prepared_texts_kind_idx ON prepared_texts (kind, id);
CREATE INDEX prepared_texts_public_idx ON prepared_texts (matter_id) WHERE public AND NOT retired;

CREATE TABLE prepared_text_versions (
    text_id     TEXT NOT NULL REFERENCES prepared_texts (id),
    version     INTEGER NOT NULL,
    title       TEXT NOT NULL,
    body        TEXT NOT NULL,
    legal_basis TEXT NOT NULL DEFAULT '',
    retired     BOOLEAN NOT NULL,
    account_id  TEXT,
    at          DATETIME NOT NULL,
    PRIMARY KEY (text_id, version)
);

-- +goose Down
DROP TABLE prepared_text_versions;
DROP TABLE prepared_texts;
