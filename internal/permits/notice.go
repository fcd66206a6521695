package permits

import (
	"context"
	"fmt"
	"strings"
	"time"

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

// Notice tells the applicant, once and completely, what has to be corrected
// (行政許可法 art. 32 (4)).
type Notice struct {
	ID            string
	ApplicationID string
	No            int64
	GivenAt       time.Time
	GivenOn       calendar.Date
	GivenByID     *string
	DueOn         calendar.Date
	AgainReason   string // the head's, where something was asked that could be seen before
	AnsweredAt    *time.Time
	RemindedAt    *time.Time // the applicant heard that the last day comes near
	DueToldAt     *time.Time // and that it has come
	AnswersCipher []byte     // corrected answers that were typed and not sent yet

	Items   []NoticeItem   `gorm:"-"`
	Answers []NoticeAnswer `gorm:"-"`
}

// Count is how many documents and answers it asks for.
func (n *Notice) Count() int { return len(n.Items) + len(n.Answers) }

// TableName names the table for gorm.
func (Notice) TableName() string { return "permit_notices" }

// NoticeItem is one material to correct, and why.
type NoticeItem struct {
	NoticeID   string
	MaterialID string
	Code       string
	Reason     string
	Lies       string // where the fault lies, of a later notice; else empty
}

// TableName names the table for gorm.
func (NoticeItem) TableName() string { return "permit_notice_items" }

// reason is why a material has to be corrected, empty where it has not.
func (n *Notice) reason(code string) string {
	for _, it := range n.Items {
		if it.Code == code {
			return it.Reason
		}
	}
	return ""
}

// notices reads those of an application in their order.
func (s *Service) notices(ctx context.Context, applicationID string) ([]Notice, error) {
	var list []Notice
	var items []NoticeItem
	var answers []NoticeAnswer
	err := s.DB.Together(ctx, db.Rows(&list, "SELECT id, application_id, no, given_at, given_on, given_by_id, due_on, again_reason, answered_at, reminded_at, due_told_at, answers_cipher FROM permit_notices WHERE application_id = ? ORDER BY no", applicationID),
		db.Rows(&items, `SELECT i.notice_id, i.material_id, i.code, i.reason, i.lies FROM permit_notice_items i JOIN permit_notices n ON n.id = i.notice_id
 WHERE n.application_id = ? ORDER BY i.code`, applicationID),
		db.Rows(&answers, `SELECT w.notice_id, w.name, w.reason, w.lies FROM permit_notice_answers w JOIN permit_notices n ON n.id = w.notice_id
 WHERE n.application_id = ? ORDER BY w.name`, applicationID))
	if err != nil {
		return nil, fmt.Errorf("read the correction notices: %w", db.Fault(err, "", ""))
	}
	for i := range list {
		for _, it := range items {
			if it.NoticeID == list[i].ID {
				list[i].Items = append(list[i].Items, it)
			}
		}
		for _, one := range answers {
			if one.NoticeID == list[i].ID {
				list[i].Answers = append(list[i].Answers, one)
			}
		}
	}
	return list, nil
}

// openNotice is the one that the applicant has not answered, nil where there is none.
func (s *Service) openNotice(ctx context.Context, applicationID string) (*Notice, error) {
	list, err := s.notices(ctx, applicationID)
	if err != nil || len(list) == 0 || list[len(list)-1].AnsweredAt != nil {
		return nil, err
	}
	return &list[len(list)-1], nil
}

// Judgement is what the unit finds of one material.
type Judgement struct {
	Verdict string // Verified, Correct, or empty
	Reason  string // why it has to be corrected
	Lies    string // LiesNew, LiesAsked or LiesSeen, of a material that took the place of another since the unit last looked; else empty
}

// Examination is the check of completeness: a verdict on every material at once,
// so that nobody is told in pieces.
type Examination struct {
	Verdicts map[string]Judgement
	Further  []Further            // what the checklist does not have
	Answers  map[string]Objection // to answers of the form, by question; the rest is in order
	Due      string               // by when corrections are expected, as 2026-11-24
	Again    string               // the head's reason to ask for what could be seen before
	Note     string               // stays inside
}

// correctionMost is how many days ahead a correction may be due.
const correctionMost = 180

// faults is what an examination finds that has to be corrected.
type faults struct {
	items   []*Item
	answers []NoticeAnswer
}

func (f *faults) none() bool { return len(f.items) == 0 && len(f.answers) == 0 }

// Examine writes the verdicts. When everything is in order the application is
// accepted; else the applicant gets one notice of all that has to be corrected.
func (s *Service) Examine(ctx context.Context, caseNo string, version int64, e Examination) (*cases.Case, error) {
	p, err := s.examined(ctx, caseNo)
	if err != nil {
		return nil, err
	}
	known, err := s.fresh(ctx, p, e)
	if err != nil {
		return nil, err
	}
	var out *cases.Case
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		p, err := s.examined(ctx, caseNo)
		if err != nil {
			return err
		}
		wrong, err := s.verdicts(ctx, p, e, known)
		if err != nil {
			return err
		}
		if wrong.none() {
			out, err = s.accept(ctx, p, version, e.Note)
			return err
		}
		out, err = s.notify(ctx, p, version, e, wrong)
		return err
	})
	return out, db.Fault(err, "", "case.changed")
}

// examined is an application that the actor may give verdicts on now.
func (s *Service) examined(ctx context.Context, caseNo string) (*Part, error) {
	p, err := s.part(ctx, caseNo)
	if err != nil {
		return nil, err
	}
	if err := p.View.May(access.PermitReview); err != nil {
		return nil, err
	}
	if p.Application.State != Submitted && p.Application.State != Accepted {
		return nil, fault.New(fault.Conflict, "permit.not_now")
	}
	if p.deemed() {
		return nil, fault.New(fault.Conflict, "permit.deemed_already").With("Day", p.AcceptBy.On.String())
	}
	return p, p.Silence.unsilenced()
}

// verdicts checks that every material has one, writes them, and gives those that
// have to be corrected. Once it is accepted, only what is named is looked at.
func (s *Service) verdicts(ctx context.Context, p *Part, e Examination, known map[string]freshness) (*faults, error) {
	wrong := &faults{}
	var c fault.Check
	for i := range p.Items {
		it := &p.Items[i]
		v := e.Verdicts[it.Code]
		if !it.Given() && (v.Verdict != Correct || it.Waived()) {
			continue // nothing to judge; what is held already is not asked for
		}
		if v.Verdict == "" && it.Given() && it.Now.Verdict == Verified {
			continue
		}
		switch v.Verdict {
		case Verified:
		case Correct:
			c.That(text.Lines(v.Reason) != "", "reason."+it.Code, "permit.reason.required")
			c.That(len([]rune(v.Reason)) <= cases.TextMost/5, "reason."+it.Code, "case.text.long", "Max", cases.TextMost/5)
			it.Asked, it.lies = text.Lines(v.Reason), p.place(it, v.Lies, known, &c)
			wrong.items = append(wrong.items, it)
		default:
			c.That(false, "verdict."+it.Code, "permit.verdict.required")
		}
	}
	wrong.items = append(wrong.items, s.further(p, e.Further, known, &c)...)
	wrong.answers = p.objections(e.Answers, &c)
	if !wrong.none() {
		s.checkDue(p, e.Due, &c)
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	for i := range p.Items {
		it := &p.Items[i]
		if v := e.Verdicts[it.Code].Verdict; it.Given() && v != "" {
			if err := s.judge(ctx, it.Now, v, p.Today); err != nil {
				return nil, err
			}
		}
	}
	return wrong, nil
}

func (s *Service) checkDue(p *Part, typed string, c *fault.Check) {
	due, err := calendar.ParseDate(typed)
	c.That(typed != "", "due", "permit.due.required")
	c.That(typed == "" || err == nil, "due", "case.suspend.until.invalid")
	if err == nil {
		c.That(due > p.Today, "due", "permit.due.past")
		c.That(due <= p.Today.Add(correctionMost), "due", "case.suspend.until.far", "Days", correctionMost)
	}
}

// notify gives the notice: the case waits for the applicant. Its clock does not, except of
// a permit of Taiwan, whose time stands still until the correction (行政程序法 art. 51 (5)).
func (s *Service) notify(ctx context.Context, p *Part, version int64, e Examination, wrong *faults) (*cases.Case, error) {
	again, err := p.again(e, wrong)
	if err != nil {
		return nil, err
	}
	due, _ := calendar.ParseDate(e.Due) // verdicts has looked at it
	n := &Notice{ID: db.NewID(s.now()), ApplicationID: p.Application.ID, No: int64(len(p.Notices) + 1), GivenAt: s.now(), GivenOn: p.Today,
		GivenByID: db.Ref(actor.From(ctx).AccountID), DueOn: due, AgainReason: again}
	lang := i18n.Lang(p.Case.Locale)
	said := s.Words.T(lang, "permit.notice.lead", i18n.Args{"Day": i18n.Format{Lang: lang}.Date(due.UTC())}) + "\n" + strings.Join(p.asks(lang, wrong), "\n")
	c, err := s.Cases.TrackAct(ctx, p.Case.CaseNo, version, access.PermitReview, cases.RequestInfo{Question: said, Stops: p.Type.OfTaiwan()})
	if err != nil {
		return nil, err
	}
	if err := s.DB.From(ctx).Create(n).Error; err != nil {
		return nil, fmt.Errorf("store the notice: %w", db.Fault(err, "", "permit.changed"))
	}
	for _, it := range wrong.items {
		if err := s.wanted(ctx, p, n, it); err != nil {
			return nil, err
		}
		n.Items = append(n.Items, NoticeItem{NoticeID: n.ID, MaterialID: it.Now.ID, Code: it.Code, Reason: it.Asked, Lies: it.lies})
	}
	for i := range wrong.answers {
		wrong.answers[i].NoticeID = n.ID
	}
	if len(n.Items) > 0 {
		if err := s.DB.From(ctx).Create(&n.Items).Error; err != nil {
			return nil, fmt.Errorf("store the items of a notice: %w", err)
		}
	}
	if len(wrong.answers) > 0 {
		if err := s.DB.From(ctx).Create(&wrong.answers).Error; err != nil {
			return nil, fmt.Errorf("store the answers that a notice asks for: %w", err)
		}
	}
	return c, s.moved(ctx, p.Application, Correcting, nil, "permit.notice")
}

// moved writes the new state of an application with its trail.
func (s *Service) moved(ctx context.Context, a *Application, to State, columns map[string]any, act string) error {
	if columns == nil {
		columns = map[string]any{}
	}
	columns["state"] = to
	if err := s.changed(ctx, a, columns); err != nil {
		return err
	}
	was := a.State
	a.State = to
	return s.Audit.Record(ctx, audit.Entry{Action: act, Kind: "application", ID: a.ID,
		Fields: []audit.Change{{Field: "state", Before: string(was), After: string(to)}, {Field: "case", After: a.CaseNo}}})
}

// Corrected sends what was corrected: all that the notice asks for.
func (s *Service) Corrected(ctx context.Context, id string, version int64) error {
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
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.takeTurns(ctx, a.ID); err != nil { // whoever signs at this moment is done, or waits
			return err
		}
		n, err := s.openNotice(ctx, a.ID)
		if err != nil || n == nil {
			return err
		}
		if err := s.refusedLate(ctx, a); err != nil {
			return err
		}
		out, err := s.supplied(ctx, a, t, n)
		if err != nil {
			return err
		}
		return s.supply(ctx, a, t, n, out)
	})
	return db.Fault(err, "", "permit.changed")
}

// supplied is what goes to the unit in answer to a notice.
type supplied struct {
	codes, names []string    // of the materials
	answers      *Correction // nil: none was asked for
}

// supplied checks that all is there that a notice asks for.
func (s *Service) supplied(ctx context.Context, a *Application, t *permittypes.Type, n *Notice) (out supplied, err error) {
	list, err := s.items(ctx, a, t, n, false)
	if err != nil {
		return out, err
	}
	if out.answers, err = s.correction(ctx, a, t, n); err != nil {
		return out, err
	}
	var c fault.Check
	if out.answers != nil {
		if err := c.Add(s.untyped(ctx, a, t, out.answers)); err != nil {
			return out, err
		}
	}
	for i := range list {
		if it := &list[i]; it.Asked != "" {
			c.That(it.Given() && it.Now.SentAt == nil, "material."+it.Code, "permit.correction.required")
			out.codes = append(out.codes, it.Code)
			out.names = append(out.names, it.Name.In(actorLang(ctx)))
		}
	}
	return out, c.Err()
}

// takeTurns lets nobody else sign or correct an application until the open transaction ends,
// and waits for who does: what is read after it stays so.
func (s *Service) takeTurns(ctx context.Context, applicationID string) error {
	if err := s.DB.From(ctx).Exec("UPDATE permit_applications SET updated_at = updated_at WHERE id = ?", applicationID).Error; err != nil {
		return fmt.Errorf("hold an application: %w", db.Fault(err, "", ""))
	}
	return nil
}

// refusedLate refuses a correction once a refusal because it was overdue is signed, and
// the applicant was told.
func (s *Service) refusedLate(ctx context.Context, a *Application) error {
	d, err := s.decisionOf(ctx, *a.CaseID)
	if err == nil && d != nil && d.Ground == NotCorrected && d.ApprovedAt != nil {
		err = fault.New(fault.Conflict, "permit.correction.closed")
	}
	return err
}

func actorLang(ctx context.Context) i18n.Lang {
	if l, ok := i18n.ParseLang(actor.From(ctx).Locale); ok {
		return l
	}
	return i18n.ZhHant
}

// supply writes what was corrected, in the open transaction.
func (s *Service) supply(ctx context.Context, a *Application, t *permittypes.Type, n *Notice, out supplied) error {
	columns, to, at := map[string]any{}, Accepted, s.now()
	if a.AcceptedAt == nil { // the limit to speak counts from the corrected papers
		c, err := s.Cases.ByID(ctx, *a.CaseID)
		if err != nil {
			return err
		}
		cal, err := s.calendarOf(ctx, c)
		if err != nil {
			return err
		}
		to, columns["complete_at"], columns["complete_on"] = Submitted, at, cal.ReceivedOn(at)
	}
	if err := s.moved(ctx, a, to, columns, "permit.corrected"); err != nil {
		return err
	}
	if err := s.send(ctx, a, out.codes, at); err != nil {
		return err
	}
	names := out.names
	if out.answers != nil {
		of, err := s.sendAnswers(ctx, a, t, n, out.answers.Answers)
		if err != nil {
			return err
		}
		for _, q := range of {
			names = append(names, q.Title.In(actorLang(ctx)))
		}
	}
	if err := s.DB.From(ctx).Exec("UPDATE permit_notices SET answered_at = ?, answers_cipher = NULL WHERE id = ?", at, n.ID).Error; err != nil {
		return fmt.Errorf("answer a notice: %w", err)
	}
	_, err := s.Cases.TrackStep(ctx, *a.CaseID, cases.Supplied(s.Words.T(actorLang(ctx), "permit.corrected.text", i18n.Args{"Items": strings.Join(names, ", ")}), t.Completeness))
	return err
}
