-- +goose Up
-- A small picture of an attached one, made once and sealed by the file's own key:
-- what destroys that key takes the preview too. Without content the file has
-- none, for it could not be unpacked.
CREATE TABLE file_previews (
    file_id uuid PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
    suite   text NOT NULL,
    sealed  bytea,
    made_at timestamptz NOT NULL
);

-- +goose Down
DROP TABLE file_previews;
