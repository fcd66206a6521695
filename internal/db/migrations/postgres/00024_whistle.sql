-- +goose Up
-- Whistle-blowers' cases stand in a tree of their own.
UPDATE case_units SET unit_path = '~' || unit_path
 WHERE unit_path < '~' AND case_id IN (SELECT id FROM cases WHERE confidentiality = 'whistle');

-- +goose Down
UPDATE case_units SET unit_path = substr(unit_path, 2) WHERE unit_path >= '~';
