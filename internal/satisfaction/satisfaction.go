// Package satisfaction lets people judge how their case was handled: five
// grades, whether it was solved, and reasons (政務服務好差評, 国办发〔2019〕51号). One
// answer per result, given by the person only, and a second one after a bad review
// was answered; silence stays silence.
package satisfaction

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/text"
	"minqing/internal/vault"
)

// Reasons that somebody may tick, good and bad alike; the form keeps its
// version with each answer.
var Reasons = []string{"fast", "slow", "clear", "unclear", "polite", "impolite", "effective", "ineffective", "easy", "difficult"}

// FormVersion is the version of grades and reasons above.
const FormVersion = 1

// CommentMost is the longest comment in characters.
const CommentMost = 1000

// Judgement is what the person says.
type Judgement struct {
	Grade    int    // 5 very satisfied … 1 very dissatisfied; 1 and 2 are bad reviews
	Resolved string // yes, partly, no
	Reasons  []string
	Comment  string
	Channel  string
}

// Validate checks the form.
func (j Judgement) Validate() error {
	var c fault.Check
	c.That(j.Grade >= 1 && j.Grade <= 5, "grade", "satisfaction.grade.required")
	c.That(slices.Contains([]string{"yes", "partly", "no"}, j.Resolved), "resolved", "satisfaction.resolved.required")
	for _, r := range j.Reasons {
		c.That(slices.Contains(Reasons, r), "reasons", "satisfaction.reason.unknown")
	}
	c.That(utf8.RuneCountInString(j.Comment) <= CommentMost, "comment", "satisfaction.comment.long", "Max", CommentMost)
	c.That(utf8.ValidString(j.Comment), "comment", "fault.text.invalid")
	return c.Err()
}

// Evaluation is a stored answer.
type Evaluation struct {
	ID            string
	CaseID        string
	ConclusionNo  int64
	Grade         int
	Resolved      string
	Reasons       string
	Comment       string
	CommentCipher []byte
	Channel       string
	FormVersion   int
	EvaluatedAt   time.Time
	EvaluatedOn   calendar.Date
	Round         int    // 2: of what was mended after a bad review
	Result        string // how the case had ended: concluded, not_accepted or withdrawn
	Excluded      bool   // found not to count by somebody outside the unit

	CallbackID *string    // said to somebody who rang
	MendDueAt  *time.Time // of a bad review: by when the unit does what is next about it
	MendedAt   *time.Time
}

// TableName names the table for gorm.
func (Evaluation) TableName() string { return "evaluations" }

// Deps are what the service works with.
type Deps struct {
	DB    *db.DB
	Cases *cases.Service
	Vault *vault.Vault
	Audit *audit.Service
	Now   func() time.Time

	CallbackDays int // after a result that nobody judged, before somebody rings; 0: DefaultCallbackDays
	ReminderDays int // before the person is reminded once; 0: DefaultReminderDays
}

// Service is the only writer of evaluations.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service {
	d.CallbackDays, d.ReminderDays = cmp.Or(d.CallbackDays, DefaultCallbackDays), cmp.Or(d.ReminderDays, DefaultReminderDays)
	s := &Service{Deps: d}
	d.Cases.WhenExcluded(s.exclude)
	d.Cases.WhenMoved(s.moved)
	d.Cases.WhenMendDue(s.mendDue)
	return s
}

// exclude takes the judgement of a result out of the rates; it stays readable.
func (s *Service) exclude(ctx context.Context, caseID string, no int64) error {
	err := s.DB.From(ctx).Exec("UPDATE evaluations SET excluded = ? WHERE case_id = ? AND conclusion_no = ?", true, caseID, no).Error
	if err != nil {
		return fmt.Errorf("exclude a judgement: %w", db.Fault(err, "", ""))
	}
	return nil
}

// mendDue keeps with bad reviews by when they have to be answered now.
func (s *Service) mendDue(ctx context.Context, list []cases.MendDue) error {
	rows := make([][]any, len(list))
	for i, m := range list {
		rows[i] = []any{m.CaseID, m.ConclusionNo, 1, m.DueAt}
	}
	_, err := s.DB.UpdateRows(ctx, db.Changes{Table: "evaluations", Set: []db.Column{{Name: "mend_due_at", Type: "timestamptz"}}, Rows: rows,
		Keys: []db.Column{{Name: "case_id", Type: "uuid"}, {Name: "conclusion_no", Type: "bigint"}, {Name: "round", Type: "bigint"}}})
	return err
}

var errUsed = fault.New(fault.Conflict, "satisfaction.used")

// Open finds the ended case behind a single-use evaluation link, or says
// that the link is unknown, superseded or already used.
func (s *Service) Open(ctx context.Context, token string) (*cases.Case, error) {
	c, err := s.Cases.ByEvaluationToken(ctx, token)
	if err != nil {
		return nil, err
	}
	return c, s.unused(ctx, c)
}

func (s *Service) unused(ctx context.Context, c *cases.Case) error {
	if c.Judging() == 0 {
		return errUsed
	}
	return nil
}

// Of gives the newest judgement of the newest result, nil while there is none.
func (s *Service) Of(ctx context.Context, c *cases.Case) (*Evaluation, error) {
	var list []Evaluation
	err := s.DB.From(ctx).Where("case_id = ? AND conclusion_no = ?", c.ID, c.ConclusionNo).Order("round DESC").Limit(1).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read the evaluation: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return nil, nil
	}
	e := &list[0]
	if len(e.CommentCipher) > 0 {
		body, err := s.Vault.Open(ctx, purpose, e.CommentCipher)
		if err != nil {
			return nil, err
		}
		e.Comment = string(body)
	}
	return e, nil
}

// ByLink stores a judgement given through the link.
func (s *Service) ByLink(ctx context.Context, token string, j Judgement) error {
	if err := j.Validate(); err != nil {
		return err
	}
	c, err := s.Open(ctx, token)
	if err != nil {
		return err
	}
	return s.store(ctx, c, j)
}

// ByKey stores a judgement given with case number and query code, or signed in.
func (s *Service) ByKey(ctx context.Context, k cases.Key, j Judgement) error {
	if err := j.Validate(); err != nil {
		return err
	}
	c, err := s.Cases.Own(ctx, k)
	if err != nil {
		return err
	}
	if !c.Status.Ended() {
		return fault.New(fault.Conflict, "satisfaction.too_early")
	}
	return s.store(ctx, c, j)
}

// resultOf is how the case ended, as it was before it went to the archive.
func resultOf(c *cases.Case) string {
	if c.ConcludedAt != nil { // archived since, or merged with another
		return string(cases.Concluded)
	}
	return string(c.Status)
}

const purpose = "evaluation.comment"

func (s *Service) store(ctx context.Context, c *cases.Case, j Judgement) error {
	if a := actor.From(ctx); a.Kind == actor.Staff {
		return fault.New(fault.Forbidden, "satisfaction.staff") // the citizen answers, never the clerk
	}
	return s.keep(ctx, c, j, nil)
}

// keep stores a judgement and ends the callback that waits for it. Where somebody
// rang, callback is what they rang for.
func (s *Service) keep(ctx context.Context, c *cases.Case, j Judgement, callback *Callback) error {
	j.Comment = text.Lines(j.Comment)
	reasons, err := json.Marshal(append([]string{}, j.Reasons...))
	if err != nil {
		return err
	}
	round := c.Judging()
	if round == 0 {
		return errUsed
	}
	now := s.Now().UTC()
	day, err := s.Cases.LocalDay(ctx, c, now)
	if err != nil {
		return err
	}
	e := Evaluation{ID: db.NewID(now), CaseID: c.ID, ConclusionNo: c.ConclusionNo, Grade: j.Grade, Resolved: j.Resolved,
		Reasons: string(reasons), Comment: j.Comment, Channel: j.Channel, FormVersion: FormVersion, EvaluatedAt: now, EvaluatedOn: day, Round: round, Result: resultOf(c)}
	if callback != nil {
		e.CallbackID = &callback.ID
	}
	if c.Confidentiality.Sealed() && j.Comment != "" && c.VaultKeyID != nil {
		e.Comment = ""
		if e.CommentCipher, err = s.Vault.Seal(ctx, *c.VaultKeyID, purpose, []byte(j.Comment)); err != nil {
			return err
		}
	}
	err = s.DB.Tx(c.Confidentiality.For(ctx), func(ctx context.Context) error {
		if err := s.judged(ctx, c, now); err != nil { // first, as callers do: neither waits for what the other holds
			return err
		}
		if err := s.DB.From(ctx).Create(&e).Error; err != nil {
			return err
		}
		return s.Cases.Judge(ctx, c.ID, cases.Judged{Grade: j.Grade, Resolved: j.Resolved, Comment: j.Comment, Round: round, Rung: callback != nil})
	})
	if db.IsDuplicate(err) {
		return errUsed
	}
	return db.Fault(err, "", "")
}
