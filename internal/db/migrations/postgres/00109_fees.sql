-- What permits cost: an order for each fee of a decision, how it was paid, the
-- receipts, what a provider of payments told, and what two people waived or gave
-- back. Amounts are in the smallest coin. Nothing here names a person but by id.
-- +goose Up
CREATE TABLE fee_orders (
    id           uuid PRIMARY KEY,
    order_no     text COLLATE "C" NOT NULL,
    case_id      uuid NOT NULL REFERENCES cases (id),
    case_no      text COLLATE "C" NOT NULL,
    holder_id    uuid NOT NULL REFERENCES constituents (id),
    unit_id      uuid NOT NULL REFERENCES units (id),
    unit_path    text COLLATE "C" NOT NULL,
    type_code    text NOT NULL,
    type_version bigint NOT NULL,
    type_name    jsonb NOT NULL,
    fee_code     text NOT NULL,
    fee_name     jsonb NOT NULL,
    charged      text NOT NULL CHECK (charged IN ('accept', 'grant')),
    holds        boolean NOT NULL DEFAULT false,
    amount       bigint NOT NULL CHECK (amount > 0),
    currency     text NOT NULL CHECK (currency IN ('CNY', 'TWD')),
    state        text NOT NULL CHECK (state IN ('due', 'paid', 'waived', 'refunded', 'cancelled')),
    created_at   timestamptz NOT NULL,
    created_on   date NOT NULL,
    due_on       date NOT NULL,
    settled_at   timestamptz,
    settled_on   date,
    version      bigint NOT NULL DEFAULT 1,
    updated_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX fee_orders_no_key ON fee_orders (order_no);
CREATE UNIQUE INDEX fee_orders_case_key ON fee_orders (case_id, fee_code);
CREATE INDEX fee_orders_holder_idx ON fee_orders (holder_id, id);
CREATE INDEX fee_orders_unit_idx ON fee_orders (unit_path, id);

-- One way to the provider of payments and back. The provider knows it by the id.
CREATE TABLE fee_payments (
    id           uuid PRIMARY KEY,
    order_id     uuid NOT NULL REFERENCES fee_orders (id),
    provider     text NOT NULL,
    amount       bigint NOT NULL,
    currency     text NOT NULL,
    state        text NOT NULL CHECK (state IN ('open', 'paid', 'failed')),
    pay_url      text NOT NULL DEFAULT '',
    opened_at    timestamptz NOT NULL,
    opened_by_id uuid REFERENCES accounts (id),
    asked_at     timestamptz,
    ended_at     timestamptz
);
CREATE INDEX fee_payments_order_idx ON fee_payments (order_id, id);
CREATE INDEX fee_payments_open_idx ON fee_payments (id) WHERE state = 'open';

-- What arrived: each payment of a provider once, whatever came of it. What fits no
-- order waits until somebody has settled it.
CREATE TABLE fee_arrivals (
    id           uuid PRIMARY KEY,
    provider     text NOT NULL,
    provider_ref text NOT NULL,
    payment_id   uuid REFERENCES fee_payments (id),
    order_id     uuid REFERENCES fee_orders (id),
    unit_path    text COLLATE "C" NOT NULL DEFAULT '',
    amount       bigint NOT NULL,
    currency     text NOT NULL,
    paid_at      timestamptz NOT NULL,
    arrived_at   timestamptz NOT NULL,
    arrived_on   date NOT NULL,
    outcome      text NOT NULL CHECK (outcome IN ('accepted', 'amount', 'not_due', 'unknown')),
    settled_at   timestamptz,
    settled_by_id uuid REFERENCES accounts (id),
    settlement   text NOT NULL DEFAULT '',
    version      bigint NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX fee_arrivals_ref_key ON fee_arrivals (provider, provider_ref);
CREATE INDEX fee_arrivals_payment_idx ON fee_arrivals (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX fee_arrivals_order_idx ON fee_arrivals (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX fee_arrivals_open_idx ON fee_arrivals (id) WHERE outcome <> 'accepted' AND settled_at IS NULL;

-- Receipts are numbered by year without a gap: the number is taken in the
-- transaction that writes the receipt.
CREATE TABLE fee_receipt_years (
    year bigint NOT NULL PRIMARY KEY,
    last bigint NOT NULL
);
CREATE TABLE fee_receipts (
    id        uuid PRIMARY KEY,
    order_id  uuid NOT NULL REFERENCES fee_orders (id),
    kind      text NOT NULL CHECK (kind IN ('payment', 'refund')),
    year      bigint NOT NULL,
    number    bigint NOT NULL,
    amount    bigint NOT NULL,
    currency  text NOT NULL,
    way       text NOT NULL,
    way_ref   text NOT NULL DEFAULT '',
    issued_at timestamptz NOT NULL,
    issued_on date NOT NULL
);
CREATE UNIQUE INDEX fee_receipts_number_key ON fee_receipts (year, number);
CREATE UNIQUE INDEX fee_receipts_order_key ON fee_receipts (order_id, kind);

-- Waiving a fee and giving one back take two people.
CREATE TABLE fee_requests (
    id            uuid PRIMARY KEY,
    order_id      uuid NOT NULL REFERENCES fee_orders (id),
    act           text NOT NULL CHECK (act IN ('waive', 'refund')),
    reason        text NOT NULL,
    state         text NOT NULL CHECK (state IN ('open', 'approved', 'declined')),
    asked_at      timestamptz NOT NULL,
    asked_by_id   uuid NOT NULL REFERENCES accounts (id),
    decided_at    timestamptz,
    decided_by_id uuid REFERENCES accounts (id),
    note          text NOT NULL DEFAULT ''
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
