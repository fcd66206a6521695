package permits

import (
	"context"
	"fmt"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/i18n"
)

// Acceptance is an application that was accepted, for the message that tells its applicant.
type Acceptance struct {
	ApplicationID string
	HolderID      string
	Deemed        bool // nobody spoke in time, and a job entered it
}

// tellAccepted tells the applicant, in the open transaction, that their application was
// accepted and that the written proof of it is there (行政許可法 art. 32).
func (s *Service) tellAccepted(ctx context.Context, a *Application) error {
	if s.TellsAccepted == nil {
		return nil
	}
	return s.TellsAccepted(ctx, Acceptance{ApplicationID: a.ID, HolderID: a.HolderID, Deemed: a.Deemed})
}

// Accepting is what a message says of an acceptance.
type Accepting struct {
	ApplicationID string
	CaseNo        string
	TypeName      i18n.Text
	On            calendar.Date
	Deemed        bool
	DueOn         *calendar.Date // by when the decision is promised; nil where no clock runs
}

// AcceptedIn are accepted applications by their ids; those that are no more are left out.
func (s *Service) AcceptedIn(ctx context.Context, ids []string) (map[string]Accepting, error) {
	out := map[string]Accepting{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []struct {
		ID, CaseNo, TypeCode string
		TypeVersion          int64
		AcceptedOn           calendar.Date
		Deemed               bool
		DueOn                *calendar.Date
	}
	err := s.DB.From(ctx).Raw(`SELECT a.id, a.case_no, a.type_code, a.type_version, a.accepted_on, a.deemed, c.due_on FROM permit_applications a
 JOIN cases c ON c.id = a.case_id WHERE a.id IN ? AND a.accepted_on IS NOT NULL`, ids).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read what was accepted: %w", db.Fault(err, "", ""))
	}
	for _, r := range rows {
		t, err := s.Types.Version(ctx, r.TypeCode, r.TypeVersion)
		if err != nil {
			return nil, err
		}
		out[r.ID] = Accepting{ApplicationID: r.ID, CaseNo: r.CaseNo, TypeName: t.Name, On: r.AcceptedOn, Deemed: r.Deemed, DueOn: r.DueOn}
	}
	return out, nil
}
