-- +goose Up
-- Cases from receipt to conclusion. A case is what its events add up to;
-- case_events is append-only. Beside each legal instant stands its local date.
CREATE TABLE sequences (
    name text COLLATE "C" PRIMARY KEY,
    last bigint NOT NULL CHECK (last >= 0)
);
INSERT INTO sequences (name, last) VALUES ('case_no', 0);

CREATE TABLE cases (
    id               uuid PRIMARY KEY,
    case_no          text COLLATE "C" NOT NULL,
    track            text NOT NULL CHECK (track IN ('hotline', 'petition', 'permit')),
    kind             text NOT NULL CHECK (kind IN ('complaint', 'help_request', 'enquiry', 'suggestion', 'compliment', 'report', 'permit_application')),
    status           text NOT NULL CHECK (status IN ('submitted', 'accepted', 'not_accepted', 'need_info', 'dispatched', 'signed_in', 'handling', 'replied', 'reviewed', 'concluded', 'withdrawn', 'merged', 'transferred', 'archived')),
    resume_status    text NOT NULL DEFAULT '',
    confidentiality  text NOT NULL CHECK (confidentiality IN ('normal', 'identity_hidden', 'anonymous', 'whistle')),
    channel          text NOT NULL,
    locale           text NOT NULL,
    matter_id        uuid REFERENCES matters (id),
    matter_version   bigint NOT NULL DEFAULT 0,
    unit_id          uuid NOT NULL REFERENCES units (id),
    district_id      uuid REFERENCES districts (id),
    handler_id       uuid REFERENCES accounts (id),
    title            text NOT NULL DEFAULT '',
    description      text NOT NULL DEFAULT '',
    answers          jsonb NOT NULL DEFAULT '{}',
    vault_key_id     uuid REFERENCES vault_keys (id),
    text_cipher      bytea,
    address_cipher   bytea,
    lat              double precision,
    lng              double precision,
    urgent           boolean NOT NULL DEFAULT false,
    route_rule       text NOT NULL DEFAULT '',
    route_version    bigint NOT NULL DEFAULT 0,
    route_unit_id    uuid REFERENCES units (id),
    route_reason     jsonb NOT NULL DEFAULT '{}',
    handling_limit   text NOT NULL DEFAULT '',
    received_at      timestamptz NOT NULL,
    received_on      date NOT NULL,
    response_due_at  timestamptz,
    response_due_on  date,
    due_at           timestamptz,
    due_on           date,
    due_provisional  boolean NOT NULL DEFAULT false,
    due_fixed        boolean NOT NULL DEFAULT false,
    calendar_version text NOT NULL DEFAULT '',
    accepted_at      timestamptz,
    dispatched_at    timestamptz,
    signed_in_at     timestamptz,
    contacted_at     timestamptz,
    contacted_on     date,
    replied_at       timestamptz,
    concluded_at     timestamptz,
    concluded_on     date,
    outcome          text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'resolved', 'partly', 'explained', 'not_supported', 'referred')),
    conclusion_no    bigint NOT NULL DEFAULT 0,
    returned_count   bigint NOT NULL DEFAULT 0,
    rework_count     bigint NOT NULL DEFAULT 0,
    appealed         boolean NOT NULL DEFAULT false,
    event_count      bigint NOT NULL DEFAULT 0,
    code_generation  bigint NOT NULL DEFAULT 1,
    code_key         text NOT NULL,
    source           text NOT NULL DEFAULT '',
    source_id        text,
    version          bigint NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL
);
CREATE UNIQUE INDEX cases_case_no_key ON cases (case_no);
CREATE UNIQUE INDEX cases_source_key ON cases (source, source_id);
CREATE INDEX cases_received_on_idx ON cases (received_on, unit_id);
CREATE INDEX cases_due_on_idx ON cases (due_on, unit_id);
CREATE INDEX cases_concluded_on_idx ON cases (concluded_on, unit_id);

-- Who takes part: the requester, who filed, for whom, and who is complained about.
CREATE TABLE case_parties (
    id            uuid PRIMARY KEY,
    case_id       uuid NOT NULL REFERENCES cases (id),
    role          text NOT NULL CHECK (role IN ('requester', 'filed_by', 'beneficiary', 'agent', 'co_requester', 'subject')),
    constituent_id uuid REFERENCES constituents (id),
    unit_id       uuid REFERENCES units (id),
    account_id    uuid REFERENCES accounts (id),
    name_cipher   bytea,
    relation      text NOT NULL DEFAULT ''
);
CREATE INDEX case_parties_case_idx ON case_parties (case_id);
CREATE INDEX case_parties_constituent_idx ON case_parties (constituent_id, case_id);
CREATE INDEX case_parties_account_idx ON case_parties (account_id, case_id);

-- Which units have to do with a case: the join that narrows every list to a
-- scope, and the index that every queue walks. queue_at is the due time, or
-- the year 9999 where there is none; priority 0 is danger to life.
CREATE TABLE case_units (
    case_id    uuid NOT NULL REFERENCES cases (id),
    unit_id    uuid NOT NULL REFERENCES units (id),
    role       text NOT NULL CHECK (role IN ('lead', 'joint', 'supervising', 'past')),
    unit_path  text COLLATE "C" NOT NULL,
    open       boolean NOT NULL,
    priority   bigint NOT NULL DEFAULT 1 CHECK (priority IN (0, 1)),
    queue_at   timestamptz NOT NULL,
    status     text NOT NULL,
    handler_id uuid,
    due_at     timestamptz,
    since      timestamptz NOT NULL,
    PRIMARY KEY (case_id, unit_id)
);
CREATE INDEX case_units_queue_idx ON case_units (unit_id, priority, queue_at, case_id) WHERE open;
CREATE INDEX case_units_whole_queue_idx ON case_units (priority, queue_at, case_id) WHERE open;
CREATE INDEX case_units_handler_idx ON case_units (handler_id, priority, queue_at, case_id) WHERE open;

CREATE TABLE case_events (
    id            uuid PRIMARY KEY,
    case_id       uuid NOT NULL REFERENCES cases (id),
    seq           bigint NOT NULL,
    at            timestamptz NOT NULL,
    action        text NOT NULL,
    from_status   text NOT NULL,
    to_status     text NOT NULL,
    actor_kind    text NOT NULL,
    account_id    uuid,
    as_account_id uuid,
    unit_id       uuid REFERENCES units (id),
    public        boolean NOT NULL,
    text          text NOT NULL DEFAULT '',
    text_cipher   bytea,
    data          jsonb NOT NULL DEFAULT '{}'
);
CREATE UNIQUE INDEX case_events_case_seq_key ON case_events (case_id, seq);

-- What the citizen and the government said to each other.
CREATE TABLE case_messages (
    id          uuid PRIMARY KEY,
    case_id     uuid NOT NULL REFERENCES cases (id),
    event_id    uuid NOT NULL REFERENCES case_events (id),
    at          timestamptz NOT NULL,
    direction   text NOT NULL CHECK (direction IN ('in', 'out')),
    kind        text NOT NULL CHECK (kind IN ('request', 'answer', 'reply', 'message')),
    published   boolean NOT NULL,
    account_id  uuid,
    unit_id     uuid REFERENCES units (id),
    text        text NOT NULL DEFAULT '',
    text_cipher bytea
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
