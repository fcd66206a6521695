-- Whose important interests an application directly concerns, as the unit finds: they are
-- told before the decision, and may state their case (行政許可法 art. 36). Names, addresses
-- and what they say are sealed with the application.
-- +goose Up
CREATE TABLE permit_interested (
    id               uuid PRIMARY KEY,
    application_id   uuid NOT NULL REFERENCES permit_applications (id),
    no               bigint NOT NULL CHECK (no > 0),
    kind             text NOT NULL CHECK (kind IN ('person', 'enterprise')),
    name_cipher      bytea,
    mail_cipher      bytea,
    reason           text NOT NULL,
    intends          text NOT NULL,
    locale           text NOT NULL,
    days             bigint NOT NULL CHECK (days > 0),
    link_key         text NOT NULL,
    generation       bigint NOT NULL DEFAULT 1,
    told_at          timestamptz NOT NULL,
    told_on          date NOT NULL,
    told_by_id       uuid REFERENCES accounts (id),
    statement_cipher bytea,
    stated_at        timestamptz,
    stated_on        date,
    stated_by_id     uuid REFERENCES accounts (id),
    CHECK ((stated_at IS NULL) = (stated_on IS NULL)),
    CHECK (stated_by_id IS NULL OR stated_at IS NOT NULL)
);
CREATE UNIQUE INDEX permit_interested_no_key ON permit_interested (application_id, no);

-- +goose Down
DROP TABLE permit_interested;
