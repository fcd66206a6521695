package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Wish is how somebody wants a kind of message to leave the portal, where it is
// to be read in any case.
type Wish string

// The wishes.
const (
	AtOnce   Wish = "now"
	NotAtAll Wish = "never"
)

// Reason is why a kind of message is always sent.
type Reason string

// The reasons.
const (
	ByReceipt  Reason = "receipt"  // number and query code prove that somebody filed
	ByDecision Reason = "decision" // the law asks for notice of it
	ByClock    Reason = "clock"    // a changed limit counts once it is told
	ByAsking   Reason = "asking"   // an answer is waited for
	BySecurity Reason = "security" // it was asked for, or warns
)

var always = map[Kind]Reason{CaseReceived: ByReceipt, NotAccepted: ByDecision, Transferred: ByDecision, AppealDecided: ByDecision,
	Replied: ByDecision, Concluded: ByDecision, ClockExtended: ByClock, ClockSuspended: ByClock, ClockResumed: ByClock,
	InfoRequested: ByAsking, ConfirmAddress: BySecurity, CodeRenewed: BySecurity}

// Always says why a kind is sent whatever somebody wishes; empty when they may
// refuse it.
func (k Kind) Always() Reason {
	if k.ofAccount() {
		return BySecurity
	}
	if k.ofFollower() { // who stops it otherwise
		return ByAsking
	}
	return always[k]
}

// Rule is one kind and how it comes by mail.
type Rule struct {
	Kind   Kind
	Wish   Wish
	Always Reason // then the wish cannot be changed
}

// Choices lists how the kinds come by mail to the one who asks.
func (s *Service) Choices(ctx context.Context) ([]Rule, error) {
	who := actor.From(ctx)
	var rows []struct {
		Kind Kind
		Wish Wish
	}
	err := s.DB.From(ctx).Raw("SELECT kind, wish FROM message_wishes WHERE person_id = ? AND channel = ?", wisher(who), Mail).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read what messages somebody wants: %w", db.Fault(err, "", ""))
	}
	var rules []Rule
	for _, k := range kindsFor(who) {
		r := Rule{Kind: k, Wish: AtOnce, Always: k.Always()}
		for _, row := range rows {
			if row.Kind == k && r.Always == "" {
				r.Wish = row.Wish
			}
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// kindsFor lists what somebody may be sent.
func kindsFor(who actor.Actor) []Kind {
	if who.ConstituentID != "" {
		return slices.Concat(Kinds, AccountKinds)
	}
	return slices.Concat(StaffKinds, AccountKinds)
}

func wisher(who actor.Actor) string {
	if who.ConstituentID != "" {
		return who.ConstituentID
	}
	return who.AccountID
}

// Choose sets how kinds come by mail to the one who asks; a kind that is not
// named stays as it is. It counts for what waits already.
func (s *Service) Choose(ctx context.Context, wishes map[Kind]Wish) error {
	who := actor.From(ctx)
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		rules, err := s.Choices(ctx)
		if err != nil {
			return err
		}
		var changed []audit.Change
		for k, w := range wishes {
			i := slices.IndexFunc(rules, func(r Rule) bool { return r.Kind == k })
			if i < 0 || rules[i].Always != "" || !slices.Contains(k.Wishes(), w) {
				return fault.InvalidInput(fault.Field{Name: "wish." + string(k), Key: "notify.wishes.wrong"})
			}
			if rules[i].Wish == w {
				continue
			}
			if err := s.wish(ctx, wisher(who), k, w); err != nil {
				return err
			}
			changed = append(changed, audit.Change{Field: "mail." + string(k), Before: string(rules[i].Wish), After: string(w)})
		}
		if len(changed) == 0 {
			return nil
		}
		slices.SortFunc(changed, func(a, b audit.Change) int { return strings.Compare(a.Field, b.Field) })
		return s.Audit.Record(ctx, audit.Entry{Action: "delivery.wishes", Kind: "account", ID: who.AccountID, Fields: changed})
	})
}

// Wishes lists what may be wished of a kind that may be refused.
func (k Kind) Wishes() []Wish { return []Wish{AtOnce, NotAtAll} }

func (s *Service) wish(ctx context.Context, person string, k Kind, w Wish) error {
	tx := s.DB.From(ctx)
	var err error
	if w == AtOnce {
		err = tx.Exec("DELETE FROM message_wishes WHERE person_id = ? AND kind = ? AND channel = ?", person, k, Mail).Error
	} else {
		err = tx.Exec(`INSERT INTO message_wishes (person_id, kind, channel, wish, created_at) VALUES (?, ?, ?, ?, ?)
 ON CONFLICT (person_id, kind, channel) DO UPDATE SET wish = excluded.wish, created_at = excluded.created_at`,
			person, k, Mail, w, s.Now().UTC()).Error
	}
	if err != nil {
		return fmt.Errorf("note what messages somebody wants: %w", db.Fault(err, "", ""))
	}
	return nil
}

// wished says how the one whom a message goes to wants it to come.
func (s *Service) wished(ctx context.Context, k Kind, by Channel, to Recipient) (Wish, error) {
	if k.Always() != "" {
		return AtOnce, nil
	}
	var found []Wish
	err := s.DB.From(ctx).Raw("SELECT wish FROM message_wishes WHERE person_id = ? AND kind = ? AND channel = ?", to.person(), k, by).Scan(&found).Error
	if err != nil {
		return "", fmt.Errorf("read what messages somebody wants: %w", db.Fault(err, "", ""))
	}
	if len(found) == 0 {
		return AtOnce, nil
	}
	return found[0], nil
}
