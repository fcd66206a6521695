-- Papers count as sent at the instant at which the application was complete. Some were
-- noted a moment later, so that of an application that silence accepted, as of that
-- instant, all seemed to have come afterwards. What a notice asked for, and came after
-- it, came when it came.
-- +goose Up
UPDATE permit_materials SET sent_at = a.complete_at FROM permit_applications a
 WHERE a.id = permit_materials.application_id AND (a.deemed OR a.state = 'submitted') AND permit_materials.sent_at > a.complete_at
 AND NOT EXISTS (SELECT 1 FROM permit_notices n WHERE n.application_id = a.id AND n.given_at >= a.complete_at AND n.given_at <= permit_materials.sent_at);

-- +goose Down
SELECT 1;
