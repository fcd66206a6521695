-- A case that a unit sends back is an objection: who decides on it, which unit it
-- proposes, and which unit a superior has bound. The queues know what waits for a
-- decision and what came back. Which kinds of messages there are is the program's
-- to say, so that a new one needs no new table.
-- +goose Up
ALTER TABLE cases ADD COLUMN objection text NOT NULL DEFAULT '' CHECK (objection IN ('', 'desk', 'superior'));
ALTER TABLE cases ADD COLUMN objection_reason text NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN proposed_id uuid REFERENCES units (id);
ALTER TABLE cases ADD COLUMN ruler_id uuid REFERENCES units (id);
ALTER TABLE cases ADD COLUMN bound_unit_id uuid REFERENCES units (id);
ALTER TABLE case_units ADD COLUMN objection text NOT NULL DEFAULT '';
ALTER TABLE case_units ADD COLUMN returned boolean NOT NULL DEFAULT false;
CREATE INDEX case_units_objection_idx ON case_units (priority, queue_at, case_id) WHERE open AND objection <> '';
CREATE INDEX case_units_returned_idx ON case_units (priority, queue_at, case_id) WHERE open AND returned;
UPDATE case_units SET returned = true WHERE case_id IN (SELECT id FROM cases WHERE returned_count > 0);

ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind_check CHECK (kind <> '');

-- +goose Down
DELETE FROM deliveries WHERE kind NOT IN ('case_received', 'info_requested', 'not_accepted', 'replied', 'concluded', 'confirm_address', 'code_renewed', 'appeal_decided', 'sign_in_code', 'phone_code', 'reset_password', 'password_changed', 'passkey_added', 'second_factor_off', 'provider_connected', 'clock_suspended', 'clock_resumed', 'clock_extended', 'clock_before', 'clock_due', 'clock_after');
ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind_check CHECK (kind IN ('case_received', 'info_requested', 'not_accepted', 'replied', 'concluded', 'confirm_address', 'code_renewed', 'appeal_decided', 'sign_in_code', 'phone_code', 'reset_password', 'password_changed', 'passkey_added', 'second_factor_off', 'provider_connected', 'clock_suspended', 'clock_resumed', 'clock_extended', 'clock_before', 'clock_due', 'clock_after'));
DROP INDEX case_units_returned_idx;
DROP INDEX case_units_objection_idx;
ALTER TABLE case_units DROP COLUMN returned;
ALTER TABLE case_units DROP COLUMN objection;
ALTER TABLE cases DROP COLUMN bound_unit_id;
ALTER TABLE cases DROP COLUMN ruler_id;
ALTER TABLE cases DROP COLUMN proposed_id;
ALTER TABLE cases DROP COLUMN objection_reason;
ALTER TABLE cases DROP COLUMN objection;
