package permits

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"minqing/internal/audit"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/permittypes"
)

// NoticeAnswer is one question whose answer has to be corrected, and why.
type NoticeAnswer struct {
	NoticeID string
	Name     string
	Reason   string
	Lies     string // where the fault lies, of a later notice; else empty
}

// TableName names the table for gorm.
func (NoticeAnswer) TableName() string { return "permit_notice_answers" }

// why is why an answer has to be corrected, empty where it has not.
func (n *Notice) why(question string) string {
	if n == nil {
		return ""
	}
	for _, one := range n.Answers {
		if one.Name == question {
			return one.Reason
		}
	}
	return ""
}

// Correction is what an open notice asks of the answers, and how far the applicant is.
type Correction struct {
	Answers   map[string]any       // all of them, as they will stand once they are sent
	Questions []catalogue.Question // those that may be answered now, in their order

	why   map[string]string
	typed map[string]any
}

// Why is why an answer has to be corrected; empty for one that only follows from
// another: which the new answers call for, or make wrong.
func (c *Correction) Why(question string) string { return c.why[question] }

// Typed says that the applicant has looked at an answer and kept it, to be sent.
func (c *Correction) Typed(question string) bool {
	_, ok := c.typed[question]
	return ok
}

// correction reads how far the answers that a notice asks for are; nil where it asks
// for none.
func (s *Service) correction(ctx context.Context, a *Application, t *permittypes.Type, n *Notice) (*Correction, error) {
	if n == nil || len(n.Answers) == 0 {
		return nil, nil //nolint:nilnil // it asks for documents alone
	}
	c := &Correction{why: map[string]string{}, typed: map[string]any{}}
	for _, one := range n.Answers {
		c.why[one.Name] = one.Reason
	}
	if err := s.openJSON(ctx, purposeTyped, n.AnswersCipher, &c.typed); err != nil {
		return nil, err
	}
	return c, s.settle(ctx, a, t, c)
}

// settle sets, from what was typed, how all answers will stand and which may be
// answered: those that were asked for, those that the new ones call for, and those that
// the new ones make wrong. All others stay untouched.
func (s *Service) settle(ctx context.Context, a *Application, t *permittypes.Type, c *Correction) error {
	questions, err := s.Questions(ctx, t)
	if err != nil {
		return err
	}
	was, err := s.faulty(ctx, a, t, a.Answers)
	if err != nil {
		return err
	}
	c.Answers = overlay(questions, a.Answers, c.typed)
	now, err := s.faulty(ctx, a, t, c.Answers)
	if err != nil {
		return err
	}
	before := catalogue.ToAsk(questions, a.Answers)
	c.Questions = nil
	for _, q := range catalogue.ToAsk(questions, c.Answers) {
		_, wrong := now[q.Name]
		_, known := was[q.Name]
		follows := !slices.ContainsFunc(before, func(b catalogue.Question) bool { return b.Name == q.Name })
		if c.why[q.Name] != "" || follows || wrong && !known {
			c.Questions = append(c.Questions, q)
		}
	}
	return nil
}

// overlay puts typed answers, nil for one that was emptied, over those that stand; what
// the outcome hides is left out.
func overlay(questions []catalogue.Question, answers, typed map[string]any) map[string]any {
	out := maps.Clone(answers)
	if out == nil {
		out = map[string]any{}
	}
	for name, v := range typed {
		if v == nil {
			delete(out, name)
		} else {
			out[name] = v
		}
	}
	return catalogue.VisibleAnswers(questions, out)
}

// faulty are the mistakes in answers as of today, by question.
func (s *Service) faulty(ctx context.Context, a *Application, t *permittypes.Type, answers map[string]any) (map[string]fault.Field, error) {
	out := map[string]fault.Field{}
	err := s.checkAnswers(ctx, a, t, answers)
	if err == nil {
		return out, nil
	}
	e, ours := fault.As(err)
	if !ours || e.Kind != fault.Invalid || len(e.Fields) == 0 {
		return nil, err
	}
	for _, f := range e.Fields {
		name := strings.TrimPrefix(f.Name, "answers.")
		if _, known := out[name]; !known {
			out[name] = f
		}
	}
	return out, nil
}

// wrong names what is wrong with the answers that may be corrected.
func (s *Service) wrong(ctx context.Context, a *Application, t *permittypes.Type, c *Correction) error {
	now, err := s.faulty(ctx, a, t, c.Answers)
	if err != nil {
		return err
	}
	var fields []fault.Field
	for _, q := range c.Questions {
		if f, ok := now[q.Name]; ok {
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return fault.InvalidInput(fields...)
}

// CorrectAnswers keeps corrected answers with the notice that asks for them, well or
// not: given holds those that the page showed, by question, nil for one that was
// emptied. What the notice does not ask for, and does not follow from it, stays as it is.
// What is wrong comes back as an Invalid error after it was kept. Nothing is sent yet:
// Corrected does that.
func (s *Service) CorrectAnswers(ctx context.Context, id string, version int64, given map[string]any) error {
	a, err := s.own(ctx, id, true)
	if err != nil {
		return err
	}
	if a.State != Correcting {
		return fault.New(fault.Conflict, "permit.sent")
	}
	t, err := s.typeOf(ctx, a)
	if err != nil {
		return err
	}
	a.Version = version
	var c *Correction
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		n, err := s.openNotice(ctx, a.ID)
		if err != nil {
			return err
		}
		if c, err = s.correction(ctx, a, t, n); err != nil {
			return err
		}
		if c == nil {
			return fault.New(fault.Conflict, "permit.answers.settled")
		}
		if err := s.refusedLate(ctx, a); err != nil {
			return err
		}
		if err := s.take(ctx, a, t, c, given); err != nil {
			return err
		}
		return s.keepTyped(ctx, a, n, c)
	})
	if err != nil {
		return db.Fault(err, "", "permit.changed")
	}
	return s.wrong(ctx, a, t, c)
}

// take puts given answers into a correction, as far as they may be corrected. One may
// call for the next.
func (s *Service) take(ctx context.Context, a *Application, t *permittypes.Type, c *Correction, given map[string]any) error {
	left := maps.Clone(given)
	for more := true; more; {
		more = false
		for _, q := range c.Questions {
			if v, came := left[q.Name]; came {
				c.typed[q.Name], more = v, true
				delete(left, q.Name)
			}
		}
		if err := s.settle(ctx, a, t, c); err != nil {
			return err
		}
	}
	maps.DeleteFunc(c.typed, func(name string, _ any) bool {
		return !slices.ContainsFunc(c.Questions, func(q catalogue.Question) bool { return q.Name == name })
	})
	return s.settle(ctx, a, t, c)
}

func (s *Service) keepTyped(ctx context.Context, a *Application, n *Notice, c *Correction) error {
	cipher, err := s.sealJSON(ctx, a, purposeTyped, c.typed)
	if err != nil {
		return err
	}
	if len(cipher) > answersMost {
		return fault.New(fault.Invalid, "fault.too_large")
	}
	if err := s.changed(ctx, a, map[string]any{}); err != nil {
		return err
	}
	if err := s.DB.From(ctx).Exec("UPDATE permit_notices SET answers_cipher = ? WHERE id = ? AND answered_at IS NULL", cipher, n.ID).Error; err != nil {
		return fmt.Errorf("keep corrected answers: %w", err)
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "permit.answer", Kind: "application", ID: a.ID, Fields: []audit.Change{{Field: "answers"}, {Field: "notice", After: strconv.FormatInt(n.No, 10)}}})
}

// untyped names, of what was asked for, the answers that nobody has looked at, and those
// that are wrong.
func (s *Service) untyped(ctx context.Context, a *Application, t *permittypes.Type, c *Correction) error {
	var f fault.Check
	for _, q := range c.Questions {
		f.That(c.Why(q.Name) == "" || c.Typed(q.Name), "answers."+q.Name, "permit.answers.waits")
	}
	if err := f.Err(); err != nil {
		return err
	}
	return s.wrong(ctx, a, t, c)
}

// sendAnswers writes the corrected answers into the application, in the open transaction.
func (s *Service) sendAnswers(ctx context.Context, a *Application, t *permittypes.Type, n *Notice, answers map[string]any) ([]catalogue.Question, error) {
	questions, err := s.Questions(ctx, t)
	if err != nil {
		return nil, err
	}
	var asked []string
	for _, q := range catalogue.ToAsk(questions, answers) {
		if n.why(q.Name) != "" {
			asked = append(asked, q.Name)
		}
	}
	return s.rewrite(ctx, a, rewriting{questions: questions, after: answers, asked: asked, as: AnswerChange{NoticeID: &n.ID, ChangedAt: s.now()}})
}

// asTyped is the application as it will stand once the corrected answers are sent: the
// application itself where an open notice asks for none.
func (s *Service) asTyped(ctx context.Context, a *Application, t *permittypes.Type, n *Notice) (*Application, error) {
	c, err := s.correction(ctx, a, t, n)
	if err != nil || c == nil {
		return a, err
	}
	as := *a
	as.Answers = c.Answers
	return &as, nil
}

// calls says that the corrected answers call for a material that those before did not.
// What the government looks up itself is not asked for.
func calls(t *permittypes.Type, before *Application, m *permittypes.Material) bool {
	if !m.Required || m.HeldFrom != "" {
		return false
	}
	return !slices.ContainsFunc(t.Needed(before.Answers), func(k permittypes.Material) bool { return k.Code == m.Code && k.Required })
}
