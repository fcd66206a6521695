package access

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"minqing/internal/db"
	"minqing/internal/fault"
)

// Listed is a grant in force with who gave it and why.
type Listed struct {
	Grant
	GrantedBy *string // nobody for what the system gave
	Reason    string
}

// Listing narrows the list of grants in force.
type Listing struct {
	Role     string // of any role when empty
	UnitPath string // for this unit or one below it; anywhere when empty
	Cursor   string
	Limit    int
}

const listDefault = 50

var grantID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// InForce lists the grants in force for the units for which the actor grants
// roles, the newest first. The cursor of the next page is empty at the end.
func (s *Service) InForce(ctx context.Context, l Listing) (list []Listed, next string, err error) {
	scope, err := s.Scope(ctx, AccessGrant)
	if err != nil {
		return nil, "", err
	}
	after, err := db.DecodeCursor(l.Cursor, 1)
	if err == nil && after != nil && !grantID.MatchString(after[0]) {
		err = fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	}
	if err != nil {
		return nil, "", err
	}
	if l.Limit <= 0 {
		l.Limit = listDefault
	}
	now := s.now()
	within, args := scope.Where("u.path")
	where := []string{within, "g.valid_from <= ?", "(g.valid_until IS NULL OR g.valid_until > ?)"}
	args = append(args, now, now)
	add := func(sql string, values ...any) { where, args = append(where, sql), append(args, values...) }
	if l.Role != "" {
		add("g.role = ?", l.Role)
	}
	if l.UnitPath != "" {
		below, values := Scope{Prefixes: []string{l.UnitPath}}.Where("u.path")
		add(below, values...)
	}
	if after != nil {
		add("g.id < ?", after[0])
	}
	err = s.db.From(ctx).Raw(`SELECT g.id, g.account_id, g.role, g.unit_id, u.path AS unit_path, g.deputy_for_id AS deputy_for, g.valid_from, g.valid_until,
 g.granted_by_id AS granted_by, g.reason FROM grants g JOIN units u ON u.id = g.unit_id WHERE `+strings.Join(where, " AND ")+
		" ORDER BY g.id DESC LIMIT ?", append(args, l.Limit+1)...).Scan(&list).Error
	if err != nil {
		return nil, "", fmt.Errorf("list the grants in force: %w", db.Fault(err, "", ""))
	}
	if len(list) > l.Limit {
		list = list[:l.Limit]
		next = db.EncodeCursor(list[l.Limit-1].ID)
	}
	return list, next, nil
}
