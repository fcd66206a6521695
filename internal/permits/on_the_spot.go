package permits

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/text"
)

// Agreements are the ways in which an applicant agrees to what the office corrects.
var Agreements = []string{"present", "telephone", "writing"}

// OnTheSpot is a small mistake in the answers that the office corrects with the applicant
// there, or on the telephone, instead of sending the application back (行政許可法 art. 32
// (3)).
type OnTheSpot struct {
	Answers map[string]any // those that the page showed, by question; nil for one that was emptied
	Agreed  string         // one of Agreements
	Who     string         // the name of who agreed
}

// CorrectOnTheSpot writes corrected answers into an application that is not accepted yet,
// with who agreed, how and when. The limit to speak does not begin anew: nothing was sent
// back. What was wrong before and is not touched stays the unit's to ask for. The
// applicant is told what was corrected.
func (s *Service) CorrectOnTheSpot(ctx context.Context, caseNo string, version int64, o OnTheSpot) (*cases.Case, error) {
	var out *cases.Case
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		p, err := s.examined(ctx, caseNo)
		if err != nil {
			return err
		}
		if p.Application.State != Submitted {
			return fault.New(fault.Conflict, "permit.not_now")
		}
		after, err := s.spotted(ctx, p, o)
		if err != nil {
			return err
		}
		as := AnswerChange{ChangedAt: s.now(), Agreed: o.Agreed, Who: text.Line(o.Who)}
		of, err := s.rewrite(ctx, p.Application, rewriting{questions: p.Questions, after: after, as: as})
		if err != nil {
			return err
		}
		lang := i18n.Lang(p.Case.Locale)
		var titles, names []string
		for _, q := range of {
			titles, names = append(titles, q.Title.In(lang)), append(names, q.Name)
		}
		said := s.Words.T(lang, "permit.spot.said", i18n.Args{"Items": strings.Join(titles, ", "), "How": s.Words.T(lang, "permit.spot.agreed."+o.Agreed, nil)})
		if out, err = s.Cases.TrackAct(ctx, caseNo, version, access.PermitReview, cases.Notice{Act: cases.ActAmend, Text: said}); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "permit.amend", Kind: "application", ID: p.Application.ID,
			Fields: []audit.Change{{Field: "case", After: p.Case.CaseNo}, {Field: "questions", After: strings.Join(names, " ")}, {Field: "agreed", After: o.Agreed}}})
	})
	return out, db.Fault(err, "", "case.changed")
}

// spotted gives all answers as they will stand, and refuses what nobody agreed to, what
// corrects nothing, and what would be wrong.
func (s *Service) spotted(ctx context.Context, p *Part, o OnTheSpot) (map[string]any, error) {
	var c fault.Check
	c.That(slices.Contains(Agreements, o.Agreed), "agreed", "permit.spot.agreed.required")
	c.That(text.Line(o.Who) != "", "who", "permit.spot.who.required")
	c.That(utf8.RuneCountInString(o.Who) <= cases.NameMost, "who", "case.name.long", "Max", cases.NameMost)
	given, err := asJSON(o.Answers)
	if err != nil {
		return nil, err
	}
	was, err := s.faulty(ctx, p.Application, p.Type, p.Application.Answers)
	if err != nil {
		return nil, err
	}
	after := overlay(p.Questions, p.Application.Answers, given)
	now, err := s.faulty(ctx, p.Application, p.Type, after)
	if err != nil {
		return nil, err
	}
	touched := false
	for _, q := range p.Questions {
		same := sameAnswer(p.Application.Answers[q.Name], after[q.Name])
		touched = touched || !same
		f, wrong := now[q.Name]
		if _, known := was[q.Name]; wrong && (!known || !same) {
			c.That(false, f.Name, f.Key, pairsOf(f.Args)...)
		}
	}
	c.That(touched, "answers", "permit.spot.nothing")
	return after, c.Err()
}

// asJSON gives answers as they are read back from where they are kept.
func asJSON(answers map[string]any) (map[string]any, error) {
	body, err := json.Marshal(answers)
	if err != nil {
		return nil, fmt.Errorf("write the answers: %w", err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(body, &out); err != nil {
		return nil, fmt.Errorf("read the answers: %w", err)
	}
	return out, nil
}

func pairsOf(args map[string]any) (pairs []any) {
	for name, value := range args {
		pairs = append(pairs, name, value)
	}
	return pairs
}
