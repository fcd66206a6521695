-- The register of permits: what was issued to whom, until when, and where it
-- stands. case_id is empty once the case of the application was deleted, and for
-- permits of before this register. next_on is the day on which the daily job has
-- something to do: to tell of the end, or to note it. notice_days is the last
-- notice that was told. The events are the story of a permit and are never changed.
-- +goose Up
CREATE TABLE permits (
    id           uuid PRIMARY KEY,
    permit_no    text COLLATE "C" NOT NULL,
    case_id      uuid REFERENCES cases (id),
    case_no      text COLLATE "C" NOT NULL DEFAULT '',
    type_code    text NOT NULL,
    type_version bigint NOT NULL,
    type_name    jsonb NOT NULL,
    unit_id      uuid NOT NULL REFERENCES units (id),
    unit_path    text COLLATE "C" NOT NULL,
    holder_id    uuid NOT NULL REFERENCES constituents (id),
    holder_kind  text NOT NULL CHECK (holder_kind IN ('person', 'enterprise')),
    holder_shown text NOT NULL,
    valid_from   date NOT NULL,
    valid_until  date,
    particulars  jsonb NOT NULL,
    state        text NOT NULL CHECK (state IN ('valid', 'suspended', 'revoked', 'cancelled', 'expired')),
    ground       text NOT NULL DEFAULT '',
    since        timestamptz NOT NULL,
    since_on     date NOT NULL,
    issued_at    timestamptz NOT NULL,
    issued_on    date NOT NULL,
    replaces_id  uuid REFERENCES permits (id),
    next_on      date,
    notice_days  bigint NOT NULL DEFAULT 0,
    version      bigint NOT NULL DEFAULT 1,
    updated_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX permits_no_key ON permits (permit_no);
CREATE UNIQUE INDEX permits_case_key ON permits (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX permits_holder_idx ON permits (holder_id);
CREATE INDEX permits_unit_idx ON permits (unit_path, issued_at, id);
CREATE INDEX permits_issued_idx ON permits (issued_at, id);
CREATE INDEX permits_until_idx ON permits (valid_until, id) WHERE valid_until IS NOT NULL;
CREATE INDEX permits_next_idx ON permits (next_on, id) WHERE next_on IS NOT NULL;
CREATE INDEX permits_withdrawn_idx ON permits (state, permit_no) WHERE state IN ('suspended', 'revoked', 'cancelled');
CREATE INDEX permits_replaces_idx ON permits (replaces_id) WHERE replaces_id IS NOT NULL;

CREATE TABLE permit_events (
    id         uuid PRIMARY KEY,
    permit_id  uuid NOT NULL REFERENCES permits (id),
    at         timestamptz NOT NULL,
    on_day     date NOT NULL,
    act        text NOT NULL,
    state      text NOT NULL CHECK (state IN ('valid', 'suspended', 'revoked', 'cancelled', 'expired')),
    ground     text NOT NULL DEFAULT '',
    reason     text NOT NULL DEFAULT '',
    days       bigint NOT NULL DEFAULT 0,
    changed    jsonb NOT NULL DEFAULT '{}',
    account_id uuid REFERENCES accounts (id)
);
CREATE INDEX permit_events_permit_idx ON permit_events (permit_id, id);

-- The public halves of the keys that signed credentials. They stay for ever: what
-- somebody carries must be checkable when the key ring has long moved on.
CREATE TABLE permit_keys (
    id         text PRIMARY KEY,
    ring_key   text NOT NULL,
    algorithm  text NOT NULL,
    public     bytea NOT NULL,
    created_at timestamptz NOT NULL
);

-- The last look of the daily job, whose row also lets two of them take turns.
CREATE TABLE register_state (
    id         bigint NOT NULL PRIMARY KEY CHECK (id = 1),
    looked_at  timestamptz,
    expired_on date
);
INSERT INTO register_state (id) VALUES (1);

INSERT INTO sequences (name, last) VALUES ('permit_no', 0);

-- +goose Down
DELETE FROM sequences WHERE name = 'permit_no';
DROP TABLE register_state;
DROP TABLE permit_keys;
DROP TABLE permit_events;
DROP TABLE permits;
