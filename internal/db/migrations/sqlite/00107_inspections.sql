-- Inspections on site of what a permit is wanted for: when it is and who comes, which
-- the applicant is told, and what two officials at least found there. Why an
-- application is refused without one.
-- +goose Up
CREATE TABLE permit_inspections (
    id              TEXT PRIMARY KEY NOT NULL,
    application_id  TEXT NOT NULL REFERENCES permit_applications (id),
    no              INTEGER NOT NULL CHECK (no > 0),
    state           TEXT NOT NULL CHECK (state IN ('appointed', 'called_off', 'recorded')),
    visit_at        DATETIME NOT NULL,
    visit_on        DATE NOT NULL,
    notice          TEXT NOT NULL DEFAULT '',
    appointed_at    DATETIME NOT NULL,
    appointed_by_id TEXT REFERENCES accounts (id),
    client_id       TEXT NOT NULL DEFAULT '',
    digest          TEXT NOT NULL DEFAULT '',
    filled_at       DATETIME,
    recorded_at     DATETIME,
    recorded_on     DATE,
    recorded_by_id  TEXT REFERENCES accounts (id),
    passed          BOOLEAN NOT NULL DEFAULT false,
    findings        TEXT NOT NULL DEFAULT '',
    CHECK ((state = 'recorded') = (recorded_at IS NOT NULL)),
    CHECK ((state = 'recorded') = (client_id <> ''))
);
CREATE UNIQUE INDEX permit_inspections_no_key ON permit_inspections (application_id, no);
CREATE UNIQUE INDEX permit_inspections_open_key ON permit_inspections (application_id) WHERE state = 'appointed';

CREATE TABLE permit_inspection_officials (
    inspection_id TEXT NOT NULL REFERENCES permit_inspections (id),
    official_id   TEXT NOT NULL REFERENCES accounts (id),
    appointed     BOOLEAN NOT NULL,
    present       BOOLEAN NOT NULL,
    PRIMARY KEY (inspection_id, official_id)
);

CREATE TABLE permit_inspection_checks (
    inspection_id TEXT NOT NULL REFERENCES permit_inspections (id),
    code          TEXT NOT NULL,
    verdict       TEXT NOT NULL CHECK (verdict IN ('met', 'unmet', 'none')),
    note          TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (inspection_id, code)
);

ALTER TABLE permit_decisions ADD COLUMN uninspected TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE permit_decisions DROP COLUMN uninspected;
DROP TABLE permit_inspection_checks;
DROP TABLE permit_inspection_officials;
DROP TABLE permit_inspections;
