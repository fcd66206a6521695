package outreach

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Way is how somebody was fixed by hand.
type Way string

// In whatever the definition says, or out.
const (
	In  Way = "in"
	Out Way = "out"
)

// Fixed is somebody who is in or out of a segment by hand.
type Fixed struct {
	ConstituentID string
	Way           Way
	Reason        string // as the reader may see it; empty of somebody who was erased
	AccountID     string
	At            time.Time
	Person        constituents.View
}

const (
	reasonMost    = 300
	purposeReason = "segment.fixed"
)

// Fix puts somebody into a segment or keeps them out of it, with a reason.
func (s *Service) Fix(ctx context.Context, id, personID string, way Way, reason string) error {
	g, err := s.get(ctx, id, access.SegmentWrite)
	if err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	var c fault.Check
	c.That(way == In || way == Out, "way", "segment.fix.way")
	c.That(reason != "", "reason", "segment.fix.reason")
	c.That(utf8.RuneCountInString(reason) <= reasonMost, "reason", "segment.fix.long", "Max", reasonMost)
	c.That(g.Purpose.Members(), "way", "segment.fix.planning")
	if err := c.Err(); err != nil {
		return err
	}
	if !isID(personID) {
		return errMissing
	}
	if way == In {
		may, err := s.mayFix(ctx, g, personID)
		if err != nil {
			return err
		}
		if !may {
			return fault.InvalidInput(fault.Field{Name: "way", Key: "segment.fix.scope"})
		}
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		var keys []string
		if err := s.DB.From(ctx).Raw("SELECT x.vault_key_id FROM constituents x WHERE x.id = ? AND "+alive, personID).Scan(&keys).Error; err != nil {
			return fail("read somebody", err)
		}
		if len(keys) == 0 {
			return errMissing
		}
		cipher, err := s.Vault.Seal(ctx, keys[0], purposeReason, []byte(reason))
		if err != nil {
			return err
		}
		now := s.Now().UTC().Truncate(time.Microsecond)
		_, err = s.exec(ctx, `INSERT INTO segment_fixed (id, segment_id, constituent_id, way, reason_cipher, account_id, at) VALUES (?, ?, ?, ?, ?, ?, ?)
 ON CONFLICT (segment_id, constituent_id) DO UPDATE SET way = excluded.way, reason_cipher = excluded.reason_cipher, account_id = excluded.account_id, at = excluded.at`,
			db.NewID(now), id, personID, way, cipher, actor.From(ctx).AccountID, now)
		if err != nil {
			return err
		}
		if _, err := s.exec(ctx, "UPDATE segment_members SET fixed = ? WHERE segment_id = ? AND constituent_id = ?", way == In, id, personID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "segment.fix", Kind: "segment", ID: id, Fields: []audit.Change{{Field: "constituent", After: personID}, {Field: "way", After: string(way)}}})
	})
	if err != nil {
		return err
	}
	return s.refresh(ctx, id, []string{personID})
}

// under are a record and those that were merged into it, at any remove; upTo selects a
// record and those into which it was merged.
const (
	under = `(WITH RECURSIVE under (id) AS (SELECT id FROM constituents WHERE id = ? UNION SELECT c.id FROM constituents c JOIN under u ON c.merged_into_id = u.id) SELECT id FROM under)`
	upTo  = `WITH RECURSIVE up (id, into_id) AS (SELECT id, merged_into_id FROM constituents WHERE id = ? UNION
 SELECT c.id, c.merged_into_id FROM constituents c JOIN up u ON c.id = u.into_id) SELECT id FROM up`
)

// Unfix leaves somebody to the definition again, under all records that were merged
// into theirs.
func (s *Service) Unfix(ctx context.Context, id, personID string) error {
	if _, err := s.get(ctx, id, access.SegmentWrite); err != nil {
		return err
	}
	if !isID(personID) {
		return errMissing
	}
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		n, err := s.exec(ctx, "DELETE FROM segment_fixed WHERE segment_id = ? AND constituent_id IN "+under, id, personID)
		if err != nil || n == 0 {
			return err
		}
		if _, err := s.exec(ctx, "UPDATE segment_members SET fixed = ? WHERE segment_id = ? AND constituent_id = ?", false, id, personID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "segment.unfix", Kind: "segment", ID: id, Fields: []audit.Change{{Field: "constituent", Before: personID}}})
	})
	if err != nil {
		return err
	}
	var above []string
	if err := s.DB.From(ctx).Raw(upTo, personID).Scan(&above).Error; err != nil {
		return fail("read who stands for somebody", err)
	}
	return s.refresh(ctx, id, above)
}

// FixedAll lists who is in or out of a segment by hand, the newest first: FixedMost, and
// one more where there are more.
func (s *Service) FixedAll(ctx context.Context, g *Segment) ([]Fixed, error) {
	if !g.Purpose.Members() {
		return nil, nil
	}
	return s.fixed(ctx, "segment_id = ?", g.ID)
}

func (s *Service) fixedOne(ctx context.Context, id, personID string) (*Fixed, error) {
	list, err := s.fixed(ctx, "segment_id = ? AND constituent_id IN "+under, id, personID)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	counts := &list[0]
	for i := range list { // as byHand has it
		if list[i].ConstituentID == personID {
			return &list[i], nil
		}
		if list[i].Way == Out {
			counts = &list[i]
		}
	}
	return counts, nil
}

func (s *Service) fixed(ctx context.Context, where string, args ...any) ([]Fixed, error) {
	var rows []struct {
		ConstituentID string
		Way           Way
		ReasonCipher  []byte
		AccountID     string
		At            time.Time
	}
	err := s.DB.From(ctx).Raw("SELECT constituent_id, way, reason_cipher, account_id, at FROM segment_fixed WHERE "+where+" ORDER BY at DESC, constituent_id LIMIT ?", append(args, FixedMost+1)...).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, db.Fault(err, "", "")
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ConstituentID
	}
	people, err := s.masked(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Fixed, len(rows))
	for i, r := range rows {
		out[i] = Fixed{ConstituentID: r.ConstituentID, Way: r.Way, AccountID: r.AccountID, At: r.At, Person: people[i]}
		if people[i].Erased {
			continue
		}
		reason, err := s.Vault.Open(ctx, purposeReason, r.ReasonCipher)
		if err != nil {
			return nil, err
		}
		out[i].Reason = string(reason)
	}
	return out, nil
}

// ByCase finds who filed a case, of those that may count for the actor's
// segments: the way by which a form names somebody.
func (s *Service) ByCase(ctx context.Context, caseNo string) (personID string, err error) {
	r, err := s.reach(ctx, actor.From(ctx).AccountID)
	if err != nil {
		return "", err
	}
	countable, args := cases.Countable(r.scope, r.whole)
	var found []string
	err = s.DB.Reader(ctx).Raw("SELECT "+who+filers+" WHERE cp.role = 'requester' AND c.case_no = ? AND "+countable, append([]any{strings.ToUpper(strings.TrimSpace(caseNo))}, args...)...).Scan(&found).Error
	if err != nil {
		return "", fail("find who filed a case", err)
	}
	if len(found) == 0 {
		return "", fault.InvalidInput(fault.Field{Name: "case_no", Key: "segment.fix.case"})
	}
	return found[0], nil
}
