package permits

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/i18n"
)

// OpenRight is the right to a hearing on an application, of which its applicant was told and
// which they can still claim (行政許可法 art. 47).
type OpenRight struct {
	ApplicationID string
	CaseNo        string
	TypeName      i18n.Text
	AskBy         calendar.Date
}

// OpenRights are those of applicants, by their ids, that the actor may claim for them.
func (s *Service) OpenRights(ctx context.Context, holderIDs []string) (list []OpenRight, err error) {
	if len(holderIDs) == 0 {
		return nil, nil
	}
	var rows []struct {
		ID, CaseID, CaseNo, HolderID, TypeCode string
		TypeVersion                            int64
		ToldAt                                 time.Time
	}
	err = s.DB.Reader(ctx).Raw(`SELECT a.id, a.case_id, a.case_no, a.holder_id, a.type_code, a.type_version, h.told_at FROM permit_applications a JOIN permit_hearings h ON h.application_id = a.id
 WHERE a.holder_id IN ? AND a.state IN ('accepted', 'correcting') AND h.state = ? ORDER BY h.told_at, a.id`, holderIDs, HearingTold).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read who can ask for a hearing: %w", db.Fault(err, "", ""))
	}
	for _, r := range rows {
		if s.may(ctx, r.HolderID, r.TypeCode, true) != nil {
			continue // a reader, or an agent for something else
		}
		c, err := s.Cases.ByID(ctx, r.CaseID)
		if err != nil {
			return nil, err
		}
		cal, err := s.calendarOf(ctx, c)
		if err != nil {
			return nil, err
		}
		by := HearingAskBy(cal, r.ToldAt)
		if !by.Provisional && s.Now().After(by.Due) {
			continue
		}
		t, err := s.Types.Version(ctx, r.TypeCode, r.TypeVersion)
		if err != nil {
			return nil, err
		}
		list = append(list, OpenRight{ApplicationID: r.ID, CaseNo: r.CaseNo, TypeName: t.Name, AskBy: by.On})
	}
	return list, nil
}
