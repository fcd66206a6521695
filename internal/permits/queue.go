package permits

import (
	"context"
	"fmt"
	"strconv"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/permittypes"
)

// Place is where an application stands in the order of receipt, of a type of which
// there are only so many permits (行政許可法 art. 57).
type Place struct {
	Round  int64 // the local year of receipt
	Place  int64 // from 1, without a gap
	Quota  int64 // permits of the type that may stand at once
	Before int64 // earlier ones that are not decided yet, less those whose correction is overdue
}

// takePlace gives an application its number, within the transaction of its receipt:
// what is rolled back gives the number back, and whoever comes at the same moment
// waits, so that numbers and times of receipt agree.
func (s *Service) takePlace(ctx context.Context, a *Application, t *permittypes.Type) error {
	if t.Quota == 0 || a.RenewsNo != "" { // who renews has a place already
		return nil
	}
	round := int64(s.today(ctx).Year())
	var place int64
	err := s.DB.From(ctx).Raw(`INSERT INTO permit_queues (type_code, round, last) VALUES (?, ?, 1)
 ON CONFLICT (type_code, round) DO UPDATE SET last = permit_queues.last + 1 RETURNING last`, t.Code, round).Scan(&place).Error
	if err != nil {
		return fmt.Errorf("take a place in the order of receipt: %w", db.Fault(err, "", ""))
	}
	stmt := db.Insert("permit_places", "application_id, type_code, round, place, taken_at", a.ID, t.Code, round, place, s.now())
	if err := s.DB.From(ctx).Exec(stmt.SQL, stmt.Args...).Error; err != nil {
		return fmt.Errorf("keep the order of receipt: %w", db.Fault(err, "", ""))
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "permit.place", Kind: "application", ID: a.ID,
		Fields: []audit.Change{{Field: "place", After: strconv.FormatInt(round, 10) + "-" + strconv.FormatInt(place, 10)}}})
}

// earlierOpen are applications of a type that came in before another and wait for
// their decision, with today for its one argument. Art. 57 ranks applications that meet
// the conditions: whose correction is overdue does not, keeps the place, and holds up
// nobody until it comes.
const earlierOpen = ` FROM permit_places p JOIN permit_applications a ON a.id = p.application_id
 WHERE p.type_code = me.type_code AND (p.round < me.round OR p.round = me.round AND p.place < me.place) AND a.state IN ('submitted', 'correcting', 'accepted')
 AND NOT (a.state = 'correcting' AND EXISTS (SELECT 1 FROM permit_notices n WHERE n.application_id = a.id AND n.answered_at IS NULL AND n.due_on < ?))`

// placeOf is the place of an application, nil where its type is not limited.
func (s *Service) placeOf(ctx context.Context, a *Application, t *permittypes.Type) (*Place, error) {
	var list []Place
	err := s.DB.From(ctx).Raw("SELECT me.round, me.place, (SELECT count(*)"+earlierOpen+`) AS "before" FROM permit_places me WHERE me.application_id = ?`, s.today(ctx), a.ID).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read the order of receipt: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return nil, nil
	}
	list[0].Quota = t.Quota
	return &list[0], nil
}

// inTurn refuses a grant while somebody who came earlier waits, and one for which
// there is no room. Whoever grants at the same moment waits meanwhile.
func (s *Service) inTurn(ctx context.Context, p *Part) error {
	if p.Type.Quota == 0 || p.Application.RenewsNo != "" {
		return nil
	}
	if err := s.DB.From(ctx).Exec("UPDATE permit_queues SET last = last WHERE type_code = ?", p.Type.Code).Error; err != nil {
		return fmt.Errorf("hold the order of receipt: %w", db.Fault(err, "", ""))
	}
	var first []string
	err := s.DB.From(ctx).Raw("SELECT (SELECT a.case_no"+earlierOpen+" ORDER BY p.round, p.place LIMIT 1) FROM permit_places me WHERE me.application_id = ? AND EXISTS (SELECT 1"+earlierOpen+")",
		s.today(ctx), p.Application.ID, s.today(ctx)).Scan(&first).Error
	if err != nil {
		return fmt.Errorf("look who came earlier: %w", db.Fault(err, "", ""))
	}
	if len(first) > 0 {
		return fault.New(fault.Conflict, "permit.quota.earlier").With("Number", first[0])
	}
	standing, err := s.permitsOf(ctx, p.Type.Code)
	if err != nil {
		return err
	}
	if standing >= p.Type.Quota {
		return fault.New(fault.Conflict, "permit.quota.full").With("Quota", p.Type.Quota)
	}
	return nil
}

// permitsOf counts the permits of a type that stand: the register knows them, and
// without one the decisions tell.
func (s *Service) permitsOf(ctx context.Context, typeCode string) (int64, error) {
	if s.Register != nil {
		return s.Register.Standing(ctx, typeCode)
	}
	var n int64
	err := s.DB.From(ctx).Raw(`SELECT count(*) FROM permit_applications a JOIN permit_decisions d ON d.application_id = a.id
 WHERE a.type_code = ? AND a.state = 'granted' AND d.decided_at IS NOT NULL AND (d.valid_until IS NULL OR d.valid_until >= ?)`, typeCode, s.today(ctx)).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count what was granted: %w", db.Fault(err, "", ""))
	}
	return n, nil
}
