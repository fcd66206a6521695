-- "This concerns me too" on published questions: one for each account, or for each
-- browser under a hash of what its cookie says, which tells nothing of who it is.
-- The case counts them, so that pages need not.
-- +goose Up
ALTER TABLE cases ADD COLUMN concerns INTEGER NOT NULL DEFAULT 0;

CREATE TABLE voice_concerns (
    id         TEXT PRIMARY KEY NOT NULL,
    case_id    TEXT NOT NULL REFERENCES cases (id),
    account_id TEXT REFERENCES accounts (id),
    browser    BLOB,
    CHECK ((account_id IS NULL) <> (browser IS NULL))
);
CREATE UNIQUE INDEX voice_concerns_account_key ON voice_concerns (account_id, case_id) WHERE account_id IS NOT NULL;
CREATE UNIQUE INDEX voice_concerns_browser_key ON voice_concerns (browser) WHERE browser IS NOT NULL;
CREATE INDEX voice_concerns_case_idx ON voice_concerns (case_id);

-- +goose Down
DROP TABLE voice_concerns;
ALTER TABLE cases DROP COLUMN concerns;
