-- What an application did not have to ask for, since it was held already: from where,
-- as of which day, and whether the applicant corrected it and why. What was held is
-- sealed with the key of the application.
-- +goose Up
CREATE TABLE permit_already_held (
    id             TEXT NOT NULL PRIMARY KEY,
    application_id TEXT NOT NULL REFERENCES permit_applications (id),
    part           TEXT NOT NULL CHECK (part IN ('question', 'material')),
    code           TEXT NOT NULL,
    source         TEXT NOT NULL,
    ref            TEXT NOT NULL DEFAULT '',
    as_of          DATE NOT NULL,
    held_cipher    BLOB,
    reason_cipher  BLOB,
    corrected      BOOLEAN NOT NULL DEFAULT false,
    UNIQUE (application_id, part, code)
);

-- +goose Down
DROP TABLE permit_already_held;
