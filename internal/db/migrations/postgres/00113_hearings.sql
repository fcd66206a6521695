-- Hearings before a permit is decided (行政許可法 art. 47, 48): that the applicant was
-- told of the right to one, who asked and when, when and where it is held and who
-- chairs it, and its record, sealed like what the applicant wrote.
-- +goose Up
CREATE TABLE permit_hearings (
    id              uuid PRIMARY KEY,
    application_id  uuid NOT NULL REFERENCES permit_applications (id),
    no              bigint NOT NULL CHECK (no > 0),
    state           text NOT NULL CHECK (state IN ('told', 'lapsed', 'asked', 'announced', 'held')),
    intends         text NOT NULL,
    others_cipher   bytea,
    told_at         timestamptz NOT NULL,
    told_on         date NOT NULL,
    told_by_id      uuid REFERENCES accounts (id),
    asker           text NOT NULL DEFAULT '' CHECK (asker IN ('', 'applicant', 'interested')),
    asked_at        timestamptz,
    asked_on        date,
    asked_by_id     uuid REFERENCES accounts (id),
    heard_at        timestamptz,
    heard_on        date,
    place           text NOT NULL DEFAULT '',
    closed          boolean NOT NULL DEFAULT false,
    closed_why      text NOT NULL DEFAULT '',
    chair_id        uuid REFERENCES accounts (id),
    announced_at    timestamptz,
    announced_on    date,
    announced_by_id uuid REFERENCES accounts (id),
    record_cipher   bytea,
    recorded_at     timestamptz,
    recorded_on     date,
    recorded_by_id  uuid REFERENCES accounts (id),
    CHECK ((asker = '') = (asked_at IS NULL)),
    CHECK ((state IN ('told', 'lapsed')) = (asked_at IS NULL)),
    CHECK ((state IN ('announced', 'held')) = (announced_at IS NOT NULL)),
    CHECK (announced_at IS NULL OR heard_at IS NOT NULL AND chair_id IS NOT NULL),
    CHECK ((state = 'held') = (recorded_at IS NOT NULL))
);
CREATE UNIQUE INDEX permit_hearings_no_key ON permit_hearings (application_id, no);
CREATE UNIQUE INDEX permit_hearings_open_key ON permit_hearings (application_id) WHERE state IN ('told', 'asked', 'announced');

-- +goose Down
DROP TABLE permit_hearings;
