package permits

import (
	"context"
	"slices"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/register"
)

// signed says that a draft was signed off and nobody has entered it yet; nil is no draft.
// Its letter is out.
func (d *Decision) signed() bool { return d != nil && d.DecidedAt == nil && d.ApprovedAt != nil }

// Silence is what the silence of the authority means for an application to renew.
type Silence struct {
	Until   calendar.Date // the last day of the permit: what is not decided by then is renewed
	Drafted bool          // somebody has drafted a decision, and nobody signed it
	Signed  bool          // a grant is signed; it only has to be entered
	Over    bool          // that day is past: by law it is granted, whether or not the job has entered it
}

// silence is that of an application which silence would renew now; nil for every other.
// It stays until the job has entered the renewal, however late that runs.
func (s *Service) silence(ctx context.Context, a *Application, d *Decision) (*Silence, error) {
	if a.Purpose != ForRenewal || s.Holds == nil {
		return nil, nil //nolint:nilnil // silence grants nothing here
	}
	waits, err := renewals{s}.Undecided(ctx, []string{a.RenewsNo})
	if err != nil || !waits[a.RenewsNo] {
		return nil, err
	}
	p, err := s.Holds.ByNo(ctx, a.RenewsNo)
	if err != nil || p.State != register.Valid && p.State != register.Suspended {
		return nil, err
	}
	drafted := d != nil && d.DecidedAt == nil && d.ApprovedAt == nil
	return &Silence{Until: *p.ValidUntil, Drafted: drafted, Signed: d.signed(), Over: *p.ValidUntil < s.Holds.Today()}, nil
}

// unsilenced refuses to decide, or to ask for anything, once silence has granted.
func (x *Silence) unsilenced() error {
	if x != nil && x.Over {
		return fault.New(fault.Conflict, "permit.renewed_already").With("Day", x.Until.String())
	}
	return nil
}

// unsilenced looks at the case of an application before somebody signs.
func (g guard) unsilenced(ctx context.Context, c *cases.Case) error {
	a, err := g.s.read(ctx, "case_id = ?", c.ID)
	if err != nil {
		return ignoreMissing(err)
	}
	x, err := g.s.silence(ctx, a, nil)
	if err != nil {
		return err
	}
	return x.unsilenced()
}

// SilenceOf is what silence means for the application of a case; nil where it grants
// nothing. Who asks has found the case within their scope.
func (s *Service) SilenceOf(ctx context.Context, caseID string) (*Silence, error) {
	a, err := s.read(ctx, "case_id = ?", caseID)
	if err != nil {
		return nil, ignoreMissing(err)
	}
	d, err := s.decisionOf(ctx, caseID)
	if err != nil {
		return nil, err
	}
	return s.silence(ctx, a, d)
}

// Hands are the accounts that have written or signed what nobody has decided yet.
func (s *Service) Hands(ctx context.Context, caseID string) (list []string, err error) {
	d, err := s.decisionOf(ctx, caseID)
	if err != nil || d == nil || d.DecidedAt != nil {
		return nil, err
	}
	for _, id := range []*string{d.DraftedByID, d.ApprovedByID} {
		if id != nil && !slices.Contains(list, *id) {
			list = append(list, *id)
		}
	}
	return list, nil
}
