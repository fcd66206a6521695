-- +goose Up
-- A small picture of an attached one, made once and sealed by the file's own key:
-- what destroys that key takes the preview too. Without content the file has
-- none, for it could not be unpacked.
CREATE TABLE file_previews (
    file_id TEXT NOT NULL PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
    suite   TEXT NOT NULL,
    sealed  BLOB,
    made_at DATETIME NOT NULL
);

-- +goose Down
DROP TABLE file_previews;
