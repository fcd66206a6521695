-- Hearings before a permit is decided (行政許可法 art. 47, 48): that the applicant was
-- told of the right to one, who asked and when, when and where it is held and who
-- chairs it, and its record, sealed like what the applicant wrote.
-- +goose Up
CREATE TABLE permit_hearings (
    id              TEXT PRIMARY KEY NOT NULL,
    application_id  TEXT NOT NULL REFERENCES permit_applications (id),
    no              INTEGER NOT NULL CHECK (no > 0),
    state           TEXT NOT NULL CHECK (state IN ('told', 'lapsed', 'asked', 'announced', 'held')),
    intends         TEXT NOT NULL,
    others_cipher   BLOB,
    told_at         DATETIME NOT NULL,
    told_on         DATE NOT NULL,
    told_by_id      TEXT REFERENCES accounts (id),
    asker           TEXT NOT NULL DEFAULT '' CHECK (asker IN ('', 'applicant', 'interested')),
    asked_at        DATETIME,
    asked_on        DATE,
    asked_by_id     TEXT REFERENCES accounts (id),
    heard_at        DATETIME,
    heard_on        DATE,
    place           TEXT NOT NULL DEFAULT '',
    closed          BOOLEAN NOT NULL DEFAULT false,
    closed_why      TEXT NOT NULL DEFAULT '',
    chair_id        TEXT REFERENCES accounts (id),
    announced_at    DATETIME,
    announced_on    DATE,
    announced_by_id TEXT REFERENCES accounts (id),
    record_cipher   BLOB,
    recorded_at     DATETIME,
    recorded_on     DATE,
    recorded_by_id  TEXT REFERENCES accounts (id),
    CHECK ((asker = '') = (asked_at IS NULL)),
    CHECK ((state IN ('told', 'lapsed')) = (asked_at IS NULL)),
    CHECK ((state IN ('announced', 'held')) = (announced_at IS NOT NULL)),
    CHECK (announced_at IS NULL OR heard_at IS NOT NULL AND chair_id IS NOT NULL),
    CHECK ((state = 'held') = (recorded_at IS NOT NULL))
);
CREATE UNIQUE INDEX permit_hearings_no_key ON permit_hearings (application_id, no);
CREATE UNIQUE INDEX permit_hearings_open_key ON permit_hearings (application_id) WHERE state IN ('told', 'asked', 'announced');

-- +goose Down
DROP TABLE permit_hearings;
