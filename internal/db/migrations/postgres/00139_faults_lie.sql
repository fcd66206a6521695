-- Where a fault that a later correction notice names lies: in what is new, in what was
-- asked for before, or in what could be seen before (行政許可法 art. 32). Empty in a first
-- notice, where nothing lay before.
-- +goose Up
ALTER TABLE permit_notice_items ADD COLUMN lies text NOT NULL DEFAULT '' CHECK (lies IN ('', 'new', 'asked', 'seen'));

-- +goose Down
ALTER TABLE permit_notice_items DROP COLUMN lies;
