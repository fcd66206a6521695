package permits

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// Overdue is the notice whose last day is over without an answer, nil where there is
// none. The law of licences names no consequence of that day (行政許可法 art. 32), so
// that nothing follows from it by itself: somebody decides.
func (p *Part) Overdue() *Notice {
	if n := len(p.Notices); n > 0 && p.Application.State == Correcting && p.Notices[n-1].Late(p.Today) {
		return &p.Notices[n-1]
	}
	return nil
}

// Late says whether the last day is over without an answer.
func (n *Notice) Late(today calendar.Date) bool { return n.AnsweredAt == nil && n.DueOn < today }

// uncorrected refuses to rest anything on a correction that did not come in time while
// it may still come, or has come.
func (p *Part) uncorrected() error {
	if p.Overdue() == nil {
		return fault.New(fault.Conflict, "permit.not_corrected.time")
	}
	return nil
}

// missing says in a sentence what was asked for and did not come in time.
func (s *Service) missing(lang i18n.Lang, p *Part) string {
	n := p.Overdue()
	if n == nil {
		return ""
	}
	var names []string
	for _, asked := range n.Items {
		if i := slices.IndexFunc(p.Items, func(it Item) bool { return it.Code == asked.Code }); i >= 0 {
			names = append(names, p.Items[i].Name.In(lang))
		}
	}
	for _, asked := range n.Answers {
		names = append(names, p.titleOf(asked.Name).In(lang))
	}
	return s.Words.T(lang, "permit.not_corrected.says", i18n.Args{"Given": i18n.Format{Lang: lang}.Date(n.GivenOn.UTC()), "Day": i18n.Format{Lang: lang}.Date(n.DueOn.UTC()),
		"Items": strings.Join(names, s.Words.T(lang, "permit.not_corrected.comma", nil))})
}

// LateCorrection is an application whose applicant has not sent, by its last day, what
// a correction notice asks for.
type LateCorrection struct {
	NoticeID      string
	ApplicationID string
	CaseID        string
	CaseNo        string
	TypeCode      string
	TypeVersion   int64
	GivenOn       calendar.Date
	DueOn         calendar.Date  // the last day
	AcceptedOn    *calendar.Date // nil: nobody has accepted it yet
	Items         int64          // how many materials and answers are asked for
	TypeName      i18n.Text      `gorm:"-"`
}

// latePage is how many rows a page of the list has.
const latePage = 50

const waitingNotices = ` FROM permit_notices n JOIN permit_applications a ON a.id = n.application_id AND a.state = 'correcting'`

// LateCorrections lists those of the units whose cases the actor lists, who has waited
// longest first. Next is empty at the end; a cursor that is none is Invalid.
func (s *Service) LateCorrections(ctx context.Context, cursor string) (list []LateCorrection, next string, err error) {
	scope, err := s.Access.Scope(ctx, access.CaseList)
	if err != nil {
		return nil, "", err
	}
	where, args := scope.Where("cu.unit_path")
	args = append([]any{s.today(ctx)}, args...)
	after, err := db.DecodeCursor(cursor, 2)
	if err != nil {
		return nil, "", err
	}
	if after != nil {
		on, err := calendar.ParseDate(after[0])
		if err != nil || !db.IsID(after[1]) {
			return nil, "", fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
		}
		where, args = where+" AND (n.due_on > ? OR n.due_on = ? AND n.id > ?)", append(args, on, on, after[1])
	}
	err = s.DB.Reader(ctx).Raw(`SELECT n.id AS notice_id, a.id AS application_id, a.case_id, a.case_no, a.type_code, a.type_version, n.given_on, n.due_on, a.accepted_on,
 (SELECT count(*) FROM permit_notice_items i WHERE i.notice_id = n.id) + (SELECT count(*) FROM permit_notice_answers w WHERE w.notice_id = n.id) AS items`+waitingNotices+`
 JOIN case_units cu ON cu.case_id = a.case_id AND cu.role = 'lead'
 WHERE n.answered_at IS NULL AND n.due_on < ? AND `+where+" ORDER BY n.due_on, n.id LIMIT ?", append(args, latePage+1)...).Scan(&list).Error
	if err != nil {
		return nil, "", fmt.Errorf("list corrections that are overdue: %w", db.Fault(err, "", ""))
	}
	if len(list) > latePage {
		list = list[:latePage]
		next = db.EncodeCursor(list[latePage-1].DueOn.String(), list[latePage-1].NoticeID)
	}
	for i := range list {
		t, err := s.Types.Version(ctx, list[i].TypeCode, list[i].TypeVersion)
		if err != nil {
			return nil, "", err
		}
		list[i].TypeName = t.Name
	}
	return list, next, nil
}

// LateAmong gives, of cases by their ids, those whose correction is overdue, each with
// its last day. Who asks has found the cases within their scope.
func (s *Service) LateAmong(ctx context.Context, caseIDs []string) (map[string]calendar.Date, error) {
	out := map[string]calendar.Date{}
	if len(caseIDs) == 0 {
		return out, nil
	}
	var list []LateCorrection
	err := s.DB.Reader(ctx).Raw("SELECT a.case_id, n.due_on"+waitingNotices+" WHERE a.case_id IN ? AND n.answered_at IS NULL AND n.due_on < ?", caseIDs, s.today(ctx)).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("look for corrections that are overdue: %w", db.Fault(err, "", ""))
	}
	for _, one := range list {
		out[one.CaseID] = one.DueOn
	}
	return out, nil
}
