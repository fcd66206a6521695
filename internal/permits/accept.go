package permits

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
	"minqing/internal/text"
)

// accept takes a complete application in: from now the decision has its limit, unless the
// law counts it from the receipt.
func (s *Service) accept(ctx context.Context, p *Part, version int64, note string) (*cases.Case, error) {
	if p.Application.AcceptedAt != nil { // the verdicts of a later look
		return p.Case, nil
	}
	limit := p.Type.Promised
	if p.Type.OfTaiwan() { // it has run since the receipt
		limit = calendar.Limit{}
	}
	c, err := s.Cases.TrackAct(ctx, p.Case.CaseNo, version, access.PermitReview, cases.Accept{Note: note, Limit: limit})
	if err != nil {
		return nil, err
	}
	if err := s.moved(ctx, p.Application, Accepted, map[string]any{"accepted_at": s.now(), "accepted_on": p.Today}, "permit.accept"); err != nil {
		return nil, err
	}
	if err := s.charge(ctx, p.Calendar, Charge{Case: c, Application: p.Application, Type: p.Type, When: permittypes.FeeAtAcceptance}); err != nil {
		return nil, err
	}
	return c, s.tellAccepted(ctx, p.Application)
}

// NotCorrected is the ground that a correction did not come by its last day, of not
// accepting an application and, once it is accepted, of refusing it. The licensing law
// names no consequence of that day; administrative practice on both sides of the strait
// lets the authority turn down what stays incomplete (逾期未補正), and the rule that
// it rests on belongs into the explanation. No program ever says it.
const NotCorrected = cases.NotCorrected

// RefusalReasons are the grounds for not accepting an application.
var RefusalReasons = []string{cases.NoPermitNeeded, "not_ours", NotCorrected}

// Refusal declines to accept: no permit is needed, another body decides (行政許可法
// art. 32 (1), (2)), or what was asked for did not come in time.
type Refusal struct {
	Reason      string
	Body        string // the right one, where it is not ours
	Explanation string
}

// Decline refuses to accept an application, with the reason, the right body and the
// remedies.
func (s *Service) Decline(ctx context.Context, caseNo string, version int64, r Refusal) (*cases.Case, error) {
	var c fault.Check
	c.That(slices.Contains(RefusalReasons, r.Reason), "reason", "case.reason.required")
	c.That(r.Reason != "not_ours" || text.Line(r.Body) != "", "body", "permit.body.required")
	c.That(text.Lines(r.Explanation) != "", "explanation", "case.text.required")
	if err := c.Err(); err != nil {
		return nil, err
	}
	var out *cases.Case
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		p, err := s.part(ctx, caseNo)
		if err != nil {
			return err
		}
		if err := p.View.May(access.PermitReview); err != nil {
			return err
		}
		if p.Application.State != Submitted && p.Application.State != Correcting || p.Application.AcceptedAt != nil {
			return fault.New(fault.Conflict, "permit.not_now")
		}
		if p.deemed() {
			return fault.New(fault.Conflict, "permit.deemed_already").With("Day", p.AcceptBy.On.String())
		}
		if err := p.Silence.unsilenced(); err != nil {
			return err
		}
		if r.Reason == NotCorrected {
			if err := p.uncorrected(); err != nil {
				return err
			}
		}
		lang := i18n.Lang(p.Case.Locale)
		lines := []string{text.Lines(r.Explanation)}
		switch r.Reason {
		case "not_ours":
			lines = append(lines, s.Words.T(lang, "permit.decline.body", i18n.Args{"Body": text.Line(r.Body)}))
		case NotCorrected:
			lines = append(lines, s.missing(lang, p))
		}
		lines = append(lines, p.Type.Remedies.In(lang))
		out, err = s.Cases.TrackAct(ctx, caseNo, version, access.PermitReview, cases.NotAccept{Reason: r.Reason, Explanation: strings.Join(lines, "\n\n")})
		if err != nil {
			return err
		}
		return s.moved(ctx, p.Application, NotAccepted, nil, "permit.decline")
	})
	return out, db.Fault(err, "", "case.changed")
}

// DeemAll accepts every application about which nobody spoke in time, as of the day
// on which the papers arrived (行政許可法 art. 32 (4)). It may run as often as it
// likes, and at two places at once.
func (s *Service) DeemAll(ctx context.Context) error {
	after := ""
	var problems error
	for {
		var ids []string
		query := s.DB.From(ctx).Model(&Application{}).Where("state = 'submitted'").Order("id").Limit(200)
		if after != "" {
			query = query.Where("id > ?", after)
		}
		if err := query.Pluck("id", &ids).Error; err != nil {
			return fmt.Errorf("find applications that wait: %w", db.Fault(err, "", ""))
		}
		for _, id := range ids {
			after = id
			if err := s.deem(ctx, id); err != nil && fault.KindOf(err) != fault.Conflict {
				problems = errors.Join(problems, fmt.Errorf("deem application %s accepted: %w", id, err))
			}
		}
		if len(ids) < 200 {
			return problems
		}
	}
}

func (s *Service) deem(ctx context.Context, id string) error {
	if actor.From(ctx).Kind != actor.System {
		ctx = actor.AsSystem(ctx, Deem{}.Kind())
	}
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		a, err := s.read(ctx, "id = ?", id)
		if err != nil || a.State != Submitted || a.CompleteAt == nil {
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
		cal, err := s.calendarOf(ctx, c)
		if err != nil || !IsDeemed(cal, t, *a.CompleteAt, s.now()) {
			return err
		}
		err = s.moved(ctx, a, Accepted, map[string]any{"accepted_at": *a.CompleteAt, "accepted_on": *a.CompleteOn, "deemed": true}, "permit.deem")
		if err != nil {
			return err
		}
		lang := i18n.Lang(c.Locale)
		_, err = s.Cases.TrackStep(ctx, c.ID, cases.Accept{Note: s.Words.T(lang, "permit.deemed.note", nil), Began: *a.CompleteAt, Limit: t.Promised})
		if err != nil {
			return err
		}
		if err := s.charge(ctx, cal, Charge{Case: c, Application: a, Type: t, When: permittypes.FeeAtAcceptance}); err != nil {
			return err
		}
		a.Deemed = true
		return s.tellAccepted(ctx, a)
	})
	return db.Fault(err, "", "permit.changed")
}
