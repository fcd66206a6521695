-- Originals on paper that somebody hands to a clerk at a counter: taken in, or seen and
-- given back; when, by whom, and at which desk. They stand for the material, with a scan
-- or without.
-- +goose Up
ALTER TABLE permit_materials ADD COLUMN original text NOT NULL DEFAULT '' CHECK (original IN ('', 'taken', 'seen'));
ALTER TABLE permit_materials ADD COLUMN original_at timestamptz;
ALTER TABLE permit_materials ADD COLUMN original_on date;
ALTER TABLE permit_materials ADD COLUMN original_by_id uuid REFERENCES accounts (id);
ALTER TABLE permit_materials ADD COLUMN original_unit_id uuid REFERENCES units (id);

-- +goose Down
ALTER TABLE permit_materials DROP COLUMN original_unit_id;
ALTER TABLE permit_materials DROP COLUMN original_by_id;
ALTER TABLE permit_materials DROP COLUMN original_on;
ALTER TABLE permit_materials DROP COLUMN original_at;
ALTER TABLE permit_materials DROP COLUMN original;
