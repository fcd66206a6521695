package notify

import (
	"cmp"
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
	InfoRequested: ByAsking, SiteVisit: ByDecision, HearingStep: ByDecision, AnswersAmended: ByReceipt, ThirdParty: ByDecision, ConfirmAddress: BySecurity, CodeRenewed: BySecurity, OfferMade: ByAsking, OfferEnded: ByDecision,
	PermitEnding: ByClock, PermitMoved: ByDecision, RenewalOwed: ByClock,
	DutyNear: ByClock, DutyMissed: ByClock, DutyReturned: ByAsking, DutySettled: ByDecision, DutyVisit: ByDecision, ApplicationAccepted: ByDecision, CorrectionNear: ByAsking, CorrectionDue: ByAsking, FeeOrdered: ByAsking, FeeReceived: ByReceipt,
	MemberJoined: BySecurity, MemberRole: BySecurity, MemberLeft: BySecurity, HouseHanded: BySecurity}

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

// Rule is one kind and how it leaves the portal.
type Rule struct {
	Kind   Kind
	Always Reason           // then it leaves by one channel at least
	Wishes map[Channel]Wish // by each channel that can be chosen; none when there is nothing to choose
}

// Ways are the channels by which somebody can be reached.
type Ways struct {
	Mail  bool   // surely: the address is proven and takes mail
	Texts bool   // the portal sends texts to people like them
	Phone string // that takes texts and is proven; empty when there is none
}

// Ways says how the one who asks can be reached.
func (s *Service) Ways(ctx context.Context) (Ways, error) {
	to, err := s.contactOf(ctx, actor.From(ctx))
	return s.waysOf(actor.From(ctx), to), err
}

func (s *Service) contactOf(ctx context.Context, who actor.Actor) (Contact, error) {
	to, err := s.Directory.Contact(ctx, recipient(who))
	if err != nil {
		return Contact{}, fmt.Errorf("look up how to reach somebody: %w", err)
	}
	return to, nil
}

func (s *Service) waysOf(who actor.Actor, to Contact) Ways {
	w := Ways{Mail: to.mailArrives(s), Texts: who.ConstituentID != "" && s.carries(SMS)}
	if w.Texts && to.PhoneProven {
		w.Phone = to.Phone
	}
	return w
}

// Choices lists how the kinds leave the portal for the one who asks.
func (s *Service) Choices(ctx context.Context) ([]Rule, error) {
	who := actor.From(ctx)
	to, err := s.contactOf(ctx, who)
	if err != nil {
		return nil, err
	}
	all, err := s.wishesOf(ctx, wisher(who))
	if err != nil {
		return nil, err
	}
	ways := s.waysOf(who, to)
	var rules []Rule
	for _, k := range kindsFor(who) {
		r := Rule{Kind: k, Always: k.Always(), Wishes: map[Channel]Wish{}}
		texts := ways.Phone != "" && k.texted()
		if r.Always == "" || texts && ways.Mail {
			r.Wishes[Mail] = cmp.Or(all[k][Mail], AtOnce)
		}
		if texts && (r.Always == "" || ways.Mail) {
			r.Wishes[SMS] = s.textWish(all[k], k, to)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// wishes are what somebody said of one kind.
type wishes map[Channel]Wish

func (s *Service) wishesOf(ctx context.Context, person string) (map[Kind]wishes, error) {
	var rows []struct {
		Kind    Kind
		Channel Channel
		Wish    Wish
	}
	err := s.DB.From(ctx).Raw("SELECT kind, channel, wish FROM message_wishes WHERE person_id = ?", person).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read what messages somebody wants: %w", db.Fault(err, "", ""))
	}
	all := map[Kind]wishes{}
	for _, r := range rows {
		if all[r.Kind] == nil {
			all[r.Kind] = wishes{}
		}
		all[r.Kind][r.Channel] = r.Wish
	}
	return all, nil
}

// textWish is how somebody wants a kind by text: as they said, or else where no
// mail surely arrives. Who wants no news by mail is not sent them by text either
// before saying so.
func (s *Service) textWish(said wishes, k Kind, to Contact) Wish {
	switch {
	case said[SMS] != "":
		return said[SMS]
	case to.mailArrives(s), k.Always() == "" && to.NoNews:
		return NotAtAll
	}
	return AtOnce
}

// kindsFor lists what somebody may be sent.
func kindsFor(who actor.Actor) []Kind {
	if who.ConstituentID != "" {
		return slices.Concat(Kinds, AccountKinds)
	}
	return slices.Concat(StaffKinds, AccountKinds)
}

func wisher(who actor.Actor) string { return recipient(who).person() }

func recipient(who actor.Actor) Recipient {
	if who.ConstituentID != "" {
		return Recipient{ConstituentID: who.ConstituentID}
	}
	return Recipient{AccountID: who.AccountID}
}

// Choice is one kind by one channel.
type Choice struct {
	Kind    Kind
	Channel Channel
}

// Field is the name of a choice on a form and in an error.
func (c Choice) Field() string { return "wish." + string(c.Channel) + "." + string(c.Kind) }

// Choose sets how kinds leave the portal for the one who asks; what is not named
// stays as it is. It counts for what waits already.
func (s *Service) Choose(ctx context.Context, wanted map[Choice]Wish) error {
	who := actor.From(ctx)
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		rules, err := s.Choices(ctx)
		if err != nil {
			return err
		}
		changed, err := differing(rules, wanted)
		if err != nil || len(changed) == 0 {
			return err
		}
		var fields []audit.Change
		for _, c := range changed {
			if err := s.wish(ctx, wisher(who), c.Choice, c.to); err != nil {
				return err
			}
			fields = append(fields, audit.Change{Field: string(c.Channel) + "." + string(c.Kind), Before: string(c.from), After: string(c.to)})
		}
		slices.SortFunc(fields, func(a, b audit.Change) int { return strings.Compare(a.Field, b.Field) })
		return s.Audit.Record(ctx, audit.Entry{Action: "delivery.wishes", Kind: "account", ID: who.AccountID, Fields: fields})
	})
}

type changedWish struct {
	Choice
	from, to Wish
}

// differing is what of the wishes is another than before. Wishes that nobody may
// have are refused, and of what is always sent one way must stay.
func differing(rules []Rule, wanted map[Choice]Wish) (changed []changedWish, err error) {
	var wrong []fault.Field
	for c, w := range wanted {
		i := slices.IndexFunc(rules, func(r Rule) bool { return r.Kind == c.Kind })
		if i < 0 || rules[i].Wishes[c.Channel] == "" || !slices.Contains(c.Kind.Wishes(), w) {
			wrong = append(wrong, fault.Field{Name: c.Field(), Key: "notify.wishes.wrong"})
			continue
		}
		if from := rules[i].Wishes[c.Channel]; from != w {
			changed = append(changed, changedWish{c, from, w})
		}
	}
	for _, r := range rules {
		if r.Always == "" || len(r.Wishes) == 0 {
			continue
		}
		left := false
		for by, w := range r.Wishes {
			left = left || cmp.Or(wanted[Choice{r.Kind, by}], w) != NotAtAll
		}
		if !left {
			wrong = append(wrong, fault.Field{Name: Choice{r.Kind, Mail}.Field(), Key: "notify.wishes.none"})
		}
	}
	if len(wrong) > 0 {
		slices.SortFunc(wrong, func(a, b fault.Field) int { return strings.Compare(a.Name, b.Name) })
		return nil, fault.InvalidInput(wrong...)
	}
	return changed, nil
}

// Wishes lists what may be wished of a kind.
func (k Kind) Wishes() []Wish { return []Wish{AtOnce, NotAtAll} }

// wish keeps a wish. Mail comes unless somebody says otherwise, so that its wish
// is kept only then; for texts it depends, so that each is kept.
func (s *Service) wish(ctx context.Context, person string, c Choice, w Wish) error {
	tx := s.DB.From(ctx)
	var err error
	if w == AtOnce && c.Channel == Mail {
		err = tx.Exec("DELETE FROM message_wishes WHERE person_id = ? AND kind = ? AND channel = ?", person, c.Kind, c.Channel).Error
	} else {
		err = tx.Exec(`INSERT INTO message_wishes (person_id, kind, channel, wish, created_at) VALUES (?, ?, ?, ?, ?)
 ON CONFLICT (person_id, kind, channel) DO UPDATE SET wish = excluded.wish, created_at = excluded.created_at`,
			person, c.Kind, c.Channel, w, s.Now().UTC()).Error
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
