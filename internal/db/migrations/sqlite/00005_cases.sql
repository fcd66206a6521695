-- +goose Up
-- Cases from receipt to conclusion. A case is what its events add up to;
-- case_events is append-only. Beside each legal instant stands its local date.
CREATE TABLE sequences (
    name TEXT PRIMARY KEY NOT NULL,
    last INTEGER NOT NULL CHECK (last >= 0)
);
INSERT INTO sequences (name, last) VALUES ('case_no', 0);

CREATE TABLE cases (
    id               TEXT PRIMARY KEY NOT NULL,
    case_no          TEXT NOT NULL,
    track            TEXT NOT NULL CHECK (track IN ('hotline', 'petition', 'permit')),
    kind             TEXT NOT NULL CHECK (kind IN ('complaint', 'help_request', 'enquiry', 'suggestion', 'compliment', 'report', 'permit_application')),
    status           TEXT NOT NULL CHECK (status IN ('submitted', 'accepted', 'not_accepted', 'need_info', 'dispatched', 'signed_in', 'handling', 'replied', 'reviewed', 'concluded', 'withdrawn', 'merged', 'transferred', 'archived')),
    resume_status    TEXT NOT NULL DEFAULT '',
    confidentiality  TEXT NOT NULL CHECK (confidentiality IN ('normal', 'identity_hidden', 'anonymous', 'whistle')),
    channel          TEXT NOT NULL,
    locale           TEXT NOT NULL,
    matter_id        TEXT REFERENCES matters (id),
    matter_version   INTEGER NOT NULL DEFAULT 0,
    unit_id          TEXT NOT NULL REFERENCES units (id),
    district_id      TEXT REFERENCES districts (id),
    handler_id       TEXT REFERENCES accounts (id),
    title            TEXT NOT NULL DEFAULT '',
    description      TEXT NOT NULL DEFAULT '',
    answers          TEXT NOT NULL DEFAULT '{}',
    vault_key_id     TEXT REFERENCES vault_keys (id),
    text_cipher      BLOB,
    address_cipher   BLOB,
    lat              REAL,
    lng              REAL,
    urgent           BOOLEAN NOT NULL DEFAULT false,
    route_rule       TEXT NOT NULL DEFAULT '',
    route_version    INTEGER NOT NULL DEFAULT 0,
    route_unit_id    TEXT REFERENCES units (id),
    route_reason     TEXT NOT NULL DEFAULT '{}',
    handling_limit   TEXT NOT NULL DEFAULT '',
    received_at      DATETIME NOT NULL,
    received_on      DATE NOT NULL,
    response_due_at  DATETIME,
    response_due_on  DATE,
    due_at           DATETIME,
    due_on           DATE,
    due_provisional  BOOLEAN NOT NULL DEFAULT false,
    due_fixed        BOOLEAN NOT NULL DEFAULT false,
    calendar_version TEXT NOT NULL DEFAULT '',
    accepted_at      DATETIME,
    dispatched_at    DATETIME,
    signed_in_at     DATETIME,
    contacted_at     DATETIME,
    contacted_on     DATE,
    replied_at       DATETIME,
    concluded_at     DATETIME,
    concluded_on     DATE,
    outcome          TEXT NOT NULL DEFAULT '' CHECK (outcome IN ('', 'resolved', 'partly', 'explained', 'not_supported', 'referred')),
    conclusion_no    INTEGER NOT NULL DEFAULT 0,
    returned_count   INTEGER NOT NULL DEFAULT 0,
    rework_count     INTEGER NOT NULL DEFAULT 0,
    appealed         BOOLEAN NOT NULL DEFAULT false,
    event_count      INTEGER NOT NULL DEFAULT 0,
    code_generation  INTEGER NOT NULL DEFAULT 1,
    code_key         TEXT NOT NULL,
    source           TEXT NOT NULL DEFAULT '',
    source_id        TEXT,
    version          INTEGER NOT NULL DEFAULT 1,
    created_at       DATETIME NOT NULL,
    updated_at       DATETIME NOT NULL
);
CREATE UNIQUE INDEX cases_case_no_key ON cases (case_no);
CREATE UNIQUE INDEX cases_source_key ON cases (source, source_id);
CREATE INDEX cases_received_on_idx ON cases (received_on, unit_id);
CREATE INDEX cases_due_on_idx ON cases (due_on, unit_id);
CREATE INDEX cases_concluded_on_idx ON cases (concluded_on, unit_id);

-- Who takes part: the requester, who filed, for whom, and who is complained about.
CREATE TABLE case_parties (
    id            TEXT PRIMARY KEY NOT NULL,
    case_id       TEXT NOT NULL REFERENCES cases (id),
    role          TEXT NOT NULL CHECK (role IN ('requester', 'filed_by', 'beneficiary', 'agent', 'co_requester', 'subject')),
    constituent_id TEXT REFERENCES constituents (id),
    unit_id       TEXT REFERENCES units (id),
    account_id    TEXT REFERENCES accounts (id),
    name_cipher   BLOB,
    relation      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX case_parties_case_idx ON case_parties (case_id);
CREATE INDEX case_parties_constituent_idx ON case_parties (constituent_id, case_id);
CREATE INDEX case_parties_account_idx ON case_parties (account_id, case_id);

-- Which units have to do with a case: the join that narrows every list to a
-- scope, and the index that every queue walks. queue_at is the due time, or
-- the year 9999 where there is none; priority 0 is danger to life.
CREATE TABLE case_units (
    case_id    TEXT NOT NULL REFERENCES cases (id),
    unit_id    TEXT NOT NULL REFERENCES units (id),
    role       TEXT NOT NULL CHECK (role IN ('lead', 'joint', 'supervising', 'past')),
    unit_path  TEXT NOT NULL,
    open       BOOLEAN NOT NULL,
    priority   INTEGER NOT NULL DEFAULT 1 CHECK (priority IN (0, 1)),
    queue_at   DATETIME NOT NULL,
    status     TEXT NOT NULL,
    handler_id TEXT,
    due_at     DATETIME,
    since      DATETIME NOT NULL,
    PRIMARY KEY (case_id, unit_id)
);
CREATE INDEX case_units_queue_idx ON case_units (unit_id, priority, queue_at, case_id) WHERE open;
CREATE INDEX case_units_whole_queue_idx ON case_units (priority, queue_at, case_id) WHERE open;
CREATE INDEX case_units_handler_idx ON case_units (handler_id, priority, queue_at, case_id) WHERE open;

CREATE TABLE case_events (
    id            TEXT PRIMARY KEY NOT NULL,
    case_id       TEXT NOT NULL REFERENCES cases (id),
    seq           INTEGER NOT NULL,
    at            DATETIME NOT NULL,
    action        TEXT NOT NULL,
    from_status   TEXT NOT NULL,
    to_status     TEXT NOT NULL,
    actor_kind    TEXT NOT NULL,
    account_id    TEXT,
    as_account_id TEXT,
    unit_id       TEXT REFERENCES units (id),
    public        BOOLEAN NOT NULL,
    text          TEXT NOT NULL DEFAULT '',
    text_cipher   BLOB,
    data          TEXT NOT NULL DEFAULT '{}'
);
CREATE UNIQUE INDEX case_events_case_seq_key ON case_events (case_id, seq);

-- What the citizen and the government said to each other.
CREATE TABLE case_messages (
    id          TEXT PRIMARY KEY NOT NULL,
    case_id     TEXT NOT NULL REFERENCES cases (id),
    event_id    TEXT NOT NULL REFERENCES case_events (id),
    at          DATETIME NOT NULL,
    direction   TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    kind        TEXT NOT NULL CHECK (kind IN ('request', 'answer', 'reply', 'message')),
    published   BOOLEAN NOT NULL,
    account_id  TEXT,
    unit_id     TEXT REFERENCES units (id),
    text        TEXT NOT NULL DEFAULT '',
    text_cipher BLOB
);
CREATE INDEX case_messages_case_idx ON case_messages (case_id, id);
CREATE INDEX case_messages_event_idx ON case_messages (event_id);

-- +goose Down
DROP TABLE case_messages;
DROP TABLE case_events;
DROP TABLE case_units;
DROP TABLE case_parties;
DROP TABLE cases;
DROP TABLE sequences;
