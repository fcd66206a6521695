-- What somebody has typed into the form of an act and not sent: one for each
-- person, case and act, under a key of its own, kept for three days and gone
-- once the act is done. A case is named by its number: it may be erased before.
-- +goose Up
CREATE TABLE act_drafts (
    account_id   TEXT NOT NULL REFERENCES accounts (id),
    case_no      TEXT NOT NULL,
    action       TEXT NOT NULL,
    vault_key_id TEXT NOT NULL REFERENCES vault_keys (id),
    cipher       BLOB NOT NULL,
    updated_at   DATETIME NOT NULL,
    PRIMARY KEY (account_id, case_no, action)
);
CREATE INDEX act_drafts_updated_idx ON act_drafts (updated_at);

-- +goose Down
DROP TABLE act_drafts;
