-- A hearing of the unit's own accord (行政許可法 art. 46): nobody asked for it.
-- +goose Up
ALTER TABLE permit_hearings DROP CONSTRAINT permit_hearings_asker_check;
ALTER TABLE permit_hearings ADD CONSTRAINT permit_hearings_asker_check CHECK (asker IN ('', 'applicant', 'interested', 'unit'));

-- +goose Down
UPDATE permit_hearings SET asker = 'interested' WHERE asker = 'unit';
ALTER TABLE permit_hearings DROP CONSTRAINT permit_hearings_asker_check;
ALTER TABLE permit_hearings ADD CONSTRAINT permit_hearings_asker_check CHECK (asker IN ('', 'applicant', 'interested'));
