package demo

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/voices"
)

// How many questions and answers the demo city has published, and how many wait.
const (
	voicesPublished = 14
	voicesWaiting   = 4
	voicesApart     = 9 // so that they come from some months
)

// toPublish is a case that may be published.
type toPublish struct {
	CaseNo      string
	MatterID    string
	ConcludedAt time.Time
}

// Publish lets some people of the demo city agree that question and answer are
// published, and publishes most: one of a matter, some days after its result.
func Publish(ctx context.Context, c *cases.Service, v *voices.Service, byID string) error {
	var list []toPublish
	err := c.DB.From(ctx).Raw(`SELECT c.case_no, c.matter_id, c.concluded_at FROM cases c JOIN matters m ON m.id = c.matter_id
 WHERE c.source = ? AND c.confidentiality = 'normal' AND c.status = 'concluded' AND NOT c.appealed AND c.grade IN (0, 4, 5)
 AND c.kind <> 'report' AND NOT m.sensitive AND m.track = 'hotline' AND c.parent_id IS NULL ORDER BY c.concluded_at DESC, c.id LIMIT 600`, Source).Scan(&list).Error
	if err != nil {
		return fmt.Errorf("find what the demo city may publish: %w", err)
	}
	seen, n := map[string]bool{}, 0
	for i, one := range list {
		if i%voicesApart != 0 {
			continue
		}
		if n == voicesPublished+voicesWaiting {
			break
		}
		at := one.ConcludedAt.Add(52 * time.Hour)
		if seen[one.MatterID] || n < voicesPublished && at.After(v.Now()) {
			continue
		}
		seen[one.MatterID], n = true, n+1
		if err := v.Consent(ctx, one.CaseNo); err != nil {
			return err
		}
		if n > voicesPublished {
			continue
		}
		dated := &voices.Service{Deps: v.Deps}
		dated.Now = func() time.Time { return at }
		staff := actor.With(ctx, actor.Actor{Kind: actor.Staff, AccountID: byID})
		draft, err := dated.Draft(staff, one.CaseNo)
		if err != nil {
			return err
		}
		if _, err := dated.Publish(staff, one.CaseNo, draft.Texts, ""); err != nil {
			return fmt.Errorf("publish a case of the demo city: %w", err)
		}
	}
	return nil
}
