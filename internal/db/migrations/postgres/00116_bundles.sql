-- Several permits in one go: what an enterprise sets out to do (a life event), as
-- versioned data, and the bundles that people made of it. A bundle only joins
-- applications: each of them is a case of its own.
-- +goose Up
CREATE TABLE life_events (
    id           uuid NOT NULL PRIMARY KEY,
    code         text NOT NULL,
    version      bigint NOT NULL CHECK (version > 0),
    content      text NOT NULL,
    valid_from   date NOT NULL,
    published_at timestamptz NOT NULL,
    UNIQUE (code, version)
);

CREATE TABLE permit_bundles (
    id            uuid NOT NULL PRIMARY KEY,
    holder_id     uuid NOT NULL REFERENCES constituents (id),
    event_code    text NOT NULL,
    event_version bigint NOT NULL,
    guide         text NOT NULL,
    begun_by_id   uuid REFERENCES accounts (id),
    sent_at       timestamptz,
    version       bigint NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL
);
CREATE INDEX permit_bundles_holder_idx ON permit_bundles (holder_id, event_code, id);
CREATE INDEX permit_bundles_draft_idx ON permit_bundles (updated_at, id) WHERE sent_at IS NULL;

ALTER TABLE permit_applications ADD COLUMN bundle_id uuid REFERENCES permit_bundles (id);
CREATE UNIQUE INDEX permit_applications_bundle_key ON permit_applications (bundle_id, type_code) WHERE bundle_id IS NOT NULL;

-- +goose Down
DROP INDEX permit_applications_bundle_key;
ALTER TABLE permit_applications DROP COLUMN bundle_id;
DROP TABLE permit_bundles;
DROP TABLE life_events;
