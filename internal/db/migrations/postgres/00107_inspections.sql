-- Inspections on site of what a permit is wanted for: when it is and who comes, which
-- the applicant is told, and what two officials at least found there. Why an
-- application is refused without one.
-- +goose Up
CREATE TABLE permit_inspections (
    id              uuid PRIMARY KEY,
    application_id  uuid NOT NULL REFERENCES permit_applications (id),
    no              bigint NOT NULL CHECK (no > 0),
    state           text NOT NULL CHECK (state IN ('appointed', 'called_off', 'recorded')),
    visit_at        timestamptz NOT NULL,
    visit_on        date NOT NULL,
    notice          text NOT NULL DEFAULT '',
    appointed_at    timestamptz NOT NULL,
    appointed_by_id uuid REFERENCES accounts (id),
    client_id       text NOT NULL DEFAULT '',
    digest          text NOT NULL DEFAULT '',
    filled_at       timestamptz,
    recorded_at     timestamptz,
    recorded_on     date,
    recorded_by_id  uuid REFERENCES accounts (id),
    passed          boolean NOT NULL DEFAULT false,
    findings        text NOT NULL DEFAULT '',
    CHECK ((state = 'recorded') = (recorded_at IS NOT NULL)),
    CHECK ((state = 'recorded') = (client_id <> ''))
);
CREATE UNIQUE INDEX permit_inspections_no_key ON permit_inspections (application_id, no);
CREATE UNIQUE INDEX permit_inspections_open_key ON permit_inspections (application_id) WHERE state = 'appointed';

CREATE TABLE permit_inspection_officials (
    inspection_id uuid NOT NULL REFERENCES permit_inspections (id),
    official_id   uuid NOT NULL REFERENCES accounts (id),
    appointed     boolean NOT NULL,
    present       boolean NOT NULL,
    PRIMARY KEY (inspection_id, official_id)
);

CREATE TABLE permit_inspection_checks (
    inspection_id uuid NOT NULL REFERENCES permit_inspections (id),
    code          text NOT NULL,
    verdict       text NOT NULL CHECK (verdict IN ('met', 'unmet', 'none')),
    note          text NOT NULL DEFAULT '',
    PRIMARY KEY (inspection_id, code)
);

ALTER TABLE permit_decisions ADD COLUMN uninspected text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE permit_decisions DROP COLUMN uninspected;
DROP TABLE permit_inspection_checks;
DROP TABLE permit_inspection_officials;
DROP TABLE permit_inspections;
