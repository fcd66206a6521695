package permits

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
	"minqing/internal/vault"
)

// Past is an application that was decided elsewhere, or before; its case is there.
type Past struct {
	Case       *cases.Case
	HolderID   string
	Type       *permittypes.Type
	Answers    map[string]any
	NoticeAt   time.Time // zero: nothing had to be corrected
	AnsweredAt time.Time
	Corrected  map[string]string // reasons by the codes of materials
	Doubted    map[string]Doubt  // answers that the notice asked about, by question; they need materials in Corrected beside them
	AcceptedAt time.Time
	DecidedAt  time.Time
	Grants     bool
	Reasons    string
	ByID       string // who examined and drafted
	ApprovedID string // who signed
	Zone       *time.Location
}

// Doubt is an answer that had to be corrected: why, and what it was before.
type Doubt struct {
	Reason string
	Before any
}

// Bring enters applications that were decided before this program kept them. The
// caller records one audit entry for its load; nobody is told of anything.
func (s *Service) Bring(ctx context.Context, list []Past) error {
	if actor.From(ctx).Kind != actor.System {
		return fault.New(fault.Forbidden, "access.forbidden")
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		for i := range list {
			if err := s.bring(ctx, &list[i]); err != nil {
				return fmt.Errorf("bring the application of %s: %w", list[i].Case.CaseNo, err)
			}
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "permit.bring", Kind: "application", ID: "past", Fields: []audit.Change{{Field: "count", After: fmt.Sprint(len(list))}}})
	})
}

func (s *Service) bring(ctx context.Context, p *Past) error {
	key, row, err := s.Vault.Mint(vault.OwnerCase)
	if err != nil {
		return err
	}
	body, err := json.Marshal(p.Answers)
	if err != nil {
		return fmt.Errorf("write the answers: %w", err)
	}
	cipher, err := key.Seal(purposeAnswers, body)
	if err != nil {
		return err
	}
	day := func(t time.Time) *calendar.Date { d := calendar.DateOf(t, p.Zone); return &d }
	complete := p.Case.ReceivedAt
	if !p.AnsweredAt.IsZero() {
		complete = p.AnsweredAt
	}
	a := Application{ID: db.NewID(p.Case.ReceivedAt), HolderID: p.HolderID, TypeCode: p.Type.Code, TypeVersion: p.Type.Version, Purpose: ForNew, State: Refused, VaultKeyID: row.ID, AnswersCipher: cipher,
		CaseID: &p.Case.ID, CaseNo: p.Case.CaseNo, Statement: Statement, ReceivedAt: &p.Case.ReceivedAt, ReceivedOn: day(p.Case.ReceivedAt), CompleteAt: &complete, CompleteOn: day(complete),
		AcceptedAt: &p.AcceptedAt, AcceptedOn: day(p.AcceptedAt), Version: 1, CreatedAt: p.Case.ReceivedAt, UpdatedAt: p.DecidedAt}
	if p.Grants {
		a.State = Granted
	}
	d := Decision{ID: db.NewID(p.DecidedAt), ApplicationID: a.ID, No: 1, Grants: p.Grants, Reasons: p.Reasons, DraftedAt: p.DecidedAt.Add(-2 * time.Hour), DraftedByID: db.Ref(p.ByID),
		ApprovedAt: &p.DecidedAt, ApprovedByID: db.Ref(p.ApprovedID), DecidedAt: &p.DecidedAt, DecidedOn: day(p.DecidedAt)}
	if p.Grants {
		from, until := validity(p.Type, *d.DecidedOn, p.Answers)
		d.ValidFrom, d.ValidUntil = &from, until
	} else {
		d.Remedies = p.Type.Remedies.In(i18n.Lang(p.Case.Locale))
	}
	if err := s.DB.InsertAll(ctx, row.Insert()); err != nil {
		return fmt.Errorf("store the key of an application: %w", err)
	}
	if err := s.DB.From(ctx).Create(&a).Error; err != nil {
		return fmt.Errorf("store an application: %w", db.Fault(err, "", "permit.changed"))
	}
	if err := s.bringMaterials(ctx, p, &a); err != nil {
		return err
	}
	if err := s.DB.From(ctx).Create(&d).Error; err != nil {
		return fmt.Errorf("store a decision: %w", db.Fault(err, "", "permit.changed"))
	}
	return nil
}

// bringMaterials stores what was given, in two versions where it was corrected, and
// the notice that asked for it.
func (s *Service) bringMaterials(ctx context.Context, p *Past, a *Application) error {
	var list []Material
	n := Notice{ID: db.NewID(p.Case.ReceivedAt), ApplicationID: a.ID, No: 1, GivenAt: p.NoticeAt, GivenByID: db.Ref(p.ByID), AnsweredAt: &p.AnsweredAt}
	accepted := calendar.DateOf(p.AcceptedAt, p.Zone)
	for _, m := range p.Type.Needed(p.Answers) {
		if m.HeldFrom != "" || !m.Required {
			continue
		}
		one := Material{ID: db.NewID(p.Case.ReceivedAt), ApplicationID: a.ID, Code: m.Code, Round: 1, SentAt: &p.Case.ReceivedAt, Verdict: Verified, VerdictAt: &p.AcceptedAt, VerdictOn: &accepted,
			VerdictByID: db.Ref(p.ByID), CreatedAt: p.Case.ReceivedAt}
		if reason := p.Corrected[m.Code]; reason != "" && !p.NoticeAt.IsZero() {
			asked := calendar.DateOf(p.NoticeAt, p.Zone)
			next := one
			next.ID, next.Round, next.SentAt, next.CreatedAt = db.NewID(p.AnsweredAt), 2, &p.AnsweredAt, p.AnsweredAt
			one.Verdict, one.VerdictAt, one.VerdictOn = Correct, &p.NoticeAt, &asked
			n.Items = append(n.Items, NoticeItem{NoticeID: n.ID, MaterialID: one.ID, Code: m.Code, Reason: reason})
			list = append(list, next)
		}
		list = append(list, one)
	}
	if len(list) > 0 {
		if err := s.DB.From(ctx).Create(&list).Error; err != nil {
			return fmt.Errorf("store materials: %w", db.Fault(err, "", "permit.changed"))
		}
	}
	if len(n.Items) == 0 {
		return nil
	}
	n.GivenOn = calendar.DateOf(p.NoticeAt, p.Zone)
	n.DueOn = n.GivenOn.Add(14)
	if err := s.DB.From(ctx).Create(&n).Error; err != nil {
		return fmt.Errorf("store a notice: %w", db.Fault(err, "", "permit.changed"))
	}
	if err := s.DB.From(ctx).Create(&n.Items).Error; err != nil {
		return fmt.Errorf("store the items of a notice: %w", db.Fault(err, "", "permit.changed"))
	}
	return s.bringAnswers(ctx, p, a, &n)
}

// bringAnswers stores which answers the notice asked for, and what they were before.
func (s *Service) bringAnswers(ctx context.Context, p *Past, a *Application, n *Notice) (err error) {
	for _, name := range slices.Sorted(maps.Keys(p.Doubted)) {
		d := p.Doubted[name]
		asked := NoticeAnswer{NoticeID: n.ID, Name: name, Reason: d.Reason}
		was := AnswerChange{ID: db.NewID(p.AnsweredAt), ApplicationID: a.ID, NoticeID: &n.ID, Name: name, ChangedAt: p.AnsweredAt}
		if was.BeforeCipher, err = s.sealJSON(ctx, a, purposeBefore, d.Before); err != nil {
			return err
		}
		if was.AfterCipher, err = s.sealJSON(ctx, a, purposeAfter, p.Answers[name]); err != nil {
			return err
		}
		for _, row := range []any{&asked, &was} {
			if err := s.DB.From(ctx).Create(row).Error; err != nil {
				return fmt.Errorf("store a corrected answer: %w", db.Fault(err, "", "permit.changed"))
			}
		}
	}
	return nil
}
