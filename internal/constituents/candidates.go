package constituents

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"minqing/internal/db"
	"minqing/internal/match"
)

// crowd is how many records may share a phone, an address or a name that others
// are looked for by: what more share than that belongs to no one person, but to a
// call centre or an office.
const crowd = 50

// link is two records that have something in common.
type link struct {
	AID     string
	BID     string
	AMerged *string // what they were merged into
	BMerged *string
}

// linked selects, for those that a condition over mine chooses, who has one of
// their values; a column of keyed hashes finds them.
func linked(table, column, which, other, alive string) string {
	return "SELECT t." + id(table) + " AS a_id, o." + id(table) + " AS b_id FROM " + table + " t JOIN " + table + " o ON o." + column + " = t." + column +
		" AND o.kind = t.kind AND o." + id(table) + " " + other + " t." + id(table) + strings.ReplaceAll(alive, "#", "o") +
		" WHERE t." + id(table) + which + strings.ReplaceAll(alive, "#", "t") + " AND t." + column + " IS NOT NULL AND length(t." + column + ") > 0" +
		fmt.Sprintf(" AND (SELECT count(*) FROM (SELECT 1 FROM %s x WHERE x.%s = t.%s LIMIT %d) n) <= %d", table, column, column, crowd+1, crowd)
}

func id(table string) string {
	if table == "constituents" {
		return "id"
	}
	return "constituent_id"
}

// links finds what has something in common with those that which chooses, a
// condition with its arguments. ByName too looks at who has the same name, which
// alone says little.
func (s *Service) links(ctx context.Context, which, other string, byName bool, args ...any) ([]link, error) {
	now := " AND #.valid_to IS NULL"
	parts := []string{
		linked("contact_points", "blind_index", which, other, now+" AND #.kind <> 'address'"),
		linked("contact_points", "match_index", which, other, now),
		linked("constituent_ids", "blind_index", which, other, now),
	}
	if byName {
		parts = append(parts, linked("constituents", "name_index", which, other, " AND #.erased_at IS NULL"))
	}
	var all []any
	for range parts {
		all = append(all, args...)
	}
	var out []link
	err := s.DB.From(ctx).Raw("SELECT l.a_id, l.b_id, a.merged_into_id AS a_merged, b.merged_into_id AS b_merged FROM ("+strings.Join(parts, " UNION ")+`) l
 JOIN constituents a ON a.id = l.a_id JOIN constituents b ON b.id = l.b_id WHERE a.kind = b.kind AND a.erased_at IS NULL AND b.erased_at IS NULL`, all...).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("look for records with something in common: %w", db.Fault(err, "", ""))
	}
	return out, nil
}

// Pair is two records and how they compare. The first has the lesser id.
type Pair struct {
	A, B string
	match.Verdict
}

// pairs compares those that links bring together, each by what stands for it, and
// keeps those with at least so many points, the likeliest first.
func (s *Service) pairs(ctx context.Context, links []link, least int) ([]Pair, error) {
	roots, err := s.roots(ctx, links)
	if err != nil {
		return nil, err
	}
	type two struct{ a, b string }
	seen := map[two]bool{}
	var ids []string
	for _, l := range links {
		a, b := roots[l.AID], roots[l.BID]
		if a > b {
			a, b = b, a
		}
		if a != b && !seen[two{a, b}] {
			seen[two{a, b}] = true
			ids = append(ids, a, b)
		}
	}
	slices.Sort(ids)
	records, err := s.whole(ctx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	var out []Pair
	for p := range seen {
		a, b := records[p.a], records[p.b]
		if a == nil || b == nil {
			continue
		}
		if v := match.Weigh(*a, *b); v.Score >= least && !v.Apart {
			out = append(out, Pair{A: p.a, B: p.b, Verdict: v})
		}
	}
	slices.SortFunc(out, func(x, y Pair) int {
		return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
	return out, nil
}

// roots says what each record of the links was merged into in the end; itself
// when it stands alone.
func (s *Service) roots(ctx context.Context, links []link) (map[string]string, error) {
	parent := map[string]string{}
	var ask []string
	note := func(id string, merged *string) {
		if _, known := parent[id]; known {
			return
		}
		parent[id] = ""
		if merged != nil {
			parent[id] = *merged
			ask = append(ask, *merged)
		}
	}
	for _, l := range links {
		note(l.AID, l.AMerged)
		note(l.BID, l.BMerged)
	}
	for len(ask) > 0 {
		ask = slices.DeleteFunc(ask, func(id string) bool { _, known := parent[id]; return known })
		if len(ask) == 0 {
			break
		}
		var rows []struct {
			ID           string
			MergedIntoID *string
		}
		if err := s.DB.From(ctx).Raw("SELECT id, merged_into_id FROM constituents WHERE id IN ?", ask[:min(len(ask), recordsMost)]).Scan(&rows).Error; err != nil {
			return nil, fmt.Errorf("find what records were merged into: %w", db.Fault(err, "", ""))
		}
		rest := slices.Clone(ask[min(len(ask), recordsMost):])
		ask = nil
		for _, r := range rows {
			note(r.ID, r.MergedIntoID)
		}
		ask = append(ask, rest...)
	}
	out := make(map[string]string, len(parent))
	for id := range parent {
		root := id
		for parent[root] != "" {
			root = parent[root]
		}
		out[id] = root
	}
	return out, nil
}

// whole reads what is compared of records with all that was merged into them: the
// name and the year are the record's own.
func (s *Service) whole(ctx context.Context, ids []string) (map[string]*match.Record, error) {
	root := map[string]string{}
	all := slices.Clone(ids)
	for _, id := range ids {
		root[id] = id
	}
	for level := ids; len(level) > 0; {
		var next []string
		for start := 0; start < len(level); start += recordsMost {
			var rows []struct{ ID, MergedIntoID string }
			err := s.DB.From(ctx).Raw("SELECT id, merged_into_id FROM constituents WHERE merged_into_id IN ? AND erased_at IS NULL",
				level[start:min(start+recordsMost, len(level))]).Scan(&rows).Error
			if err != nil {
				return nil, fmt.Errorf("find what was merged: %w", db.Fault(err, "", ""))
			}
			for _, r := range rows {
				if _, known := root[r.ID]; !known {
					root[r.ID] = root[r.MergedIntoID]
					next = append(next, r.ID)
				}
			}
		}
		all, level = append(all, next...), next
	}
	records, err := s.records(ctx, all)
	if err != nil {
		return nil, err
	}
	for _, id := range all {
		r, top := records[id], records[root[id]]
		if root[id] == id || r == nil || top == nil {
			continue
		}
		top.Phones, top.Mails = append(top.Phones, r.Phones...), append(top.Mails, r.Mails...)
		top.Addresses, top.IDs = append(top.Addresses, r.Addresses...), append(top.IDs, r.IDs...)
		top.Account = top.Account || r.Account
		delete(records, id)
	}
	return records, nil
}

// Compare says how two records compare by what is known now.
func (s *Service) Compare(ctx context.Context, a, b string) (match.Verdict, error) {
	records, err := s.whole(ctx, []string{a, b})
	if err != nil {
		return match.Verdict{}, err
	}
	if records[a] == nil || records[b] == nil {
		return match.Verdict{}, errMissing
	}
	return match.Weigh(*records[a], *records[b]), nil
}

// tree lists a record and everything that was merged into it, whoever did that.
func (s *Service) tree(ctx context.Context, id string) ([]string, error) {
	var ids []string
	err := s.DB.From(ctx).Raw(`WITH RECURSIVE under (id) AS (SELECT id FROM constituents WHERE id = ? UNION
 SELECT c.id FROM constituents c JOIN under u ON c.merged_into_id = u.id) SELECT id FROM under ORDER BY id`, id).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("find what was merged: %w", db.Fault(err, "", ""))
	}
	return ids, nil
}

// Whole is a record with everything that it stands for, itself first.
func (s *Service) Whole(ctx context.Context, id string) ([]string, error) {
	ids, err := s.tree(ctx, id)
	if i := slices.Index(ids, id); i > 0 {
		ids = append([]string{id}, slices.Delete(ids, i, i+1)...)
	}
	return ids, err
}

// candidates finds who may be the same as one, from so many points on.
func (s *Service) candidates(ctx context.Context, id string, least int) ([]Pair, error) {
	ids, err := s.tree(ctx, id)
	if err != nil {
		return nil, err
	}
	links, err := s.links(ctx, " IN ?", "<>", true, ids)
	if err != nil {
		return nil, err
	}
	return s.pairs(ctx, links, least)
}
