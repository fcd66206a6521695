-- Offers that nobody has to ask for: a benefit with its conditions, the lists of
-- those whom it fits, and what became of each of them.
-- +goose Up
CREATE TABLE benefits (
    id           uuid PRIMARY KEY,
    code         text COLLATE "C" NOT NULL,
    unit_id      uuid NOT NULL REFERENCES units (id),
    matter_id    uuid NOT NULL REFERENCES matters (id),
    author_id    uuid NOT NULL REFERENCES accounts (id),
    state        text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'published', 'ended')),
    name         jsonb NOT NULL,
    gives        jsonb NOT NULL,
    about        jsonb NOT NULL,
    law          text NOT NULL,
    definition   jsonb NOT NULL,
    amount       bigint NOT NULL DEFAULT 0,
    moves_money  boolean NOT NULL,
    window_days  bigint NOT NULL,
    per          text NOT NULL CHECK (per IN ('once', 'year')),
    published_at timestamptz,
    ended_at     timestamptz,
    version      bigint NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX benefits_code_key ON benefits (code);
CREATE INDEX benefits_unit_idx ON benefits (unit_id);

-- What a benefit was, at each version.
CREATE TABLE benefit_versions (
    benefit_id  uuid NOT NULL REFERENCES benefits (id),
    no          bigint NOT NULL,
    definition  jsonb NOT NULL,
    law         text NOT NULL,
    moves_money boolean NOT NULL,
    window_days bigint NOT NULL,
    author_id   uuid NOT NULL REFERENCES accounts (id),
    at          timestamptz NOT NULL,
    PRIMARY KEY (benefit_id, no)
);

-- A list is a benefit as it was on one day with those whom it fitted.
CREATE TABLE offer_lists (
    id           uuid PRIMARY KEY,
    benefit_id   uuid NOT NULL REFERENCES benefits (id),
    benefit_no   bigint NOT NULL,
    definition   jsonb NOT NULL,
    author_id    uuid NOT NULL REFERENCES accounts (id),
    state        text NOT NULL DEFAULT 'matching' CHECK (state IN ('matching', 'matched', 'confirmed', 'dropped')),
    matched_on   date NOT NULL,
    found        bigint NOT NULL DEFAULT 0,
    done         bigint NOT NULL DEFAULT 0,
    confirmer_id uuid REFERENCES accounts (id),
    confirmed_at timestamptz,
    version      bigint NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL
);
CREATE INDEX offer_lists_benefit_idx ON offer_lists (benefit_id, id);
CREATE UNIQUE INDEX offer_lists_open_key ON offer_lists (benefit_id) WHERE state IN ('matching', 'matched');

-- One person on one list. Period is the year of a benefit that comes every year,
-- else 0. The note, why somebody was taken off or objects, is sealed under the
-- person's own key.
CREATE TABLE offers (
    id              uuid PRIMARY KEY,
    list_id         uuid NOT NULL REFERENCES offer_lists (id),
    benefit_id      uuid NOT NULL REFERENCES benefits (id),
    constituent_id  uuid NOT NULL REFERENCES constituents (id),
    period          bigint NOT NULL,
    state           text NOT NULL DEFAULT 'matched' CHECK (state IN ('matched', 'trimmed', 'confirmed', 'offered', 'agreed', 'objected', 'lapsed', 'refused', 'granted', 'dropped')),
    why             jsonb NOT NULL,
    reason          text NOT NULL DEFAULT '',
    note_cipher     bytea,
    told_at         timestamptz,
    respond_by      timestamptz,
    respond_on      date,
    answered_at     timestamptz,
    settled_at      timestamptz,
    case_id         uuid REFERENCES cases (id),
    code_generation bigint NOT NULL DEFAULT 1,
    code_key        text NOT NULL,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
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
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES accounts (id),
    state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed')),
    from_on     date NOT NULL,
    to_on       date NOT NULL,
    stage       text NOT NULL DEFAULT 'reading',
    percent     bigint NOT NULL DEFAULT 0,
    people      bigint NOT NULL DEFAULT 0,
    cases       bigint NOT NULL DEFAULT 0,
    silhouette  bigint NOT NULL DEFAULT 0, -- in thousandths
    created_at  timestamptz NOT NULL,
    finished_at timestamptz
);

CREATE UNIQUE INDEX discovered_running_key ON discovered_runs (account_id) WHERE state = 'running';

CREATE TABLE discovered_groups (
    id         uuid PRIMARY KEY,
    run_id     uuid NOT NULL REFERENCES discovered_runs (id),
    no         bigint NOT NULL,
    people     bigint NOT NULL,
    cases      bigint NOT NULL,
    matters    jsonb NOT NULL, -- what marks it: matter, cases, quotient, interval
    UNIQUE (run_id, no)
);

-- +goose Down
DROP TABLE discovered_groups;
DROP TABLE discovered_runs;
DROP TABLE offers;
DROP TABLE offer_lists;
DROP TABLE benefit_versions;
DROP TABLE benefits;
