-- Several permits in one go: what an enterprise sets out to do (a life event), as
-- versioned data, and the bundles that people made of it. A bundle only joins
-- applications: each of them is a case of its own.
-- +goose Up
CREATE TABLE life_events (
    id           TEXT NOT NULL PRIMARY KEY,
    code         TEXT NOT NULL,
    version      INTEGER NOT NULL CHECK (version > 0),
    content      TEXT NOT NULL,
    valid_from   DATE NOT NULL,
    published_at DATETIME NOT NULL,
    UNIQUE (code, version)
);

CREATE TABLE permit_bundles (
    id            TEXT NOT NULL PRIMARY KEY,
    holder_id     TEXT NOT NULL REFERENCES constituents (id),
    event_code    TEXT NOT NULL,
    event_version INTEGER NOT NULL,
    guide         TEXT NOT NULL,
    begun_by_id   TEXT REFERENCES accounts (id),
    sent_at       DATETIME,
    version       INTEGER NOT NULL DEFAULT 1,
    created_at    DATETIME NOT NULL,
    updated_at    DATETIME NOT NULL
);
CREATE INDEX permit_bundles_holder_idx ON permit_bundles (holder_id, event_code, id);
CREATE INDEX permit_bundles_draft_idx ON permit_bundles (updated_at, id) WHERE sent_at IS NULL;

ALTER TABLE permit_applications ADD COLUMN bundle_id TEXT REFERENCES permit_bundles (id);
CREATE UNIQUE INDEX permit_applications_bundle_key ON permit_applications (bundle_id, type_code) WHERE bundle_id IS NOT NULL;

-- +goose Down
DROP INDEX permit_applications_bundle_key;
ALTER TABLE permit_applications DROP COLUMN bundle_id;
DROP TABLE permit_bundles;
DROP TABLE life_events;
