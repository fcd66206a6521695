-- Joint handling: what other units were asked to do for a case, by when, and what
-- they answered. joint_open counts those who are still awaited.
-- +goose Up
CREATE TABLE case_joints (
    id            TEXT PRIMARY KEY NOT NULL,
    case_id       TEXT NOT NULL REFERENCES cases (id),
    no            INTEGER NOT NULL,
    unit_id       TEXT NOT NULL REFERENCES units (id),
    state         TEXT NOT NULL CHECK (state IN ('asked', 'signed_in', 'answered', 'released')),
    asked_at      DATETIME NOT NULL,
    asked_by_id   TEXT REFERENCES accounts (id),
    task          TEXT NOT NULL DEFAULT '',
    task_cipher   BLOB,
    signed_in_at  DATETIME,
    ended_at      DATETIME,
    ended_by_id   TEXT REFERENCES accounts (id),
    answer        TEXT NOT NULL DEFAULT '',
    answer_cipher BLOB
);
CREATE UNIQUE INDEX case_joints_case_no_key ON case_joints (case_id, no);
CREATE UNIQUE INDEX case_joints_open_key ON case_joints (case_id, unit_id) WHERE state IN ('asked', 'signed_in');
CREATE INDEX case_units_joint_idx ON case_units (unit_id, priority, queue_at, case_id) WHERE open AND role = 'joint';
ALTER TABLE cases ADD COLUMN joint_open INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE cases DROP COLUMN joint_open;
DROP INDEX case_units_joint_idx;
DROP TABLE case_joints;
