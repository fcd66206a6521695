-- What somebody has typed into the form of an act and not sent: one for each
-- person, case and act, under a key of its own, kept for three days and gone
-- once the act is done. A case is named by its number: it may be erased before.
-- +goose Up
CREATE TABLE act_drafts (
    account_id   uuid NOT NULL REFERENCES accounts (id),
    case_no      text NOT NULL,
    action       text NOT NULL,
    vault_key_id uuid NOT NULL REFERENCES vault_keys (id),
    cipher       bytea NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (account_id, case_no, action)
);
CREATE INDEX act_drafts_updated_idx ON act_drafts (updated_at);

-- +goose Down
DROP TABLE act_drafts;
