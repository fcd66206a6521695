-- What an application did not have to ask for, since it was held already: from where,
-- as of which day, and whether the applicant corrected it and why. What was held is
-- sealed with the key of the application.
-- +goose Up
CREATE TABLE permit_already_held (
    id             uuid NOT NULL PRIMARY KEY,
    application_id uuid NOT NULL REFERENCES permit_applications (id),
    part           text NOT NULL CHECK (part IN ('question', 'material')),
    code           text NOT NULL,
    source         text NOT NULL,
    ref            text NOT NULL DEFAULT '',
    as_of          date NOT NULL,
    held_cipher    bytea,
    reason_cipher  bytea,
    corrected      boolean NOT NULL DEFAULT false,
    UNIQUE (application_id, part, code)
);

-- +goose Down
DROP TABLE permit_already_held;
