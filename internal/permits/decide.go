package permits

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
	"minqing/internal/text"
)

// Decision is what is decided, from its draft on.
type Decision struct {
	ID            string
	ApplicationID string
	No            int64
	Grants        bool
	Reasons       string
	Conditions    string
	Remedies      string
	Uninspected   string // why it is refused without an inspection that the type wants
	Ground        string // NotCorrected, or empty: on its merits
	DraftedAt     time.Time
	DraftedByID   *string
	ApprovedAt    *time.Time
	ApprovedByID  *string
	DecidedAt     *time.Time
	DecidedOn     *calendar.Date
	IssueBy       *calendar.Date
	ValidFrom     *calendar.Date
	ValidUntil    *calendar.Date
	PermitNo      string
}

// TableName names the table for gorm.
func (Decision) TableName() string { return "permit_decisions" }

// decisionOf is the newest decision on a case, nil before one is drafted.
func (s *Service) decisionOf(ctx context.Context, caseID string) (*Decision, error) {
	var d Decision
	err := s.DB.From(ctx).Where("application_id = (SELECT id FROM permit_applications WHERE case_id = ?)", caseID).Order("no DESC").Take(&d).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a decision: %w", db.Fault(err, "", ""))
	}
	return &d, nil
}

// Drafting is the draft of a decision as it was typed.
type Drafting struct {
	Grants     *bool
	Reasons    string // why it is refused; of a grant they may be empty
	Conditions string

	Uninspected string // why nobody went on site, of a refusal where the type wants it
	Ground      string // NotCorrected of a refusal because of a correction that is overdue; else empty
}

func (d Drafting) validate() error {
	var c fault.Check
	c.That(d.Grants != nil, "grants", "permit.decide.required")
	c.That(d.Grants == nil || d.Ground == "" || d.Ground == NotCorrected && !*d.Grants, "grants", "permit.decide.required")
	c.That(d.Grants == nil || *d.Grants || text.Lines(d.Reasons) != "", "reasons", "permit.decide.reasons")
	for name, typed := range map[string]string{"reasons": d.Reasons, "conditions": d.Conditions, "uninspected": d.Uninspected} {
		c.That(len([]rune(typed)) <= cases.TextMost/2, name, "case.text.long", "Max", cases.TextMost/2)
	}
	return c.Err()
}

// ripe says whether the draft may be written now. A refusal because of a correction that
// is overdue rests on that alone, and waits for no opinion and no inspection, but for
// the hearing that somebody asked for.
func (s *Service) ripe(ctx context.Context, p *Part, d Drafting) error {
	if err := p.Silence.unsilenced(); err != nil {
		return err
	}
	if d.Ground == NotCorrected {
		if p.Application.AcceptedAt == nil { // it is not accepted then
			return fault.New(fault.Conflict, "permit.not_now")
		}
		if err := p.uncorrected(); err != nil {
			return err
		}
		return p.heard(s.now())
	}
	if p.Application.State != Accepted {
		return fault.New(fault.Conflict, "permit.not_now")
	}
	if open := p.openOpinions(); len(open) > 0 {
		return fault.New(fault.Conflict, "permit.opinions.open")
	}
	if err := p.heard(s.now()); err != nil {
		return err
	}
	if err := p.inspected(d); err != nil || !*d.Grants {
		return err
	}
	return s.grantable(ctx, p)
}

// heard refuses a decision before those who have a right to it were heard: the applicant
// and others in a hearing, and third parties that were told.
func (p *Part) heard(now time.Time) error {
	if err := p.unheard(now); err != nil {
		return err
	}
	return unstated(p.Interested, p.Calendar, now)
}

// stands says whether what a draft rests on is still so: one that refuses what was not
// corrected in time does not outlive the correction, and none the end of the permit that
// silence renews.
func (d *Decision) stands(p *Part) error {
	switch {
	case p.Silence != nil && p.Silence.Over:
		return p.Silence.unsilenced()
	case d.Ground == NotCorrected && p.Overdue() == nil:
		return fault.New(fault.Conflict, "permit.decide.corrected")
	case d.Ground == "" && p.Application.State != Accepted:
		return fault.New(fault.Conflict, "permit.not_now")
	}
	return nil
}

// DraftDecision writes the decision that somebody else signs. A refusal carries its
// reasons and the right to reconsideration and to sue (行政許可法 art. 38).
func (s *Service) DraftDecision(ctx context.Context, caseNo string, version int64, d Drafting) (*cases.Case, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	var out *cases.Case
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		p, err := s.part(ctx, caseNo)
		if err != nil {
			return err
		}
		if err := s.ripe(ctx, p, d); err != nil {
			return err
		}
		lang := i18n.Lang(p.Case.Locale)
		one := Decision{ID: db.NewID(s.now()), ApplicationID: p.Application.ID, No: 1, Grants: *d.Grants, Reasons: text.Lines(d.Reasons),
			Conditions: text.Lines(d.Conditions), DraftedAt: s.now(), DraftedByID: db.Ref(actor.From(ctx).AccountID)}
		if p.Decision != nil {
			one.No = p.Decision.No + 1
		}
		if !one.Grants {
			one.Conditions, one.Remedies = "", p.Type.Remedies.In(lang)
			one.Ground = d.Ground
			if d.Ground == "" && p.Type.Inspection && lastInspection(p.Inspections) == nil {
				one.Uninspected = text.Lines(d.Uninspected)
			}
		}
		out, err = s.Cases.TrackAct(ctx, caseNo, version, access.CaseReply, cases.Reply{Text: s.letter(lang, p, &one)})
		if err != nil {
			return err
		}
		if err := s.DB.From(ctx).Create(&one).Error; err != nil {
			return fmt.Errorf("store the draft of a decision: %w", db.Fault(err, "", "case.changed"))
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "permit.draft", Kind: "application", ID: p.Application.ID,
			Fields: []audit.Change{{Field: "case", After: caseNo}, {Field: "grants", After: fmt.Sprint(one.Grants)}}})
	})
	return out, db.Fault(err, "", "case.changed")
}

// letter is what the applicant reads.
func (s *Service) letter(lang i18n.Lang, p *Part, d *Decision) string {
	key := "permit.letter.refuse"
	if d.Grants {
		key = "permit.letter.grant"
	}
	lines := []string{s.Words.T(lang, key, i18n.Args{"Type": p.Type.Name.In(lang)})}
	add := func(key, value string) {
		if value != "" {
			lines = append(lines, s.Words.T(lang, key, nil)+"\n"+value)
		}
	}
	if d.Ground == NotCorrected {
		add("permit.letter.ground", s.missing(lang, p))
	}
	add("permit.letter.reasons", d.Reasons)
	add("permit.letter.uninspected", d.Uninspected)
	add("permit.letter.conditions", d.Conditions)
	add("permit.letter.remedies", d.Remedies)
	return strings.Join(lines, "\n\n")
}

// Decide makes the signed draft the decision. A grant becomes a permit in the same
// transaction.
func (s *Service) Decide(ctx context.Context, caseNo string, version int64) (*cases.Case, error) {
	var out *cases.Case
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		p, err := s.part(ctx, caseNo)
		if err != nil {
			return err
		}
		if p.Decision == nil || !p.Decision.Open() {
			return fault.New(fault.Conflict, "permit.not_now")
		}
		if err := p.Decision.stands(p); err != nil {
			return err
		}
		if err := p.heard(s.now()); err != nil {
			return err
		}
		outcome, to := cases.NotSupported, Refused
		if p.Decision.Grants {
			outcome, to = cases.Resolved, Granted
			if err := s.grantable(ctx, p); err != nil { // since the draft, days went by and others came to their permits
				return err
			}
		}
		if out, err = s.Cases.TrackAct(ctx, caseNo, version, access.CaseConclude, cases.Conclude{Outcome: outcome}); err != nil {
			return err
		}
		if err := s.decided(ctx, p); err != nil {
			return err
		}
		if err := s.moved(ctx, p.Application, to, nil, "permit.decide"); err != nil || to != Granted {
			return err
		}
		return s.charge(ctx, p.Calendar, Charge{Case: out, Application: p.Application, Type: p.Type, When: permittypes.FeeAtGrant})
	})
	return out, db.Fault(err, "", "case.changed")
}

func (s *Service) decided(ctx context.Context, p *Part) error {
	d := p.Decision
	columns := map[string]any{"decided_at": s.now(), "decided_on": p.Today}
	if d.Grants {
		issue := IssueBy(p.Calendar, p.Type, s.now())
		from, until, facts, err := s.terms(ctx, p.Application, p.Type, p.Today)
		if err != nil {
			return err
		}
		columns["issue_by"], columns["valid_from"], columns["valid_until"] = issue.On, from, until
		if s.Register != nil {
			no, err := s.Register.Issue(ctx, Grant{CaseID: p.Case.ID, CaseNo: p.Case.CaseNo, TypeCode: p.Type.Code, TypeVersion: p.Type.Version,
				HolderID: p.Application.HolderID, UnitID: p.Case.UnitID, ValidFrom: from, ValidUntil: until, Conditions: d.Conditions, Replaces: p.Application.RenewsNo, Facts: facts})
			if err != nil {
				return err
			}
			columns["permit_no"] = no
		}
	}
	if err := s.DB.From(ctx).Model(&Decision{}).Where("id = ?", d.ID).Updates(columns).Error; err != nil {
		return fmt.Errorf("write a decision: %w", err)
	}
	return nil
}
