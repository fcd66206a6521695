-- The register of permits: what was issued to whom, until when, and where it
-- stands. case_id is empty once the case of the application was deleted, and for
-- permits of before this register. next_on is the day on which the daily job has
-- something to do: to tell of the end, or to note it. notice_days is the last
-- notice that was told. The events are the story of a permit and are never changed.
-- +goose Up
CREATE TABLE permits (
    id           TEXT NOT NULL PRIMARY KEY,
    permit_no    TEXT NOT NULL,
    case_id      TEXT REFERENCES cases (id),
    case_no      TEXT NOT NULL DEFAULT '',
    type_code    TEXT NOT NULL,
    type_version INTEGER NOT NULL,
    type_name    TEXT NOT NULL,
    unit_id      TEXT NOT NULL REFERENCES units (id),
    unit_path    TEXT NOT NULL,
    holder_id    TEXT NOT NULL REFERENCES constituents (id),
    holder_kind  TEXT NOT NULL CHECK (holder_kind IN ('person', 'enterprise')),
    holder_shown TEXT NOT NULL,
    valid_from   DATE NOT NULL,
    valid_until  DATE,
    particulars  TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('valid', 'suspended', 'revoked', 'cancelled', 'expired')),
    ground       TEXT NOT NULL DEFAULT '',
    since        DATETIME NOT NULL,
    since_on     DATE NOT NULL,
    issued_at    DATETIME NOT NULL,
    issued_on    DATE NOT NULL,
    replaces_id  TEXT REFERENCES permits (id),
    next_on      DATE,
    notice_days  INTEGER NOT NULL DEFAULT 0,
    version      INTEGER NOT NULL DEFAULT 1,
    updated_at   DATETIME NOT NULL
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
    id         TEXT NOT NULL PRIMARY KEY,
    permit_id  TEXT NOT NULL REFERENCES permits (id),
    at         DATETIME NOT NULL,
    on_day     DATE NOT NULL,
    act        TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('valid', 'suspended', 'revoked', 'cancelled', 'expired')),
    ground     TEXT NOT NULL DEFAULT '',
    reason     TEXT NOT NULL DEFAULT '',
    days       INTEGER NOT NULL DEFAULT 0,
    changed    TEXT NOT NULL DEFAULT '{}',
    account_id TEXT REFERENCES accounts (id)
);
CREATE INDEX permit_events_permit_idx ON permit_events (permit_id, id);

-- The public halves of the keys that signed credentials. They stay for ever: what
-- somebody carries must be checkable when the key ring has long moved on.
CREATE TABLE permit_keys (
    id         TEXT NOT NULL PRIMARY KEY,
    ring_key   TEXT NOT NULL,
    algorithm  TEXT NOT NULL,
    public     BLOB NOT NULL,
    created_at DATETIME NOT NULL
);

-- The last look of the daily job, whose row also lets two of them take turns.
CREATE TABLE register_state (
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    looked_at  DATETIME,
    expired_on DATE
);
INSERT INTO register_state (id) VALUES (1);

INSERT INTO sequences (name, last) VALUES ('permit_no', 0);

-- +goose Down
DELETE FROM sequences WHERE name = 'permit_no';
DROP TABLE register_state;
DROP TABLE permit_keys;
DROP TABLE permit_events;
DROP TABLE permits;
