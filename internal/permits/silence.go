package permits

import (
	"context"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
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
	waitsForAuthority = "(state IN ('submitted', 'accepted') OR state = 'correcting' AND accepted_at IS NOT NULL)" + notRefused
	waitsForApplicant = "state = 'correcting' AND accepted_at IS NULL"

	// notRefused leaves out what somebody has refused: with the signature the letter goes to
	// the applicant, and the decision is made, though nobody has concluded the case. After the
	// last day nobody can sign any more (unsilenced). A draft without a signature is none.
	notRefused = " AND NOT EXISTS (SELECT 1 FROM permit_decisions d WHERE d.application_id = permit_applications.id AND d.decided_at IS NULL AND d.approved_at IS NOT NULL AND NOT d.grants)"
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
	err := r.s.DB.From(ctx).Select("renews_no", "received_on", "state", "complete_on", "type_code", "type_version").Where("renews_no IN ? AND purpose = ? AND "+stands, permitNos, ForRenewal).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("find renewals that wait: %w", db.Fault(err, "", ""))
	}
	out := map[string]bool{}
	if len(list) == 0 {
		return out, nil
	}
	ends, err := r.s.Holds.Ends(ctx, permitNos)
	if err != nil {
		return nil, err
	}
	for i := range list {
		t, err := r.s.typeOf(ctx, &list[i])
		if err != nil {
			return nil, err
		}
		if t.OfTaiwan() { // silence renews nothing
			continue
		}
		if end, known := ends[list[i].RenewsNo]; known && list[i].askedInTime(end) {
			out[list[i].RenewsNo] = true
		}
	}
	return out, nil
}

// askedInTime says that a renewal was asked for early enough for silence to count, and that
// no correction of an application that was never accepted came after the end.
func (a *Application) askedInTime(end calendar.Date) bool {
	if a.ReceivedOn == nil || *a.ReceivedOn > end.Add(-register.AskBefore) {
		return false
	}
	return a.State != Submitted || a.CompleteOn == nil || *a.CompleteOn <= end
}

// Waits is the renewal of a permit that silence would grant; nil when there is none.
func (s *Service) Waits(ctx context.Context, permitNo string) (*Application, error) {
	waits, err := renewals{s}.Undecided(ctx, []string{permitNo})
	if err != nil || !waits[permitNo] {
		return nil, err
	}
	return s.sentAbout(ctx, permitNo)
}

// Owed is the application to renew a permit that is not accepted, for its applicant owes
// a correction; nil when there is none.
func (s *Service) Owed(ctx context.Context, permitNo string) (*Application, error) {
	a, err := s.sentAbout(ctx, permitNo)
	if err != nil || a == nil || a.Purpose != ForRenewal || !a.Owes() {
		return nil, err
	}
	return a, nil
}

// Renew enters what follows once the permit has ended: the renewal is granted, as it was
// signed where nobody had entered that yet, else as it was asked for, since the silence of
// the authority counts as a grant (行政許可法 art. 50). The case of the application is over.
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
	signed, err := s.decisionOf(ctx, c.ID)
	if err != nil {
		return err
	}
	if !signed.signed() {
		signed = nil
	}
	_, _, facts, err := s.terms(ctx, a, t, s.Holds.Today())
	if err != nil {
		return err
	}
	from := p.ValidUntil.Add(1)
	g := Grant{CaseID: c.ID, CaseNo: c.CaseNo, TypeCode: t.Code, TypeVersion: t.Version, HolderID: a.HolderID, UnitID: c.UnitID,
		ValidFrom: from, ValidUntil: validUntil(t.Validity, from, a.Answers), Replaces: p.PermitNo, Facts: facts, Silent: signed == nil}
	if err := s.enterRenewal(ctx, a, signed, g); err != nil {
		return err
	}
	return s.chargeSilence(ctx, Charge{Case: c, Application: a, Type: t, When: permittypes.FeeAtGrant})
}

// enterRenewal enters a renewal that the job grants into register, decision, case and
// application. Signed is the decision that somebody made; nil where nobody did.
func (s *Service) enterRenewal(ctx context.Context, a *Application, signed *Decision, g Grant) error {
	if actor.From(ctx).Kind != actor.System {
		return fault.New(fault.Forbidden, "permit.decide.person")
	}
	key := "held.silence.text"
	if signed != nil {
		key, g.Conditions = "held.signed.text", signed.Conditions
	}
	no, err := s.Register.Issue(ctx, g)
	if err != nil {
		return err
	}
	c, err := s.Cases.ByID(ctx, g.CaseID)
	if err != nil {
		return err
	}
	words := s.Words.T(i18n.Lang(c.Locale), key, i18n.Args{"No": g.Replaces, "NewNo": no})
	if _, err := s.Cases.TrackSilence(ctx, c.ID, cases.Silence{Outcome: cases.Resolved, Text: words}); err != nil {
		return err
	}
	if signed != nil {
		if err := s.conclude(ctx, signed, map[string]any{"valid_from": g.ValidFrom, "valid_until": g.ValidUntil, "permit_no": no}); err != nil {
			return err
		}
		return s.moved(ctx, a, Granted, nil, "permit.decide")
	}
	if err := s.silently(ctx, a, Decision{ValidFrom: &g.ValidFrom, ValidUntil: g.ValidUntil, PermitNo: no, Reasons: words}); err != nil {
		return err
	}
	return s.moved(ctx, a, Granted, nil, "permit.silence")
}

// conclude writes that a signed decision was entered today.
func (s *Service) conclude(ctx context.Context, d *Decision, columns map[string]any) error {
	columns["decided_at"], columns["decided_on"] = s.now(), s.Holds.Today()
	if err := s.DB.From(ctx).Model(&Decision{}).Where("id = ?", d.ID).Updates(columns).Error; err != nil {
		return fmt.Errorf("enter a signed renewal: %w", db.Fault(err, "", ""))
	}
	return nil
}

// chargeSilence orders what the grant costs: who decided, or that nobody did, is no ground on
// which a fee falls away (行政許可法 art. 58, 59). What the acceptance costs is not owed where
// nobody has accepted.
func (s *Service) chargeSilence(ctx context.Context, c Charge) error {
	cal, err := s.calendarOf(ctx, c.Case)
	if err != nil {
		return err
	}
	return s.charge(ctx, cal, c)
}

// silently stores a decision that nobody made.
func (s *Service) silently(ctx context.Context, a *Application, d Decision) error {
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
