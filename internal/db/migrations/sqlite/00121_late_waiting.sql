-- +goose Up
-- Whether a case runs late asks which wait for its requester: few of many.
CREATE INDEX case_units_lead_waiting_idx ON case_units (case_id) WHERE waiting AND role = 'lead';

-- +goose Down
DROP INDEX case_units_lead_waiting_idx;
