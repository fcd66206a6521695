-- Whether a file still says who made it: a PDF that is signed or locked is kept as
-- it came. So were all PDFs until now.
-- +goose Up
ALTER TABLE files ADD COLUMN tells BOOLEAN NOT NULL DEFAULT false;
UPDATE files SET tells = true WHERE media_type = 'application/pdf';

-- +goose Down
ALTER TABLE files DROP COLUMN tells;
