-- Materials that a correction notice asks for although the checklist of the
-- application did not have them. A code of the type's own is one that the answers had
-- not called for; it has its name there.
-- +goose Up
CREATE TABLE permit_further_materials (
    application_id TEXT NOT NULL REFERENCES permit_applications (id),
    code           TEXT NOT NULL,
    notice_id      TEXT NOT NULL REFERENCES permit_notices (id),
    name           TEXT NOT NULL,
    arises_from    TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (application_id, code)
);
CREATE INDEX permit_further_materials_notice_idx ON permit_further_materials (notice_id);

-- +goose Down
DROP TABLE permit_further_materials;
