package constituents

import (
	"context"
	"strings"
	"unicode/utf8"

	"minqing/internal/audit"
	"minqing/internal/fault"
)

// Uncover shows all that is known of somebody in the clear, for a reason that
// goes into the trail and the log of reads before anything is shown. Whether the
// actor may, and which parts, is the caller's question; what names them.
func (s *Service) Uncover(ctx context.Context, ids []string, what []string, reason string) (*Known, error) {
	reason = strings.TrimSpace(reason)
	var c fault.Check
	c.That(reason != "", "reason", "constituents.reveal.reason")
	c.That(utf8.RuneCountInString(reason) <= reasonMost, "reason", "constituents.reveal.long", "Max", reasonMost)
	if err := c.Err(); err != nil {
		return nil, err
	}
	var k *Known
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		var err error
		if k, err = s.known(ctx, ids); err != nil {
			return err
		}
		why, err := s.sealReason(ctx, ids[0], reason)
		if err != nil {
			return err
		}
		if err := s.Audit.Read(ctx, "constituent", ids[0], what, why); err != nil {
			return err
		}
		e := audit.Entry{Action: "constituent.reveal", Kind: "constituent", ID: ids[0], Reason: why}
		for _, f := range what {
			e.Fields = append(e.Fields, audit.Change{Field: f})
		}
		return s.Audit.Record(ctx, e)
	})
	if err != nil {
		return nil, err // nothing is shown that was not logged
	}
	return k, nil
}
