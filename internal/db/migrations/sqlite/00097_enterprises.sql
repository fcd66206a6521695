-- Enterprises that keep house for themselves in the portal: who may act for one,
-- who is asked to, who holds a dated authority, and for whom a session acts. The
-- id is that of the constituent. Name and code stand in the public register, so
-- that they stand here in the clear; addresses of people only as ciphertext.
-- +goose Up
CREATE TABLE enterprises (
    id             TEXT PRIMARY KEY NOT NULL REFERENCES constituents (id),
    code_kind      TEXT NOT NULL CHECK (code_kind IN ('uscc', 'tw_ubn')),
    code           TEXT NOT NULL,
    name           TEXT NOT NULL,
    register_state TEXT NOT NULL CHECK (register_state IN ('active', 'suspended', 'revoked', 'closed', 'unknown')),
    register_on    DATE,
    version        INTEGER NOT NULL DEFAULT 1,
    created_at     DATETIME NOT NULL
);
CREATE UNIQUE INDEX enterprises_code_key ON enterprises (code_kind, code);

CREATE TABLE enterprise_members (
    id            TEXT PRIMARY KEY NOT NULL,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    account_id    TEXT NOT NULL REFERENCES accounts (id),
    role          TEXT NOT NULL CHECK (role IN ('owner', 'manager', 'applicant', 'reader')),
    relation_id   TEXT REFERENCES constituent_relations (id),
    since         DATETIME NOT NULL,
    ended_at      DATETIME,
    version       INTEGER NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX enterprise_members_key ON enterprise_members (enterprise_id, account_id) WHERE ended_at IS NULL;
CREATE INDEX enterprise_members_account_idx ON enterprise_members (account_id) WHERE ended_at IS NULL;

-- Somebody says that an enterprise is theirs: proven by the code that went to the
-- contact the register knows, or by staff who look at documents in a case.
CREATE TABLE enterprise_claims (
    id             TEXT PRIMARY KEY NOT NULL,
    account_id     TEXT NOT NULL REFERENCES accounts (id),
    code_kind      TEXT NOT NULL CHECK (code_kind IN ('uscc', 'tw_ubn')),
    code           TEXT NOT NULL,
    name           TEXT NOT NULL,
    register_state TEXT NOT NULL CHECK (register_state IN ('active', 'suspended', 'revoked', 'closed', 'unknown')),
    way            TEXT NOT NULL CHECK (way IN ('code', 'staff', 'dispute')),
    state          TEXT NOT NULL CHECK (state IN ('open', 'proven', 'refused', 'lapsed')),
    vault_key_id   TEXT REFERENCES vault_keys (id),
    address_cipher BLOB,
    hint           TEXT NOT NULL DEFAULT '',
    link_key       TEXT NOT NULL,
    generation     INTEGER NOT NULL DEFAULT 1,
    tries          INTEGER NOT NULL DEFAULT 0,
    locale         TEXT NOT NULL,
    case_id        TEXT REFERENCES cases (id),
    case_no        TEXT NOT NULL DEFAULT '',
    reason         TEXT NOT NULL DEFAULT '',
    expires_at     DATETIME NOT NULL,
    decided_at     DATETIME,
    decided_by_id  TEXT REFERENCES accounts (id),
    version        INTEGER NOT NULL DEFAULT 1,
    created_at     DATETIME NOT NULL
);
CREATE UNIQUE INDEX enterprise_claims_open_key ON enterprise_claims (account_id, code_kind, code) WHERE state = 'open';
CREATE INDEX enterprise_claims_account_idx ON enterprise_claims (account_id, id);
CREATE INDEX enterprise_claims_open_idx ON enterprise_claims (expires_at) WHERE state = 'open';
CREATE INDEX enterprise_claims_case_idx ON enterprise_claims (case_id) WHERE case_id IS NOT NULL;

CREATE TABLE enterprise_invitations (
    id             TEXT PRIMARY KEY NOT NULL,
    enterprise_id  TEXT NOT NULL REFERENCES enterprises (id),
    kind           TEXT NOT NULL CHECK (kind IN ('member', 'agent')),
    role           TEXT NOT NULL CHECK (role IN ('owner', 'manager', 'applicant', 'reader')),
    scope          TEXT NOT NULL DEFAULT '[]',
    valid_from     DATE,
    valid_until    DATE,
    state          TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'revoked', 'lapsed')),
    vault_key_id   TEXT NOT NULL REFERENCES vault_keys (id),
    address_cipher BLOB,
    locale         TEXT NOT NULL,
    link_key       TEXT NOT NULL,
    generation     INTEGER NOT NULL DEFAULT 1,
    invited_by_id  TEXT NOT NULL REFERENCES accounts (id),
    expires_at     DATETIME NOT NULL,
    answered_at    DATETIME,
    version        INTEGER NOT NULL DEFAULT 1,
    created_at     DATETIME NOT NULL,
    CHECK (kind = 'member' OR valid_from IS NOT NULL AND valid_until IS NOT NULL AND valid_until >= valid_from)
);
CREATE INDEX enterprise_invitations_enterprise_idx ON enterprise_invitations (enterprise_id, id);
CREATE INDEX enterprise_invitations_open_idx ON enterprise_invitations (expires_at) WHERE state = 'open';

-- A dated authority of an agent: a person, or another enterprise.
CREATE TABLE enterprise_agents (
    id            TEXT PRIMARY KEY NOT NULL,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    agent_id      TEXT NOT NULL REFERENCES constituents (id),
    scope         TEXT NOT NULL DEFAULT '[]',
    valid_from    DATE NOT NULL,
    valid_until   DATE NOT NULL,
    invitation_id TEXT NOT NULL REFERENCES enterprise_invitations (id),
    relation_id   TEXT REFERENCES constituent_relations (id),
    ended_at      DATETIME,
    version       INTEGER NOT NULL DEFAULT 1,
    created_at    DATETIME NOT NULL,
    CHECK (valid_until >= valid_from),
    CHECK (enterprise_id <> agent_id)
);
CREATE UNIQUE INDEX enterprise_agents_key ON enterprise_agents (enterprise_id, agent_id) WHERE ended_at IS NULL;
CREATE INDEX enterprise_agents_agent_idx ON enterprise_agents (agent_id) WHERE ended_at IS NULL;
CREATE INDEX enterprise_agents_until_idx ON enterprise_agents (valid_until) WHERE ended_at IS NULL;

-- An owner asks another member to take the enterprise over.
CREATE TABLE enterprise_handovers (
    id            TEXT PRIMARY KEY NOT NULL,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    from_id       TEXT NOT NULL REFERENCES accounts (id),
    to_id         TEXT NOT NULL REFERENCES accounts (id),
    state         TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'revoked')),
    answered_at   DATETIME,
    version       INTEGER NOT NULL DEFAULT 1,
    created_at    DATETIME NOT NULL,
    CHECK (from_id <> to_id)
);
CREATE UNIQUE INDEX enterprise_handovers_key ON enterprise_handovers (enterprise_id, from_id) WHERE state = 'open';

-- For whom a session acts. It ends with the session.
CREATE TABLE enterprise_acting (
    session_id    TEXT PRIMARY KEY NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    enterprise_id TEXT NOT NULL REFERENCES enterprises (id),
    since         DATETIME NOT NULL
);

-- +goose Down
DROP TABLE enterprise_acting;
DROP TABLE enterprise_handovers;
DROP TABLE enterprise_agents;
DROP TABLE enterprise_invitations;
DROP TABLE enterprise_claims;
DROP TABLE enterprise_members;
DROP TABLE enterprises;
