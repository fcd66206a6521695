-- Permit types: each published version as it was published, and one draft of the
-- next version per code. The content is kept as the text that was published, so
-- that an application can be held to the version that it was begun under.
-- +goose Up
CREATE TABLE permit_types (
    id              uuid NOT NULL PRIMARY KEY,
    code            text NOT NULL,
    version         bigint NOT NULL CHECK (version > 0),
    matter_code     text NOT NULL,
    content         text NOT NULL,
    valid_from      date NOT NULL,
    published_at    timestamptz NOT NULL,
    published_by_id uuid REFERENCES accounts (id),
    written_by_id   uuid REFERENCES accounts (id),
    reason          text NOT NULL DEFAULT '',
    UNIQUE (code, version)
);
CREATE INDEX permit_types_matter_idx ON permit_types (matter_code);

CREATE TABLE permit_type_drafts (
    id            uuid NOT NULL PRIMARY KEY,
    code          text NOT NULL UNIQUE,
    base_version  bigint NOT NULL,
    content       text NOT NULL,
    writers       text NOT NULL,
    written_by_id uuid NOT NULL REFERENCES accounts (id),
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);

-- +goose Down
DROP TABLE permit_type_drafts;
DROP TABLE permit_types;
