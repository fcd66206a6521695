-- Joint handling: what other units were asked to do for a case, by when, and what
-- they answered. joint_open counts those who are still awaited.
-- +goose Up
CREATE TABLE case_joints (
    id            uuid PRIMARY KEY,
    case_id       uuid NOT NULL REFERENCES cases (id),
    no            bigint NOT NULL,
    unit_id       uuid NOT NULL REFERENCES units (id),
    state         text NOT NULL CHECK (state IN ('asked', 'signed_in', 'answered', 'released')),
    asked_at      timestamptz NOT NULL,
    asked_by_id   uuid REFERENCES accounts (id),
    task          text NOT NULL DEFAULT '',
    task_cipher   bytea,
    signed_in_at  timestamptz,
    ended_at      timestamptz,
    ended_by_id   uuid REFERENCES accounts (id),
    answer        text NOT NULL DEFAULT '',
    answer_cipher bytea
);
CREATE UNIQUE INDEX case_joints_case_no_key ON case_joints (case_id, no);
CREATE UNIQUE INDEX case_joints_open_key ON case_joints (case_id, unit_id) WHERE state IN ('asked', 'signed_in');
CREATE INDEX case_units_joint_idx ON case_units (unit_id, priority, queue_at, case_id) WHERE open AND role = 'joint';
ALTER TABLE cases ADD COLUMN joint_open bigint NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE cases DROP COLUMN joint_open;
DROP INDEX case_units_joint_idx;
DROP TABLE case_joints;
