-- The clocks of a case: one row for each thing that has a limit. A clock that
-- is paused has no due time; one whose unit_id is empty is the lead unit's. The
-- next warning is due at warn_at. What matters and units set for clocks stands
-- with them.
-- +goose Up
CREATE TABLE case_clocks (
    case_id          uuid NOT NULL REFERENCES cases (id),
    kind             text COLLATE "C" NOT NULL CHECK (kind IN ('acceptance', 'sign_in', 'contact', 'conclusion', 'joint', 'callback', 'rectification')),
    no               bigint NOT NULL DEFAULT 1,
    unit_id          uuid REFERENCES units (id),
    time_limit       text NOT NULL,
    calendar_version text NOT NULL DEFAULT '',
    started_at       timestamptz NOT NULL,
    due_at           timestamptz,
    state            text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused', 'met', 'late', 'dropped')),
    stopped_at       timestamptz,
    pauses           jsonb NOT NULL DEFAULT '[]',
    warn_at          timestamptz,
    warn_level       bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (case_id, kind, no)
);
CREATE INDEX case_clocks_due_idx ON case_clocks (due_at, case_id) WHERE state = 'running';
CREATE INDEX case_clocks_warn_idx ON case_clocks (warn_at) WHERE warn_at IS NOT NULL;

INSERT INTO case_clocks (case_id, kind, time_limit, calendar_version, started_at, due_at)
SELECT id, 'conclusion', handling_limit, calendar_version, received_at, due_at FROM cases
 WHERE due_at IS NOT NULL AND concluded_at IS NULL AND status NOT IN ('not_accepted', 'concluded', 'withdrawn', 'merged', 'transferred', 'archived');
INSERT INTO case_clocks (case_id, kind, time_limit, calendar_version, started_at, due_at)
SELECT id, 'contact', '', calendar_version, received_at, response_due_at FROM cases
 WHERE response_due_at IS NOT NULL AND contacted_at IS NULL AND confidentiality <> 'anonymous'
 AND status NOT IN ('not_accepted', 'concluded', 'withdrawn', 'merged', 'transferred', 'archived');

ALTER TABLE matters ADD COLUMN clock_rules jsonb NOT NULL DEFAULT '{}';
ALTER TABLE units ADD COLUMN clock_rules jsonb NOT NULL DEFAULT '{}';

-- +goose Down
ALTER TABLE units DROP COLUMN clock_rules;
ALTER TABLE matters DROP COLUMN clock_rules;
DROP TABLE case_clocks;
