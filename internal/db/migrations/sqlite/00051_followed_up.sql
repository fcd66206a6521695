-- Figures of what is done after a result: whether people are reached, and whether
-- bad reviews are mended, and in time. A judgement knows by when it has to be
-- answered and when it was.
-- +goose Up
ALTER TABLE evaluations ADD COLUMN mend_due_at DATETIME;
ALTER TABLE evaluations ADD COLUMN mended_at DATETIME;
CREATE INDEX evaluations_mend_due_idx ON evaluations (mend_due_at) WHERE mend_due_at IS NOT NULL;
CREATE INDEX callbacks_closed_idx ON callbacks (closed_at) WHERE closed_at IS NOT NULL;
UPDATE evaluations SET mend_due_at = (SELECT COALESCE((SELECT k.due_at FROM case_clocks k WHERE k.case_id = c.id AND k.kind = 'rectification' ORDER BY k.no DESC LIMIT 1), c.rectify_due_at)
 FROM cases c WHERE c.id = evaluations.case_id AND c.conclusion_no = evaluations.conclusion_no AND c.rectify NOT IN ('', 'excluded'))
 WHERE round = 1 AND grade <= 2;
UPDATE evaluations SET mended_at = (SELECT k.stopped_at FROM case_clocks k WHERE k.case_id = evaluations.case_id AND k.kind = 'rectification' AND k.state IN ('met', 'late') ORDER BY k.no DESC LIMIT 1)
 WHERE mend_due_at IS NOT NULL AND EXISTS (SELECT 1 FROM cases c WHERE c.id = evaluations.case_id AND c.rectify IN ('mended', 'settled'));
ALTER TABLE figures_day ADD COLUMN callbacks_due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE figures_day ADD COLUMN callbacks_reached INTEGER NOT NULL DEFAULT 0;
ALTER TABLE figures_day ADD COLUMN reviews_due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE figures_day ADD COLUMN reviews_mended INTEGER NOT NULL DEFAULT 0;
ALTER TABLE figures_day ADD COLUMN reviews_in_time INTEGER NOT NULL DEFAULT 0;
ALTER TABLE figures_month ADD COLUMN callbacks_due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE figures_month ADD COLUMN callbacks_reached INTEGER NOT NULL DEFAULT 0;
ALTER TABLE figures_month ADD COLUMN reviews_due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE figures_month ADD COLUMN reviews_mended INTEGER NOT NULL DEFAULT 0;
ALTER TABLE figures_month ADD COLUMN reviews_in_time INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE figures_month DROP COLUMN reviews_in_time;
ALTER TABLE figures_month DROP COLUMN reviews_mended;
ALTER TABLE figures_month DROP COLUMN reviews_due;
ALTER TABLE figures_month DROP COLUMN callbacks_reached;
ALTER TABLE figures_month DROP COLUMN callbacks_due;
ALTER TABLE figures_day DROP COLUMN reviews_in_time;
ALTER TABLE figures_day DROP COLUMN reviews_mended;
ALTER TABLE figures_day DROP COLUMN reviews_due;
ALTER TABLE figures_day DROP COLUMN callbacks_reached;
ALTER TABLE figures_day DROP COLUMN callbacks_due;
DROP INDEX callbacks_closed_idx;
DROP INDEX evaluations_mend_due_idx;
ALTER TABLE evaluations DROP COLUMN mended_at;
ALTER TABLE evaluations DROP COLUMN mend_due_at;
