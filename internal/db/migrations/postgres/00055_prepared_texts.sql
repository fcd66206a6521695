-- What an office keeps to answer well: templates of replies, with fields, and
-- articles that explain a matter on what law. Each belongs to a unit and all below
-- it; every version is kept.
-- +goose Up
CREATE TABLE prepared_texts (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('template', 'article')),
    unit_id     uuid NOT NULL REFERENCES units (id),
    matter_id   uuid REFERENCES matters (id),
    locale      text NOT NULL,
    title       text NOT NULL,
    body        text NOT NULL,
    legal_basis text NOT NULL DEFAULT '',
    valid_from  date,
    valid_to    date,
    public      boolean NOT NULL DEFAULT false,
    retired     boolean NOT NULL DEFAULT false,
    owner_id    uuid,
    updated_at  timestamptz NOT NULL,
    version     bigint NOT NULL DEFAULT 1
);
CREATE INDEX prepared_texts_kind_idx ON prepared_texts (kind, id);
CREATE INDEX prepared_texts_public_idx ON prepared_texts (matter_id) WHERE public AND NOT retired;

CREATE TABLE prepared_text_versions (
    text_id     uuid NOT NULL REFERENCES prepared_texts (id),
    version     bigint NOT NULL,
    title       text NOT NULL,
    body        text NOT NULL,
    legal_basis text NOT NULL DEFAULT '',
    retired     boolean NOT NULL,
    account_id  uuid,
    at          timestamptz NOT NULL,
    PRIMARY KEY (text_id, version)
);

-- +goose Down
DROP TABLE prepared_text_versions;
DROP TABLE prepared_texts;
