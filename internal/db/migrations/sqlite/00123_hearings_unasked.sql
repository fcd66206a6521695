-- A hearing of the unit's own accord (行政許可法 art. 46): nobody asked for it.
-- +goose Up
CREATE TABLE permit_hearings_next (
    id              TEXT PRIMARY KEY NOT NULL,
    application_id  TEXT NOT NULL REFERENCES permit_applications (id),
    no              INTEGER NOT NULL CHECK (no > 0),
    state           TEXT NOT NULL CHECK (state IN ('told', 'lapsed', 'asked', 'announced', 'held')),
    intends         TEXT NOT NULL,
    others_cipher   BLOB,
    told_at         DATETIME NOT NULL,
    told_on         DATE NOT NULL,
    told_by_id      TEXT REFERENCES accounts (id),
    asker           TEXT NOT NULL DEFAULT '' CHECK (asker IN ('', 'applicant', 'interested', 'unit')),
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
INSERT INTO permit_hearings_next (id, application_id, no, state, intends, others_cipher, told_at, told_on, told_by_id, asker, asked_at, asked_on, asked_by_id, heard_at, heard_on, place, closed, closed_why, chair_id, announced_at, announced_on, announced_by_id, record_cipher, recorded_at, recorded_on, recorded_by_id) SELECT id, application_id, no, state, intends, others_cipher, told_at, told_on, told_by_id, asker, asked_at, asked_on, asked_by_id, heard_at, heard_on, place, closed, closed_why, chair_id, announced_at, announced_on, announced_by_id, record_cipher, recorded_at, recorded_on, recorded_by_id FROM permit_hearings;
DROP TABLE permit_hearings;
ALTER TABLE permit_hearings_next RENAME TO permit_hearings;
CREATE UNIQUE INDEX permit_hearings_no_key ON permit_hearings (application_id, no);
CREATE UNIQUE INDEX permit_hearings_open_key ON permit_hearings (application_id) WHERE state IN ('told', 'asked', 'announced');

-- +goose Down
CREATE TABLE permit_hearings_next (
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
INSERT INTO permit_hearings_next (id, application_id, no, state, intends, others_cipher, told_at, told_on, told_by_id, asker, asked_at, asked_on, asked_by_id, heard_at, heard_on, place, closed, closed_why, chair_id, announced_at, announced_on, announced_by_id, record_cipher, recorded_at, recorded_on, recorded_by_id) SELECT id, application_id, no, state, intends, others_cipher, told_at, told_on, told_by_id, CASE asker WHEN 'unit' THEN 'interested' ELSE asker END, asked_at, asked_on, asked_by_id, heard_at, heard_on, place, closed, closed_why, chair_id, announced_at, announced_on, announced_by_id, record_cipher, recorded_at, recorded_on, recorded_by_id FROM permit_hearings;
DROP TABLE permit_hearings;
ALTER TABLE permit_hearings_next RENAME TO permit_hearings;
CREATE UNIQUE INDEX permit_hearings_no_key ON permit_hearings (application_id, no);
CREATE UNIQUE INDEX permit_hearings_open_key ON permit_hearings (application_id) WHERE state IN ('told', 'asked', 'announced');
