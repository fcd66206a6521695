-- Whose important interests an application directly concerns, as the unit finds: they are
-- told before the decision, and may state their case (行政許可法 art. 36). Names, addresses
-- and what they say are sealed with the application.
-- +goose Up
CREATE TABLE permit_interested (
    id               TEXT PRIMARY KEY NOT NULL,
    application_id   TEXT NOT NULL REFERENCES permit_applications (id),
    no               INTEGER NOT NULL CHECK (no > 0),
    kind             TEXT NOT NULL CHECK (kind IN ('person', 'enterprise')),
    name_cipher      BLOB,
    mail_cipher      BLOB,
    reason           TEXT NOT NULL,
    intends          TEXT NOT NULL,
    locale           TEXT NOT NULL,
    days             INTEGER NOT NULL CHECK (days > 0),
    link_key         TEXT NOT NULL,
    generation       INTEGER NOT NULL DEFAULT 1,
    told_at          DATETIME NOT NULL,
    told_on          DATE NOT NULL,
    told_by_id       TEXT REFERENCES accounts (id),
    statement_cipher BLOB,
    stated_at        DATETIME,
    stated_on        DATE,
    stated_by_id     TEXT REFERENCES accounts (id),
    CHECK ((stated_at IS NULL) = (stated_on IS NULL)),
    CHECK (stated_by_id IS NULL OR stated_at IS NOT NULL)
);
CREATE UNIQUE INDEX permit_interested_no_key ON permit_interested (application_id, no);

-- +goose Down
DROP TABLE permit_interested;
