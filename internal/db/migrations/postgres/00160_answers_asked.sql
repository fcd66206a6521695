-- A correction notice may ask for answers of the form too, each with its reason
-- (行政許可法 art. 32 (4)). What the applicant types waits, sealed, with the notice until it
-- is sent. Every answer that was changed after it was sent stays as it was before; where
-- the office changed it on the spot, with who agreed and how (art. 32 (3)).
-- +goose Up
CREATE TABLE permit_notice_answers (
    notice_id uuid NOT NULL REFERENCES permit_notices (id),
    name      text NOT NULL,
    reason    text NOT NULL,
    lies      text NOT NULL DEFAULT '' CHECK (lies IN ('', 'new', 'asked', 'seen')),
    PRIMARY KEY (notice_id, name)
);
ALTER TABLE permit_notices ADD COLUMN answers_cipher bytea;
CREATE TABLE permit_answer_changes (
    id             uuid NOT NULL PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES permit_applications (id),
    notice_id      uuid REFERENCES permit_notices (id),
    name           text NOT NULL,
    before_cipher  bytea,
    after_cipher   bytea,
    changed_at     timestamptz NOT NULL,
    changed_by_id  uuid REFERENCES accounts (id),
    agreed         text NOT NULL DEFAULT '' CHECK (agreed IN ('', 'present', 'telephone', 'writing')),
    agreed_cipher  bytea,
    CHECK ((notice_id IS NULL) = (agreed <> ''))
);
CREATE INDEX permit_answer_changes_application_idx ON permit_answer_changes (application_id, id);
CREATE INDEX permit_answer_changes_notice_idx ON permit_answer_changes (notice_id);

-- +goose Down
DROP TABLE permit_answer_changes;
ALTER TABLE permit_notices DROP COLUMN answers_cipher;
DROP TABLE permit_notice_answers;
