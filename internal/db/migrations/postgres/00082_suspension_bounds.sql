-- A reason for which a clock stands still says whether the person has to be told
-- in writing, and how long it may last at most. What it said before is kept.
-- +goose Up
ALTER TABLE suspension_types ADD COLUMN notice boolean NOT NULL DEFAULT true;
ALTER TABLE suspension_types ADD COLUMN longest text NOT NULL DEFAULT '';

ALTER TABLE item_versions DROP CONSTRAINT item_versions_kind_check;
ALTER TABLE item_versions ADD CONSTRAINT item_versions_kind_check CHECK (kind IN ('district', 'unit', 'field', 'matter', 'situation', 'rule', 'calendar', 'suspension'));

-- +goose Down
DELETE FROM item_versions WHERE kind = 'suspension';
ALTER TABLE item_versions DROP CONSTRAINT item_versions_kind_check;
ALTER TABLE item_versions ADD CONSTRAINT item_versions_kind_check CHECK (kind IN ('district', 'unit', 'field', 'matter', 'situation', 'rule', 'calendar'));
ALTER TABLE suspension_types DROP COLUMN longest;
ALTER TABLE suspension_types DROP COLUMN notice;
