-- What permits cost: an order for each fee of a decision, how it was paid, the
-- receipts, what a provider of payments told, and what two people waived or gave
-- back. Amounts are in the smallest coin. Nothing here names a person but by id.
-- +goose Up
CREATE TABLE fee_orders (
    id           TEXT NOT NULL PRIMARY KEY,
    order_no     TEXT NOT NULL,
    case_id      TEXT NOT NULL REFERENCES cases (id),
    case_no      TEXT NOT NULL,
    holder_id    TEXT NOT NULL REFERENCES constituents (id),
    unit_id      TEXT NOT NULL REFERENCES units (id),
    unit_path    TEXT NOT NULL,
    type_code    TEXT NOT NULL,
    type_version INTEGER NOT NULL,
    type_name    TEXT NOT NULL,
    fee_code     TEXT NOT NULL,
    fee_name     TEXT NOT NULL,
    charged      TEXT NOT NULL CHECK (charged IN ('accept', 'grant')),
    holds        BOOLEAN NOT NULL DEFAULT false,
    amount       INTEGER NOT NULL CHECK (amount > 0),
    currency     TEXT NOT NULL CHECK (currency IN ('CNY', 'TWD')),
    state        TEXT NOT NULL CHECK (state IN ('due', 'paid', 'waived', 'refunded', 'cancelled')),
    created_at   DATETIME NOT NULL,
    created_on   DATE NOT NULL,
    due_on       DATE NOT NULL,
    settled_at   DATETIME,
    settled_on   DATE,
    version      INTEGER NOT NULL DEFAULT 1,
    updated_at   DATETIME NOT NULL
);
CREATE UNIQUE INDEX fee_orders_no_key ON fee_orders (order_no);
CREATE UNIQUE INDEX fee_orders_case_key ON fee_orders (case_id, fee_code);
CREATE INDEX fee_orders_holder_idx ON fee_orders (holder_id, id);
CREATE INDEX fee_orders_unit_idx ON fee_orders (unit_path, id);

-- One way to the provider of payments and back. The provider knows it by the id.
CREATE TABLE fee_payments (
    id           TEXT NOT NULL PRIMARY KEY,
    order_id     TEXT NOT NULL REFERENCES fee_orders (id),
    provider     TEXT NOT NULL,
    amount       INTEGER NOT NULL,
    currency     TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('open', 'paid', 'failed')),
    pay_url      TEXT NOT NULL DEFAULT '',
    opened_at    DATETIME NOT NULL,
    opened_by_id TEXT REFERENCES accounts (id),
    asked_at     DATETIME,
    ended_at     DATETIME
);
CREATE INDEX fee_payments_order_idx ON fee_payments (order_id, id);
CREATE INDEX fee_payments_open_idx ON fee_payments (id) WHERE state = 'open';

-- What arrived: each payment of a provider once, whatever came of it. What fits no
-- order waits until somebody has settled it.
CREATE TABLE fee_arrivals (
    id           TEXT NOT NULL PRIMARY KEY,
    provider     TEXT NOT NULL,
    provider_ref TEXT NOT NULL,
    payment_id   TEXT REFERENCES fee_payments (id),
    order_id     TEXT REFERENCES fee_orders (id),
    unit_path    TEXT NOT NULL DEFAULT '',
    amount       INTEGER NOT NULL,
    currency     TEXT NOT NULL,
    paid_at      DATETIME NOT NULL,
    arrived_at   DATETIME NOT NULL,
    arrived_on   DATE NOT NULL,
    outcome      TEXT NOT NULL CHECK (outcome IN ('accepted', 'amount', 'not_due', 'unknown')),
    settled_at   DATETIME,
    settled_by_id TEXT REFERENCES accounts (id),
    settlement   TEXT NOT NULL DEFAULT '',
    version      INTEGER NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX fee_arrivals_ref_key ON fee_arrivals (provider, provider_ref);
CREATE INDEX fee_arrivals_payment_idx ON fee_arrivals (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX fee_arrivals_order_idx ON fee_arrivals (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX fee_arrivals_open_idx ON fee_arrivals (id) WHERE outcome <> 'accepted' AND settled_at IS NULL;

-- Receipts are numbered by year without a gap: the number is taken in the
-- transaction that writes the receipt.
CREATE TABLE fee_receipt_years (
    year INTEGER NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
);
CREATE TABLE fee_receipts (
    id        TEXT NOT NULL PRIMARY KEY,
    order_id  TEXT NOT NULL REFERENCES fee_orders (id),
    kind      TEXT NOT NULL CHECK (kind IN ('payment', 'refund')),
    year      INTEGER NOT NULL,
    number    INTEGER NOT NULL,
    amount    INTEGER NOT NULL,
    currency  TEXT NOT NULL,
    way       TEXT NOT NULL,
    way_ref   TEXT NOT NULL DEFAULT '',
    issued_at DATETIME NOT NULL,
    issued_on DATE NOT NULL
);
CREATE UNIQUE INDEX fee_receipts_number_key ON fee_receipts (year, number);
CREATE UNIQUE INDEX fee_receipts_order_key ON fee_receipts (order_id, kind);

-- Waiving a fee and giving one back take two people.
CREATE TABLE fee_requests (
    id            TEXT NOT NULL PRIMARY KEY,
    order_id      TEXT NOT NULL REFERENCES fee_orders (id),
    act           TEXT NOT NULL CHECK (act IN ('waive', 'refund')),
    reason        TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('open', 'approved', 'declined')),
    asked_at      DATETIME NOT NULL,
    asked_by_id   TEXT NOT NULL REFERENCES accounts (id),
    decided_at    DATETIME,
    decided_by_id TEXT REFERENCES accounts (id),
    note          TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX fee_requests_open_key ON fee_requests (order_id) WHERE state = 'open';
CREATE INDEX fee_requests_order_idx ON fee_requests (order_id, id);

-- Reports on permits read what was decided, and what was received, in a period.
CREATE INDEX permit_decisions_decided_idx ON permit_decisions (decided_on, application_id) WHERE decided_on IS NOT NULL;
CREATE INDEX permit_applications_received_idx ON permit_applications (received_on, type_code) WHERE received_on IS NOT NULL;

INSERT INTO sequences (name, last) VALUES ('fee_no', 0);

-- +goose Down
DELETE FROM sequences WHERE name = 'fee_no';
DROP INDEX permit_applications_received_idx;
DROP INDEX permit_decisions_decided_idx;
DROP TABLE fee_requests;
DROP TABLE fee_receipts;
DROP TABLE fee_receipt_years;
DROP TABLE fee_arrivals;
DROP TABLE fee_payments;
DROP TABLE fee_orders;
