-- Applications for permits: what an enterprise or a person writes before and signs,
-- the materials with every version of them, what was asked to be corrected, and how
-- it was decided. Once it is sent, the application is a case.
-- +goose Up
CREATE TABLE permit_applications (
    id              uuid PRIMARY KEY,
    holder_id       uuid NOT NULL REFERENCES constituents (id),
    type_code       text NOT NULL,
    type_version    bigint NOT NULL,
    state           text NOT NULL CHECK (state IN ('draft', 'submitted', 'correcting', 'accepted', 'not_accepted', 'granted', 'refused', 'withdrawn')),
    vault_key_id    uuid NOT NULL REFERENCES vault_keys (id),
    answers_cipher  bytea,
    case_id         uuid REFERENCES cases (id),
    case_no         text NOT NULL DEFAULT '',
    renews_no       text NOT NULL DEFAULT '',
    begun_by_id     uuid REFERENCES accounts (id),
    changed_by_id   uuid REFERENCES accounts (id),
    signed_by_id    uuid REFERENCES accounts (id),
    signer_cipher   bytea,
    statement       bigint NOT NULL DEFAULT 0,
    received_at     timestamptz,
    received_on     date,
    complete_at     timestamptz,
    complete_on     date,
    accepted_at     timestamptz,
    accepted_on     date,
    deemed          boolean NOT NULL DEFAULT false,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    CHECK ((state = 'draft') = (case_id IS NULL))
);
CREATE UNIQUE INDEX permit_applications_case_key ON permit_applications (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX permit_applications_holder_idx ON permit_applications (holder_id, updated_at, id);
CREATE INDEX permit_applications_waiting_idx ON permit_applications (complete_on, id) WHERE state = 'submitted';
CREATE INDEX permit_applications_vault_key_idx ON permit_applications (vault_key_id);

-- One row for each version of a material; the newest counts.
CREATE TABLE permit_materials (
    id             uuid PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES permit_applications (id),
    code           text NOT NULL,
    round          bigint NOT NULL CHECK (round > 0),
    reuses_id      uuid REFERENCES permit_materials (id),
    sent_at        timestamptz,
    verdict        text NOT NULL DEFAULT '' CHECK (verdict IN ('', 'verified', 'correct')),
    verdict_at     timestamptz,
    verdict_on     date,
    verdict_by_id  uuid REFERENCES accounts (id),
    created_at     timestamptz NOT NULL
);
CREATE UNIQUE INDEX permit_materials_round_key ON permit_materials (application_id, code, round);
CREATE INDEX permit_materials_reuses_idx ON permit_materials (reuses_id) WHERE reuses_id IS NOT NULL;

CREATE TABLE permit_notices (
    id             uuid PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES permit_applications (id),
    no             bigint NOT NULL CHECK (no > 0),
    given_at       timestamptz NOT NULL,
    given_on       date NOT NULL,
    given_by_id    uuid REFERENCES accounts (id),
    due_on         date NOT NULL,
    again_reason   text NOT NULL DEFAULT '',
    answered_at    timestamptz
);
CREATE UNIQUE INDEX permit_notices_no_key ON permit_notices (application_id, no);

CREATE TABLE permit_notice_items (
    notice_id   uuid NOT NULL REFERENCES permit_notices (id),
    material_id uuid NOT NULL REFERENCES permit_materials (id),
    code        text NOT NULL,
    reason      text NOT NULL,
    PRIMARY KEY (notice_id, code)
);
CREATE INDEX permit_notice_items_material_idx ON permit_notice_items (material_id);

CREATE TABLE permit_decisions (
    id             uuid PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES permit_applications (id),
    no             bigint NOT NULL CHECK (no > 0),
    grants         boolean NOT NULL,
    reasons        text NOT NULL DEFAULT '',
    conditions     text NOT NULL DEFAULT '',
    remedies       text NOT NULL DEFAULT '',
    drafted_at     timestamptz NOT NULL,
    drafted_by_id  uuid REFERENCES accounts (id),
    approved_at    timestamptz,
    approved_by_id uuid REFERENCES accounts (id),
    decided_at     timestamptz,
    decided_on     date,
    issue_by       date,
    valid_from     date,
    valid_until    date,
    permit_no      text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX permit_decisions_no_key ON permit_decisions (application_id, no);

-- Materials have files of their own.
ALTER TABLE files DROP CONSTRAINT files_owner_kind_check;
ALTER TABLE files ADD CONSTRAINT files_owner_kind_check CHECK (owner_kind IN ('draft', 'case', 'event', 'material'));

-- +goose Down
DELETE FROM files WHERE owner_kind = 'material';
ALTER TABLE files DROP CONSTRAINT files_owner_kind_check;
ALTER TABLE files ADD CONSTRAINT files_owner_kind_check CHECK (owner_kind IN ('draft', 'case', 'event'));
DROP TABLE permit_decisions;
DROP TABLE permit_notice_items;
DROP TABLE permit_notices;
DROP TABLE permit_materials;
DROP TABLE permit_applications;
