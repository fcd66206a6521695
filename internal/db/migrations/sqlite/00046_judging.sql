-- A bad judgement is work for the unit that was judged: somebody speaks with the
-- person, mends what can be mended, says what was done, and the person judges
-- again (政務服務好差評, 国办发〔2019〕51号). Both judgements are kept. What somebody outside
-- the unit found mistaken or malicious stays and counts in no rate.
-- +goose Up
ALTER TABLE cases ADD COLUMN grade INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN rectify TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN rectify_due_at DATETIME;
CREATE INDEX cases_rectify_idx ON cases (rectify_due_at, id) WHERE rectify <> '';
CREATE INDEX case_units_rated_idx ON case_units (priority, queue_at, case_id) WHERE open AND status IN ('concluded', 'not_accepted', 'withdrawn', 'transferred', 'archived', 'merged');
ALTER TABLE evaluations ADD COLUMN round INTEGER NOT NULL DEFAULT 1;
ALTER TABLE evaluations ADD COLUMN result TEXT NOT NULL DEFAULT 'concluded';
ALTER TABLE evaluations ADD COLUMN excluded BOOLEAN NOT NULL DEFAULT false;
DROP INDEX evaluations_case_key;
CREATE UNIQUE INDEX evaluations_case_key ON evaluations (case_id, conclusion_no, round);
UPDATE cases SET grade = (SELECT e.grade FROM evaluations e WHERE e.case_id = cases.id AND e.conclusion_no = cases.conclusion_no)
 WHERE status = 'concluded' AND EXISTS (SELECT 1 FROM evaluations e WHERE e.case_id = cases.id AND e.conclusion_no = cases.conclusion_no);

-- +goose Down
DELETE FROM evaluations WHERE round > 1;
DROP INDEX evaluations_case_key;
CREATE UNIQUE INDEX evaluations_case_key ON evaluations (case_id, conclusion_no);
ALTER TABLE evaluations DROP COLUMN excluded;
ALTER TABLE evaluations DROP COLUMN result;
ALTER TABLE evaluations DROP COLUMN round;
DROP INDEX case_units_rated_idx;
DROP INDEX cases_rectify_idx;
ALTER TABLE cases DROP COLUMN rectify_due_at;
ALTER TABLE cases DROP COLUMN rectify;
ALTER TABLE cases DROP COLUMN grade;
