-- A reason for which a clock stands still may hold for some matters alone, and say
-- how long it usually takes. The opinion of a third party is that of an application
-- for disclosure (政府信息公开条例 art. 32, 33): fifteen working days to answer.
-- +goose Up
ALTER TABLE suspension_types ADD COLUMN matters TEXT NOT NULL DEFAULT '[]';
ALTER TABLE suspension_types ADD COLUMN usual TEXT NOT NULL DEFAULT '';
UPDATE suspension_types SET matters = '["information-disclosure"]', usual = '15wd' WHERE code = 'third_party';

-- +goose Down
ALTER TABLE suspension_types DROP COLUMN usual;
ALTER TABLE suspension_types DROP COLUMN matters;
