package constituents

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
)

// Merging finds records of the same person, and merges them so that it can be
// taken back. Nothing moves: the survivor stands for both, each keeps its own
// cases, messages, consents, numbers and keys.
type Merging struct {
	*Service
	access *access.Service
	queue  *jobs.Queue
}

// NewMerging makes the service and registers its job. Without a queue nothing
// runs by itself.
func NewMerging(s *Service, a *access.Service, q *jobs.Queue) *Merging {
	m := &Merging{Service: s, access: a, queue: q}
	if q != nil {
		jobs.Work(q, func(ctx context.Context, _ Sweep) error { return m.night(ctx) })
		q.Every(time.Hour, Sweep{})
	}
	return m
}

// reason takes why somebody decided, which nobody may leave out.
func (m *Merging) reason(typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	var c fault.Check
	c.That(typed != "", "reason", "duplicates.merge.reason.required")
	c.That(utf8.RuneCountInString(typed) <= reasonMost, "reason", "constituents.reveal.long", "Max", reasonMost)
	return typed, c.Err()
}

// reach is who the actor may see here, as a condition over columns with the ids of
// constituents: those who ask in a case of the actor's units that is not filed in
// confidence, and for who works for the whole government those too who have no
// case at all. Whoever asked in confidence only is never proposed.
func (m *Merging) reach(ctx context.Context, columns ...string) (string, []any, error) {
	if err := m.access.Can(ctx, access.PeopleMerge); err != nil {
		return "", nil, err
	}
	scope, err := m.access.Scope(ctx, access.PeopleMerge)
	if err != nil {
		return "", nil, err
	}
	if scope.Everything {
		return "1 = 1", nil, nil
	}
	covered, args := scope.Where("cu.unit_path")
	everywhere := slices.ContainsFunc(scope.Prefixes, func(p string) bool { return strings.Count(p, "/") == 1 })
	var parts []string
	var all []any
	for _, column := range columns {
		one := "EXISTS (SELECT 1 FROM case_parties cp JOIN cases k ON k.id = cp.case_id JOIN case_units cu ON cu.case_id = k.id WHERE cp.constituent_id = " + column +
			" AND cp.role = 'requester' AND k.confidentiality = 'normal' AND " + covered + ")"
		if everywhere {
			one = "(" + one + " OR NOT EXISTS (SELECT 1 FROM case_parties cp WHERE cp.constituent_id = " + column + "))"
		}
		parts, all = append(parts, one), append(all, args...)
	}
	return strings.Join(parts, " AND "), all, nil
}

// visible says which of the ids the actor may see.
func (m *Merging) visible(ctx context.Context, ids []string) (map[string]bool, error) {
	where, args, err := m.reach(ctx, "c.id")
	if err != nil {
		return nil, err
	}
	var seen []string
	err = m.DB.From(ctx).Raw("SELECT c.id FROM constituents c WHERE c.id IN ? AND "+where, append([]any{ids}, args...)...).Scan(&seen).Error
	if err != nil {
		return nil, fmt.Errorf("look who may be seen: %w", db.Fault(err, "constituents.missing", ""))
	}
	out := make(map[string]bool, len(seen))
	for _, id := range seen {
		out[id] = true
	}
	return out, nil
}

// both refuses unless the actor may see two constituents; those out of reach are
// not there.
func (m *Merging) both(ctx context.Context, a, b string) error {
	if a == b {
		return errMissing
	}
	if err := m.one(ctx, a); err != nil {
		return err
	}
	return m.one(ctx, b)
}

func (m *Merging) one(ctx context.Context, id string) error {
	if !uuidLike(id) {
		return errMissing
	}
	seen, err := m.visible(ctx, []string{id})
	if err == nil && !seen[id] {
		err = errMissing
	}
	return err
}

func uuidLike(id string) bool {
	return len(id) == 36 && strings.Trim(id, "0123456789abcdef-") == "" && strings.Count(id, "-") == 4 &&
		id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-'
}

// holdTwo locks two records in the open transaction, always in the same order, so
// that those who merge, take back, correct and erase take turns.
func (s *Service) holdTwo(ctx context.Context, a, b string) error {
	a, b = ordered(a, b)
	for _, id := range []string{a, b} {
		res := s.DB.From(ctx).Exec("UPDATE constituents SET version = version WHERE id = ?", id)
		if res.Error != nil {
			return fmt.Errorf("hold a record: %w", db.Fault(res.Error, "constituents.missing", ""))
		}
		if res.RowsAffected == 0 {
			return errMissing
		}
	}
	return nil
}

// position reads the sort keys of a cursor of the queue.
func position(parts []string) (score int, id string, err error) {
	score, err = strconv.Atoi(parts[0])
	if err != nil || !uuidLike(parts[1]) {
		return 0, "", fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	}
	return score, parts[1], nil
}
