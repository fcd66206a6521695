package identity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"minqing/internal/access"
	"minqing/internal/db"
	"minqing/internal/text"
)

const (
	mostFound   = 20
	namesAtOnce = 500
)

// Found is an account that somebody looked for.
type Found struct {
	ID, Name string
	Locked   bool
	Grants   []access.Grant
}

// FindStaff looks for accounts of the government that the actor may lock: the one
// with an address, or those whose name holds what was typed. Names are sealed, so
// that those of everybody who ever held a role are opened and compared; who never
// held one is found by the address. More says that there are others.
func (s *Service) FindStaff(ctx context.Context, typed string) (list []Found, more bool, err error) {
	typed = strings.TrimSpace(typed)
	if strings.Contains(typed, "@") {
		r, err := s.byLogin(ctx, s.logins(typed)...)
		if err != nil || r.ID == "" || r.Kind == Citizen {
			return nil, false, err
		}
		return s.found(ctx, nil, []row{r}, "")
	}
	wanted := text.Normalise(typed)
	for after := db.FirstID(time.Time{}); !more; {
		var rows []row
		err := s.DB.From(ctx).Where("id > ? AND kind <> ? AND id IN (SELECT account_id FROM grants)", after, Citizen).Order("id").Limit(namesAtOnce).Find(&rows).Error
		if err != nil {
			return nil, false, fmt.Errorf("look for accounts: %w", db.Fault(err, "", ""))
		}
		if len(rows) == 0 {
			break
		}
		after = rows[len(rows)-1].ID
		if list, more, err = s.found(ctx, list, rows, wanted); err != nil {
			return nil, false, err
		}
	}
	return list, more, nil
}

// found adds those of the rows that have the name and may be shown.
func (s *Service) found(ctx context.Context, list []Found, rows []row, wanted string) ([]Found, bool, error) {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	below, err := s.Access.InCharge(ctx, access.AccountLock, ids...)
	if err != nil {
		return nil, false, err
	}
	names, err := s.Names(ctx, ids...)
	if err != nil {
		return nil, false, err
	}
	for _, r := range rows {
		grants, in := below[r.ID]
		if !in || erasedIndex(r.LoginIndex) || !strings.Contains(text.Normalise(names[r.ID]), wanted) {
			continue
		}
		if len(list) == mostFound {
			return list, true, nil
		}
		list = append(list, Found{ID: r.ID, Name: names[r.ID], Locked: r.Status == Disabled, Grants: grants})
	}
	return list, false, nil
}
