package permits

import (
	"context"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/register"
)

// renewals tells the register which renewals nobody has decided.
type renewals struct{ s *Service }

// Renewals is what the register follows permits to their end with.
func (s *Service) Renewals() register.Renewals { return renewals{s} }

// Whose silence a renewal waits for. Once it is accepted, or may be, the authority owes
// a decision before the permit ends, and a correction that it asks for then stops no
// time (行政許可法 art. 42, 45, 50). Before that, an application that has to be corrected
// is none that was made as the law wants it (art. 32): its applicant owes something, and
// silence grants nothing.
const (
	waitsForAuthority = "(state IN ('submitted', 'accepted') OR state = 'correcting' AND accepted_at IS NOT NULL)"
	waitsForApplicant = "state = 'correcting' AND accepted_at IS NULL"
)

// Owes says that the application is not accepted, for its applicant owes a correction.
func (a *Application) Owes() bool { return a.State == Correcting && a.AcceptedAt == nil }

// Undecided says of which permits somebody asked in time for a renewal that nobody
// has decided.
func (r renewals) Undecided(ctx context.Context, permitNos []string) (map[string]bool, error) {
	return r.asked(ctx, permitNos, waitsForAuthority)
}

// Owed says of which permits somebody asked in time for a renewal, and owes a
// correction before it can be accepted.
func (r renewals) Owed(ctx context.Context, permitNos []string) (map[string]bool, error) {
	return r.asked(ctx, permitNos, waitsForApplicant)
}

// asked are those of the permits whose renewal was asked for in time and stands so.
func (r renewals) asked(ctx context.Context, permitNos []string, stands string) (map[string]bool, error) {
	var list []Application
	err := r.s.DB.From(ctx).Select("renews_no", "received_on", "type_code", "type_version").Where("renews_no IN ? AND purpose = ? AND "+stands, permitNos, ForRenewal).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("find renewals that wait: %w", db.Fault(err, "", ""))
	}
	out := map[string]bool{}
	for i := range list {
		t, err := r.s.typeOf(ctx, &list[i])
		if err != nil {
			return nil, err
		}
		if t.OfTaiwan() { // silence renews nothing
			continue
		}
		p, err := r.s.Holds.ByNo(ctx, list[i].RenewsNo)
		if err != nil {
			return nil, err
		}
		if on := list[i].ReceivedOn; on != nil && p.ValidUntil != nil && *on <= p.ValidUntil.Add(-register.AskBefore) {
			out[p.PermitNo] = true
		}
	}
	return out, nil
}

// Waits is the renewal of a permit that silence would grant; nil when there is none.
func (s *Service) Waits(ctx context.Context, permitNo string) (*Application, error) {
	waits, err := renewals{s}.Undecided(ctx, []string{permitNo})
	if err != nil || !waits[permitNo] {
		return nil, err
	}
	return s.pending(ctx, permitNo)
}

// Owed is the application to renew a permit that is not accepted, for its applicant owes
// a correction; nil when there is none.
func (s *Service) Owed(ctx context.Context, permitNo string) (*Application, error) {
	a, err := s.pending(ctx, permitNo)
	if err != nil || a == nil || a.Purpose != ForRenewal || !a.Owes() {
		return nil, err
	}
	return a, nil
}

// Renew enters what the silence of the authority means: the renewal is granted as
// it was asked for (行政許可法 art. 50), and the case of the application is over.
func (r renewals) Renew(ctx context.Context, p *register.Permit) error {
	s := r.s
	a, err := s.read(ctx, "renews_no = ? AND purpose = ? AND "+waitsForAuthority, p.PermitNo, ForRenewal)
	if err != nil {
		return err
	}
	t, err := s.typeOf(ctx, a)
	if err != nil {
		return err
	}
	c, err := s.Cases.ByID(ctx, *a.CaseID)
	if err != nil {
		return err
	}
	today := s.Holds.Today()
	_, _, facts, err := s.terms(ctx, a, t, today)
	if err != nil {
		return err
	}
	from := p.ValidUntil.Add(1)
	until := validUntil(t.Validity, from, a.Answers)
	no, err := s.Register.Issue(ctx, Grant{CaseID: c.ID, CaseNo: c.CaseNo, TypeCode: t.Code, TypeVersion: t.Version, HolderID: a.HolderID, UnitID: c.UnitID,
		ValidFrom: from, ValidUntil: until, Replaces: p.PermitNo, Facts: facts, Silent: true})
	if err != nil {
		return err
	}
	lang := i18n.Lang(c.Locale)
	words := s.Words.T(lang, "held.silence.text", i18n.Args{"No": p.PermitNo, "NewNo": no})
	if err := s.silently(ctx, a, Decision{ValidFrom: &from, ValidUntil: until, PermitNo: no, Reasons: words}); err != nil {
		return err
	}
	if _, err := s.Cases.TrackSilence(ctx, c.ID, cases.Silence{Outcome: cases.Resolved, Text: words}); err != nil {
		return err
	}
	return s.moved(ctx, a, Granted, nil, "permit.silence")
}

// silently stores a decision that nobody made.
func (s *Service) silently(ctx context.Context, a *Application, d Decision) error {
	if actor.From(ctx).Kind != actor.System {
		return fault.New(fault.Forbidden, "permit.decide.person")
	}
	before, err := s.decisionOf(ctx, *a.CaseID)
	if err != nil {
		return err
	}
	now, today := s.now(), s.Holds.Today()
	d.ID, d.ApplicationID, d.No, d.Grants = db.NewID(now), a.ID, 1, true
	if before != nil {
		d.No = before.No + 1
	}
	d.DraftedAt, d.DecidedAt, d.DecidedOn = now, &now, &today
	if err := s.DB.From(ctx).Create(&d).Error; err != nil {
		return fmt.Errorf("note a renewal by silence: %w", db.Fault(err, "", ""))
	}
	return nil
}
