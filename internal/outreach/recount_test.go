package outreach

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
)

// The recount: everything is read as it stands, and each condition is worked out
// in Go without any of the service's SQL.
type (
	person struct {
		ID, Kind, Locale                            string
		MergedIntoID, DistrictCode, Stage, Industry *string
		BirthYear                                   *int
		EstablishedOn                               *calendar.Date
		ErasedAt                                    *time.Time
	}
	fact struct {
		ID, Kind, Status, Confidentiality, Channel string
		MatterID, DistrictID                       *string
		ReceivedOn                                 calendar.Date
		DueAt, ConcludedAt, FrozenAt               *time.Time
		Who                                        string
		paths, subjects                            []string
		waiting                                    bool
	}
	grade struct {
		CaseID      string
		Grade       int
		EvaluatedOn calendar.Date
		EvaluatedAt time.Time
		Excluded    bool
		MendedAt    *time.Time
	}
	paper struct {
		HolderID, TypeCode, UnitPath, State string
		ValidFrom                           calendar.Date
		ValidUntil                          *calendar.Date
		Replaced                            bool
		Particulars                         string
	}
	told  struct{ Who, Kind string }
	link  struct{ FromID, ToID, Kind string }
	heard struct {
		CaseID string
		At     time.Time
	}
)

type recount struct {
	w      world
	people map[string]person
	facts  map[string]*fact
	grades []grade
	needs  []told
	links  []link
	heard  []heard
	papers []paper
	prefix string   // unit path of the owner
	own    []string // unit paths: complaints about them do not count
}

func newRecount(c *town, prefix string, own ...string) *recount {
	c.t.Helper()
	w, err := c.world(system())
	require.NoError(c.t, err)
	r := &recount{w: w, people: map[string]person{}, facts: map[string]*fact{}, prefix: prefix, own: own}
	read := func(into any, sql string) { require.NoError(c.t, c.DB.From(system()).Raw(sql).Scan(into).Error, sql) }
	var people []person
	read(&people, "SELECT id, kind, locale, merged_into_id, district_code, stage, industry, birth_year, established_on, erased_at FROM constituents")
	for _, p := range people {
		r.people[p.ID] = p
	}
	var facts []fact
	read(&facts, `SELECT c.id, c.kind, c.status, c.confidentiality, c.channel, c.matter_id, c.district_id, c.received_on, c.due_at, c.concluded_at, c.frozen_at, p.constituent_id AS who
 FROM cases c JOIN case_parties p ON p.case_id = c.id AND p.role = 'requester' AND p.constituent_id IS NOT NULL`)
	for i := range facts {
		r.facts[facts[i].ID] = &facts[i]
	}
	var units []struct {
		CaseID, UnitPath, Role string
		Waiting                bool
	}
	read(&units, "SELECT case_id, unit_path, role, waiting FROM case_units")
	for _, u := range units {
		if f := r.facts[u.CaseID]; f != nil {
			f.paths, f.waiting = append(f.paths, u.UnitPath), f.waiting || u.Waiting && u.Role == "lead"
		}
	}
	var subjects []struct{ CaseID, Path string }
	read(&subjects, "SELECT p.case_id, u.path FROM case_parties p JOIN units u ON u.id = p.unit_id WHERE p.role = 'subject'")
	for _, s := range subjects {
		if f := r.facts[s.CaseID]; f != nil {
			f.subjects = append(f.subjects, s.Path)
		}
	}
	read(&r.grades, "SELECT case_id, grade, evaluated_on, evaluated_at, excluded, mended_at FROM evaluations")
	read(&r.needs, "SELECT constituent_id AS who, kind FROM constituent_needs WHERE valid_to IS NULL")
	read(&r.links, "SELECT from_id, to_id, kind FROM constituent_relations WHERE valid_to IS NULL")
	read(&r.papers, "SELECT p.holder_id, p.type_code, p.unit_path, p.state, p.valid_from, p.valid_until, r.id IS NOT NULL AS replaced, CAST(p.particulars AS text) AS particulars FROM permits p LEFT JOIN permits r ON r.replaces_id = p.id")
	read(&r.heard, `SELECT case_id, at FROM case_messages WHERE direction = 'out' AND published UNION ALL
 SELECT k.case_id, a.at FROM callback_attempts a JOIN callbacks k ON k.id = a.callback_id WHERE a.outcome IN ('judged', 'refused')`)
	return r
}

func (r *recount) counts(f *fact) bool {
	if f.Confidentiality != "normal" || f.FrozenAt != nil || slices.ContainsFunc(f.subjects, func(s string) bool { return slices.Contains(r.own, s) }) {
		return false
	}
	return slices.ContainsFunc(f.paths, func(p string) bool { return strings.HasPrefix(p, r.prefix) })
}

func (r *recount) of(f *fact) string { return r.head(f.Who) }

// head walks from record to record to the one that stands for all of them.
func (r *recount) head(id string) string {
	for r.people[id].MergedIntoID != nil {
		id = *r.people[id].MergedIntoID
	}
	return id
}

func (r *recount) window(d calendar.Date, with map[string]Values) bool {
	n, _ := strconv.Atoi(with["within"].First())
	return d <= r.w.today && int(r.w.today-d) < n
}

// works says whether a permit in force, or within so many days, is for works in a district or
// around it.
func (r *recount) works(district string, soon int) bool {
	d, err := r.w.areas.District(district)
	for ; err == nil && d != nil; d = r.w.areas.Parent(d) {
		for _, p := range r.papers {
			var facts map[string]string
			began := int(p.ValidFrom-r.w.today) <= soon
			if json.Unmarshal([]byte(p.Particulars), &facts) == nil && facts["works_district"] == d.Code && p.State == "valid" && !p.Replaced && began && (p.ValidUntil == nil || *p.ValidUntil >= r.w.today) {
				return true
			}
		}
	}
	return false
}

var over = []string{"concluded", "not_accepted", "withdrawn", "transferred", "archived", "merged"}

func (r *recount) fits(f *fact, with map[string]Values) bool {
	late := f.DueAt != nil && (f.ConcludedAt != nil && f.ConcludedAt.After(*f.DueAt) || f.ConcludedAt == nil && !slices.Contains(over, f.Status) && !f.waiting && f.DueAt.Before(r.w.now))
	list := func(name, value string) bool { return len(with[name]) == 0 || slices.Contains(with[name], value) }
	yes := map[string]bool{"": true, "yes": late, "no": !late, "open": !slices.Contains(over, f.Status), "ended": slices.Contains(over, f.Status)}
	if with["works"].First() == "yes" && (f.DistrictID == nil || !r.works(*f.DistrictID, 14)) {
		return false
	}
	return r.window(f.ReceivedOn, with) && list("kind", f.Kind) && list("channel", f.Channel) && yes[with["state"].First()] && yes[with["late"].First()]
}

func known[T any](v *T, is func(T) bool) Held {
	if v == nil {
		return Unknown
	}
	return held(is(*v))
}

func held(ok bool) Held {
	if ok {
		return Yes
	}
	return No
}

// said is for what people told one by one.
func said(any, hit bool) Held {
	switch {
	case hit:
		return Yes
	case any:
		return No
	}
	return Unknown
}

func (r *recount) leaf(p person, n *Node) Held {
	in := func(name string) func(string) bool {
		return func(v string) bool { return slices.Contains(n.With[name], v) }
	}
	num := func(name string, or int) int {
		if v, err := strconv.Atoi(n.With[name].First()); err == nil {
			return v
		}
		return or
	}
	switch n.Leaf {
	case "kind":
		return held(in("is")(p.Kind))
	case "age":
		return known(p.BirthYear, func(y int) bool { a := r.w.today.Year() - y; return a >= num("min", 0) && a <= num("max", 999) })
	case "district":
		return known(p.DistrictCode, func(code string) bool {
			d, _ := r.w.areas.District(code)
			for d != nil {
				if in("in")(d.Code) {
					return true
				}
				d = r.w.areas.Parent(d)
			}
			return false
		})
	case "works":
		return known(p.DistrictCode, func(code string) bool { return r.works(code, num("soon", 0)) })
	case "language":
		return held(in("in")(p.Locale))
	case "stage":
		return known(p.Stage, in("in"))
	case "industry":
		return known(p.Industry, in("is"))
	case "established":
		return known(p.EstablishedOn, func(d calendar.Date) bool { return r.window(d, n.With) })
	case "need":
		any, hit := false, false
		for _, t := range r.needs {
			mine := r.head(t.Who) == p.ID
			any, hit = any || mine, hit || mine && in("in")(t.Kind)
		}
		return said(any, hit)
	case "relation":
		any, hit := false, false
		for _, l := range r.links {
			from, to := r.head(l.FromID), r.head(l.ToID)
			if from == to { // what two records of one person are to each other
				continue
			}
			if from == p.ID {
				any, hit = true, hit || in("is")(l.Kind)
			}
			if to == p.ID {
				any, hit = true, hit || in("is")("has_"+l.Kind) || l.Kind == "household" && in("is")("household")
			}
		}
		return said(any, hit)
	case "permits":
		return held(slices.ContainsFunc(r.papers, func(h paper) bool {
			who := r.head(h.HolderID)
			state := n.With["state"].First()
			stands := state == "" && (h.State == "valid" || h.State == "suspended") || state == h.State
			soon := h.ValidUntil == nil && num("ends", 0) == 0 || h.ValidUntil != nil && *h.ValidUntil >= r.w.today && int(*h.ValidUntil-r.w.today) <= num("ends", 99999)
			kind := len(n.With["type"]) == 0 || in("type")(h.TypeCode)
			return who == p.ID && kind && strings.HasPrefix(h.UnitPath, r.prefix) && stands && soon && h.ValidFrom <= r.w.today && !h.Replaced
		}))
	case "cases", "repeated":
		n2, matters := 0, map[string]int{}
		for _, f := range r.facts {
			if r.counts(f) && r.of(f) == p.ID && r.fits(f, n.With) {
				n2++
				if f.MatterID != nil {
					matters[*f.MatterID]++
				}
			}
		}
		if n.Leaf == "cases" {
			return held(n2 >= num("at_least", 1))
		}
		for _, m := range matters {
			if m >= num("at_least", 2) {
				return Yes
			}
		}
		return No
	case "graded":
		return held(slices.ContainsFunc(r.grades, func(g grade) bool {
			f := r.facts[g.CaseID]
			if f == nil || !r.counts(f) || r.of(f) != p.ID || g.Excluded || !r.window(g.EvaluatedOn, n.With) || g.Grade < num("min", 1) || g.Grade > num("max", 5) {
				return false
			}
			since := g.MendedAt != nil || slices.ContainsFunc(r.heard, func(h heard) bool { return h.CaseID == g.CaseID && h.At.After(g.EvaluatedAt) })
			return n.With["contact"].First() == "" || since == (n.With["contact"].First() == "some")
		}))
	}
	return Unknown
}

func (r *recount) node(p person, n *Node) Held {
	if n.Op == Cond {
		return r.leaf(p, n)
	}
	rank := map[Held]int{No: 0, Unknown: 1, Yes: 2}
	worst, best := Yes, No
	for _, part := range n.Of {
		h := r.node(p, part)
		if rank[h] < rank[worst] {
			worst = h
		}
		if rank[h] > rank[best] {
			best = h
		}
	}
	switch n.Op {
	case All:
		return worst
	case Any:
		return best
	}
	return map[Held]Held{Yes: No, No: Yes, Unknown: Unknown}[r.node(p, n.Of[0])]
}

// may says whether somebody may be counted at all for the owner: they live in a district
// of a unit of theirs, filed a case that counts, or hold a permit of such a unit.
func (r *recount) may(p person) bool {
	if r.prefix == "LJ/" {
		return true
	}
	if p.DistrictCode != nil {
		d, _ := r.w.areas.District(*p.DistrictCode)
		for ; d != nil; d = r.w.areas.Parent(d) {
			for _, u := range r.w.snap.Units {
				if u.DistrictID != nil && *u.DistrictID == d.ID && strings.HasPrefix(u.Path, r.prefix) {
					return true
				}
			}
		}
	}
	for _, f := range r.facts {
		if r.of(f) == p.ID && r.counts(f) && f.ReceivedOn <= r.w.today && int(r.w.today-f.ReceivedOn) < Window {
			return true
		}
	}
	return slices.ContainsFunc(r.papers, func(h paper) bool { return r.head(h.HolderID) == p.ID && strings.HasPrefix(h.UnitPath, r.prefix) })
}

// members are those for whom the definition is true, of whom the owner may count.
func (r *recount) members(n *Node) (ids []string) {
	ids = []string{}
	for id, p := range r.people {
		if p.MergedIntoID == nil && p.ErasedAt == nil && r.node(p, n) == Yes && r.may(p) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (c *town) compiled(n *Node, owner string, only []string) []string {
	c.t.Helper()
	w, err := c.world(system())
	require.NoError(c.t, err)
	r, err := c.reach(system(), owner)
	require.NoError(c.t, err)
	sql, args := w.compile(n, r, only).ids()
	got := append([]string{}, c.list(sql, args...)...)
	slices.Sort(got)
	return got
}
