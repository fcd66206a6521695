package permits

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
)

// remindFrom is the local hour of a day from which reminders leave: nobody is woken by one.
const remindFrom = 8

// RemindBefore is how many days before the last day of a correction its applicant hears
// of it once more.
const RemindBefore = 3

// Reminder is what an applicant is told of a correction notice that they have not
// answered.
type Reminder struct {
	NoticeID string
	HolderID string
	Due      bool // the last day has come; else it comes near
}

// Remind is the job that reminds applicants of corrections.
type Remind struct{}

// Kind names the job.
func (Remind) Kind() string { return "permit.remind_corrections" }

const (
	remindBatch = 200
	beforeAll   = "00000000-0000-0000-0000-000000000000" // sorts before every id
)

// waitsForReminder asks for the first day of reminding, twice for today.
const waitsForReminder = `n.answered_at IS NULL AND n.due_told_at IS NULL AND n.due_on <= ? AND (n.due_on <= ? OR n.reminded_at IS NULL AND n.given_on < ?)`

// RemindAll reminds the applicants whose correction is due in RemindBefore days, and
// again those whose last day has come, each once: the row says in the transaction of
// the message that it was told. It may run late, as often as it likes, and at two
// places at once. On the day of the notice itself nobody is reminded of it, and on no day
// before remindFrom: who wants no messages at other hours says so, and a reminder like
// this one is always sent.
func (s *Service) RemindAll(ctx context.Context) (failed error) {
	if s.Now().In(s.zone(ctx)).Hour() < remindFrom {
		return nil
	}
	ctx = actor.AsSystem(ctx, Remind{}.Kind())
	today := s.today(ctx)
	for last := beforeAll; ; {
		var ids []string
		err := s.DB.From(ctx).Raw("SELECT n.id"+waitingNotices+" WHERE n.id > ? AND "+waitsForReminder+" ORDER BY n.id LIMIT ?",
			last, today.Add(RemindBefore), today, today, remindBatch).Scan(&ids).Error
		if err != nil {
			return fmt.Errorf("find corrections to remind of: %w", db.Fault(err, "", ""))
		}
		for _, id := range ids {
			if err := s.DB.Tx(ctx, func(ctx context.Context) error { return s.remind(ctx, id, today) }); err != nil {
				failed = errors.Join(failed, fmt.Errorf("remind of the correction %s: %w", id, err))
			}
			last = id
		}
		if len(ids) < remindBatch {
			return failed
		}
	}
}

// remind tells of one notice, in the open transaction, unless somebody else has or it
// was answered meanwhile.
func (s *Service) remind(ctx context.Context, id string, today calendar.Date) error {
	var n Notice
	if err := s.DB.From(ctx).Where("id = ?", id).Take(&n).Error; err != nil {
		return db.Fault(err, "permit.missing", "")
	}
	due := n.DueOn <= today
	set, only := "reminded_at = ?", "reminded_at IS NULL AND due_told_at IS NULL"
	args := []any{s.now()}
	if due {
		set, only = "due_told_at = ?, reminded_at = COALESCE(reminded_at, ?)", "due_told_at IS NULL"
		args = append(args, s.now())
	}
	res := s.DB.From(ctx).Exec("UPDATE permit_notices SET "+set+" WHERE id = ? AND answered_at IS NULL AND "+only, append(args, id)...)
	if res.Error != nil {
		return fmt.Errorf("note a reminder: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return nil
	}
	a, err := s.read(ctx, "id = ?", n.ApplicationID)
	if err != nil || a.State != Correcting {
		return err
	}
	step := "near"
	if due {
		step = "due"
	}
	err = s.Audit.Record(ctx, audit.Entry{Action: "permit.remind", Kind: "application", ID: a.ID,
		Fields: []audit.Change{{Field: "case", After: a.CaseNo}, {Field: "due_on", After: n.DueOn.String()}, {Field: "step", After: step}}})
	if err != nil || s.Reminds == nil {
		return err
	}
	return s.Reminds(ctx, Reminder{NoticeID: n.ID, HolderID: a.HolderID, Due: due})
}

// Asked is a correction notice, for messages about it.
type Asked struct {
	NoticeID      string
	ApplicationID string
	CaseNo        string
	DueOn         calendar.Date
	TypeName      i18n.Text
	Items         []i18n.Text // names of what is asked for
	Limited       bool        // there are only so many permits of the type
}

// AskedIn are correction notices by their ids; those that are no more are left out.
func (s *Service) AskedIn(ctx context.Context, noticeIDs []string) (map[string]Asked, error) {
	out := map[string]Asked{}
	if len(noticeIDs) == 0 {
		return out, nil
	}
	var rows []struct {
		NoticeID, ApplicationID, CaseNo, TypeCode string
		TypeVersion                               int64
		DueOn                                     calendar.Date
	}
	var items []struct{ NoticeID, Code, Name string }
	var answers []NoticeAnswer
	err := s.DB.Together(ctx, db.Rows(&rows, `SELECT n.id AS notice_id, a.id AS application_id, a.case_no, a.type_code, a.type_version, n.due_on
 FROM permit_notices n JOIN permit_applications a ON a.id = n.application_id WHERE n.id IN ?`, noticeIDs),
		db.Rows(&items, `SELECT i.notice_id, i.code, COALESCE(f.name, '') AS name FROM permit_notice_items i JOIN permit_notices n ON n.id = i.notice_id
 LEFT JOIN permit_further_materials f ON f.application_id = n.application_id AND f.code = i.code WHERE i.notice_id IN ? ORDER BY i.code`, noticeIDs),
		db.Rows(&answers, "SELECT notice_id, name, reason, lies FROM permit_notice_answers WHERE notice_id IN ? ORDER BY name", noticeIDs))
	if err != nil {
		return nil, fmt.Errorf("read what corrections ask for: %w", db.Fault(err, "", ""))
	}
	for _, r := range rows {
		t, err := s.Types.Version(ctx, r.TypeCode, r.TypeVersion)
		if err != nil {
			return nil, err
		}
		one := Asked{NoticeID: r.NoticeID, ApplicationID: r.ApplicationID, CaseNo: r.CaseNo, DueOn: r.DueOn, TypeName: t.Name, Limited: t.Quota > 0}
		for _, it := range items {
			if it.NoticeID == r.NoticeID {
				one.Items = append(one.Items, s.furtherOrOwn(t, it.Code, it.Name))
			}
		}
		titles, err := s.titlesOf(ctx, t, r.NoticeID, answers)
		if err != nil {
			return nil, err
		}
		one.Items = append(one.Items, titles...)
		out[r.NoticeID] = one
	}
	return out, nil
}

// titlesOf are the questions that a notice asks to be answered anew.
func (s *Service) titlesOf(ctx context.Context, t *permittypes.Type, noticeID string, answers []NoticeAnswer) (list []i18n.Text, err error) {
	var questions []catalogue.Question
	for _, a := range answers {
		if a.NoticeID != noticeID {
			continue
		}
		if questions == nil {
			if questions, err = s.Questions(ctx, t); err != nil {
				return nil, err
			}
		}
		if i := slices.IndexFunc(questions, func(q catalogue.Question) bool { return q.Name == a.Name }); i >= 0 {
			list = append(list, questions[i].Title)
		}
	}
	return list, nil
}
