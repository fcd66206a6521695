package campaign

import (
	"context"
	"slices"
)

// Status is what became of somebody in a campaign.
type Status string

// The statuses.
const (
	Waiting   Status = "waiting" // to be written to
	Kept      Status = "kept"    // held back
	Queued    Status = "queued"  // on its way to the mail server
	Sent      Status = "sent"    // which took it
	Laid      Status = "laid"    // of results: it lies in the portal alone, and nobody opened it
	Failed    Status = "failed"  // or it came back
	Uncertain Status = "uncertain"
	Skipped   Status = "skipped" // Reason says why
)

// Why somebody was not written to.
const (
	SkipRefused     = "refused"     // they said that they want none
	SkipNoConsent   = "no_consent"  // they never said that they want any, and the law asks for it
	SkipUnreachable = "unreachable" // no proven address takes messages
	SkipCapped      = "capped"      // they got others of late
	SkipMerged      = "merged"      // another record of the same person is in the campaign
	SkipLate        = "late"        // the window was over
	SkipStopped     = "stopped"
	SkipErased      = "erased"
	SkipNoWay       = "no_transport" // no mail server is set up
)

// settle notes what became of the messages, mails that came back included.
func (s *Service) settle(ctx context.Context, c *Campaign) error {
	const became = `CASE d.status WHEN 'sent' THEN 'sent' WHEN 'read' THEN 'sent' WHEN 'failed' THEN 'failed' WHEN 'uncertain' THEN 'uncertain' WHEN 'suppressed' THEN 'skipped' ELSE 'queued' END`
	_, err := s.exec(ctx, "note what became of messages", `UPDATE campaign_assignments SET status = (SELECT `+became+` FROM deliveries d WHERE d.id = campaign_assignments.delivery_id),
 reason = (SELECT d.reason FROM deliveries d WHERE d.id = campaign_assignments.delivery_id)
 WHERE campaign_id = ? AND status IN ('queued', 'sent', 'uncertain') AND EXISTS (SELECT 1 FROM deliveries d WHERE d.id = campaign_assignments.delivery_id AND `+became+` <> campaign_assignments.status)`, c.ID)
	if err != nil {
		return err
	}
	_, err = s.exec(ctx, "note who opened a message in the portal", `UPDATE campaign_assignments SET opened_at = (SELECT d.read_at FROM deliveries d WHERE d.id = campaign_assignments.portal_id)
 WHERE campaign_id = ? AND portal_id IS NOT NULL AND opened_at IS NULL AND EXISTS (SELECT 1 FROM deliveries d WHERE d.id = campaign_assignments.portal_id AND d.status = 'read')`, c.ID)
	return err
}

// stood is SQL for what became of a row of a campaign: who opened the message in the
// portal is told whatever became of a mail, and one that lies there alone and
// unopened has reached nobody yet.
const stood = "CASE WHEN opened_at IS NOT NULL THEN 'sent' WHEN status = 'sent' AND portal_id = delivery_id THEN 'laid' ELSE status END"

var skips = []string{SkipRefused, SkipNoConsent, SkipUnreachable, SkipCapped, SkipMerged, SkipLate, SkipStopped, SkipErased, SkipNoWay}

// KnownSkip says whether a reason is one of these; the delivery log has others.
func KnownSkip(reason string) bool { return slices.Contains(skips, reason) }
