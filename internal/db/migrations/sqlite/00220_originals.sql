-- Originals on paper that somebody hands to a clerk at a counter: taken in, or seen and
-- given back; when, by whom, and at which desk. They stand for the material, with a scan
-- or without.
-- +goose Up
ALTER TABLE permit_materials ADD COLUMN original TEXT NOT NULL DEFAULT '' CHECK (original IN ('', 'taken', 'seen'));
ALTER TABLE permit_materials ADD COLUMN original_at DATETIME;
ALTER TABLE permit_materials ADD COLUMN original_on DATE;
ALTER TABLE permit_materials ADD COLUMN original_by_id TEXT REFERENCES accounts (id);
ALTER TABLE permit_materials ADD COLUMN original_unit_id TEXT REFERENCES units (id);

-- +goose Down
ALTER TABLE permit_materials DROP COLUMN original_unit_id;
ALTER TABLE permit_materials DROP COLUMN original_by_id;
ALTER TABLE permit_materials DROP COLUMN original_on;
ALTER TABLE permit_materials DROP COLUMN original_at;
ALTER TABLE permit_materials DROP COLUMN original;
