-- Offers that nobody has to ask for: a benefit with its conditions, the lists of
-- those whom it fits, and what became of each of them.
-- +goose Up
CREATE TABLE benefits (
    id           TEXT NOT NULL PRIMARY KEY,
    code         TEXT NOT NULL,
    unit_id      TEXT NOT NULL REFERENCES units (id),
    matter_id    TEXT NOT NULL REFERENCES matters (id),
    author_id    TEXT NOT NULL REFERENCES accounts (id),
    state        TEXT NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'published', 'ended')),
    name         TEXT NOT NULL,
    gives        TEXT NOT NULL,
    about        TEXT NOT NULL,
    law          TEXT NOT NULL,
    definition   TEXT NOT NULL,
    amount       INTEGER NOT NULL DEFAULT 0,
    moves_money  BOOLEAN NOT NULL,
    window_days  INTEGER NOT NULL,
    per          TEXT NOT NULL CHECK (per IN ('once', 'year')),
    published_at DATETIME,
    ended_at     DATETIME,
    version      INTEGER NOT NULL DEFAULT 1,
    created_at   DATETIME NOT NULL,
    updated_at   DATETIME NOT NULL
);
CREATE UNIQUE INDEX benefits_code_key ON benefits (code);
CREATE INDEX benefits_unit_idx ON benefits (unit_id);

-- What a benefit was, at each version.
CREATE TABLE benefit_versions (
    benefit_id  TEXT NOT NULL REFERENCES benefits (id),
    no          INTEGER NOT NULL,
    definition  TEXT NOT NULL,
    law         TEXT NOT NULL,
    moves_money BOOLEAN NOT NULL,
    window_days INTEGER NOT NULL,
    author_id   TEXT NOT NULL REFERENCES accounts (id),
    at          DATETIME NOT NULL,
    PRIMARY KEY (benefit_id, no)
);

-- A list is a benefit as it was on one day with those whom it fitted.
CREATE TABLE offer_lists (
    id           TEXT NOT NULL PRIMARY KEY,
    benefit_id   TEXT NOT NULL REFERENCES benefits (id),
    benefit_no   INTEGER NOT NULL,
    definition   TEXT NOT NULL,
    author_id    TEXT NOT NULL REFERENCES accounts (id),
    state        TEXT NOT NULL DEFAULT 'matching' CHECK (state IN ('matching', 'matched', 'confirmed', 'dropped')),
    matched_on   DATE NOT NULL,
    found        INTEGER NOT NULL DEFAULT 0,
    done         INTEGER NOT NULL DEFAULT 0,
    confirmer_id TEXT REFERENCES accounts (id),
    confirmed_at DATETIME,
    version      INTEGER NOT NULL DEFAULT 1,
    created_at   DATETIME NOT NULL,
    updated_at   DATETIME NOT NULL
);
CREATE INDEX offer_lists_benefit_idx ON offer_lists (benefit_id, id);
CREATE UNIQUE INDEX offer_lists_open_key ON offer_lists (benefit_id) WHERE state IN ('matching', 'matched');

-- One person on one list. Period is the year of a benefit that comes every year,
-- else 0. The note, why somebody was taken off or objects, is sealed under the
-- person's own key.
CREATE TABLE offers (
    id              TEXT NOT NULL PRIMARY KEY,
    list_id         TEXT NOT NULL REFERENCES offer_lists (id),
    benefit_id      TEXT NOT NULL REFERENCES benefits (id),
    constituent_id  TEXT NOT NULL REFERENCES constituents (id),
    period          INTEGER NOT NULL,
    state           TEXT NOT NULL DEFAULT 'matched' CHECK (state IN ('matched', 'trimmed', 'confirmed', 'offered', 'agreed', 'objected', 'lapsed', 'refused', 'granted', 'dropped')),
    why             TEXT NOT NULL,
    reason          TEXT NOT NULL DEFAULT '',
    note_cipher     BLOB,
    told_at         DATETIME,
    respond_by      DATETIME,
    respond_on      DATE,
    answered_at     DATETIME,
    settled_at      DATETIME,
    case_id         TEXT REFERENCES cases (id),
    code_generation INTEGER NOT NULL DEFAULT 1,
    code_key        TEXT NOT NULL,
    version         INTEGER NOT NULL DEFAULT 1,
    created_at      DATETIME NOT NULL,
    updated_at      DATETIME NOT NULL,
    UNIQUE (list_id, constituent_id)
);
CREATE INDEX offers_constituent_idx ON offers (constituent_id, id);
CREATE INDEX offers_list_idx ON offers (list_id, state, id);
CREATE INDEX offers_due_idx ON offers (respond_by) WHERE state = 'offered';
CREATE INDEX offers_code_key_idx ON offers (code_key);
CREATE UNIQUE INDEX offers_case_key ON offers (case_id) WHERE case_id IS NOT NULL;
-- Whatever else goes wrong, nobody is granted the same thing twice.
CREATE UNIQUE INDEX offers_granted_key ON offers (benefit_id, constituent_id, period) WHERE state = 'granted';

-- Groups found in what people asked for over a year, to be named by a human. They
-- hold counts only; who is in one is not kept.
CREATE TABLE discovered_runs (
    id          TEXT NOT NULL PRIMARY KEY,
    account_id  TEXT NOT NULL REFERENCES accounts (id),
    state       TEXT NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed')),
    from_on     DATE NOT NULL,
    to_on       DATE NOT NULL,
    stage       TEXT NOT NULL DEFAULT 'reading',
    percent     INTEGER NOT NULL DEFAULT 0,
    people      INTEGER NOT NULL DEFAULT 0,
    cases       INTEGER NOT NULL DEFAULT 0,
    silhouette  INTEGER NOT NULL DEFAULT 0, -- in thousandths
    created_at  DATETIME NOT NULL,
    finished_at DATETIME
);

CREATE UNIQUE INDEX discovered_running_key ON discovered_runs (account_id) WHERE state = 'running';

CREATE TABLE discovered_groups (
    id         TEXT NOT NULL PRIMARY KEY,
    run_id     TEXT NOT NULL REFERENCES discovered_runs (id),
    no         INTEGER NOT NULL,
    people     INTEGER NOT NULL,
    cases      INTEGER NOT NULL,
    matters    TEXT NOT NULL, -- what marks it: matter, cases, quotient, interval
    UNIQUE (run_id, no)
);

-- +goose Down
DROP TABLE discovered_groups;
DROP TABLE discovered_runs;
DROP TABLE offers;
DROP TABLE offer_lists;
DROP TABLE benefit_versions;
DROP TABLE benefits;
