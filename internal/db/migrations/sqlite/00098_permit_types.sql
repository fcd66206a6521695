-- Permit types: each published version as it was published, and one draft of the
-- next version per code. The content is kept as the text that was published, so
-- that an application can be held to the version that it was begun under.
-- +goose Up
CREATE TABLE permit_types (
    id              TEXT NOT NULL PRIMARY KEY,
    code            TEXT NOT NULL,
    version         INTEGER NOT NULL CHECK (version > 0),
    matter_code     TEXT NOT NULL,
    content         TEXT NOT NULL,
    valid_from      DATE NOT NULL,
    published_at    DATETIME NOT NULL,
    published_by_id TEXT REFERENCES accounts (id),
    written_by_id   TEXT REFERENCES accounts (id),
    reason          TEXT NOT NULL DEFAULT '',
    UNIQUE (code, version)
);
CREATE INDEX permit_types_matter_idx ON permit_types (matter_code);

CREATE TABLE permit_type_drafts (
    id            TEXT NOT NULL PRIMARY KEY,
    code          TEXT NOT NULL UNIQUE,
    base_version  INTEGER NOT NULL,
    content       TEXT NOT NULL,
    writers       TEXT NOT NULL,
    written_by_id TEXT NOT NULL REFERENCES accounts (id),
    version       INTEGER NOT NULL DEFAULT 1,
    created_at    DATETIME NOT NULL,
    updated_at    DATETIME NOT NULL
);

-- +goose Down
DROP TABLE permit_type_drafts;
DROP TABLE permit_types;
