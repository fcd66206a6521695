package cases_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// drawn is a case as the test knows it, apart from the product's own reading.
type drawn struct {
	no, id  string
	indexed bool     // its texts may be found
	whistle bool     // filed by a whistle-blower
	units   []placed // those that have to do with it
	about   []string // paths of the units that it complains about
	person  bool     // it complains about who asks
}

type placed struct {
	path   string
	queued bool // it stands in the inbox of this unit
	joint  bool // it stands among what this unit does a part of
}

// held is a grant as the test knows it.
type held struct {
	role, path string
	now        bool // in force
}

// TestEveryListShowsWhatASingleReadAllows draws trees of units, cases in the
// hands of several of them, and somebody with dated grants. What the inbox, its
// counts and the search show and what may be taken out as a file is compared with
// each single read, and both with the rule as it is told to people.
func TestEveryListShowsWhatASingleReadAllows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		pool := w.pool()
		w.emails["colleague"] = w.member("call_agent", "LJ")
		round := 0
		rapid.Check(t, func(rt *rapid.T) {
			round++
			w.wait(2 * time.Second) // what is kept of units and counts is looked at anew
			paths := w.tree(rt, round)
			for i := range pool {
				w.place(rt, &pool[i], paths)
			}
			w.indexed()
			who := w.member("call_agent", "LJ")
			w.sql("DELETE FROM grants WHERE account_id = ?", who)
			for i := range pool {
				w.accuse(rt, &pool[i], who)
			}
			w.compare(rt, w.as(who), pool, w.grants(rt, who, paths), paths)
			w.explains(rt, who, rapid.SampledFrom(pool).Draw(rt, "case"))
		})
	})
}

func (w *town) sql(query string, args ...any) {
	w.t.Helper()
	require.NoError(w.t, w.db.From(w.t.Context()).Exec(query, args...).Error)
}

// pool files the cases that every round places anew.
func (w *town) pool() (pool []drawn) {
	w.member("whistle_officer", "JJ")
	for _, c := range []cases.Confidentiality{cases.Normal, cases.Normal, cases.Normal, cases.IdentityHidden, cases.AnonymousFiler, cases.Whistle, cases.Whistle} {
		r := w.file(func(f *cases.Filing) {
			f.Confidentiality = c
			if c == cases.AnonymousFiler {
				f.Contact = cases.Contact{}
			}
		})
		pool = append(pool, drawn{no: r.CaseNo, id: r.CaseID, indexed: c == cases.Normal, whistle: c == cases.Whistle})
	}
	return pool
}

// tree adds units below a bureau of the city, with codes that are beginnings of
// one another.
func (w *town) tree(rt *rapid.T, round int) []string {
	paths, codes := []string{"LJ/", "LJ/CG/"}, []string{fmt.Sprintf("T%du", round)}
	for i := range rapid.IntRange(1, 5).Draw(rt, "units") {
		above := rapid.SampledFrom(paths).Draw(rt, "above")
		code := fmt.Sprintf("%s%s%d", rapid.SampledFrom(codes).Draw(rt, "like"), rapid.SampledFrom([]string{"", "0", "A", ".", "-"}).Draw(rt, "then"), i)
		w.sql(`INSERT INTO units (id, code, name, parent_id, path, kind, valid_from)
 SELECT ?, ?, '{"en": "drawn"}', id, ?, 'section', '2026-01-01' FROM units WHERE path = ?`, db.NewID(w.clock()), code, above+code+"/", above)
		paths, codes = append(paths, above+code+"/"), append(codes, code)
	}
	w.sql("UPDATE reference_state SET revision = ? WHERE area = 'catalogue'", db.NewID(w.clock()))
	return paths
}

// place gives a case to drawn units in drawn roles; one of them has it now.
func (w *town) place(rt *rapid.T, c *drawn, paths []string) {
	w.sql("DELETE FROM case_units WHERE case_id = ?", c.id)
	w.sql("DELETE FROM case_parties WHERE case_id = ? AND role = 'subject'", c.id)
	of := rapid.SliceOfNDistinct(rapid.SampledFrom(paths), 1, 3, rapid.ID[string]).Draw(rt, "with")
	c.units, c.about = nil, nil
	now := rapid.IntRange(-1, len(of)-1).Draw(rt, "has it now")
	for i, path := range of {
		role := rapid.SampledFrom([]string{"past", "joint"}).Draw(rt, "role")
		joint := role == "joint" && i != now && rapid.Bool().Draw(rt, "awaited")
		if i == now {
			role = rapid.SampledFrom([]string{"lead", "supervising"}).Draw(rt, "role now")
		}
		w.sql(`INSERT INTO case_units (case_id, unit_id, role, unit_path, open, priority, queue_at, status, since)
 SELECT ?, id, ?, ? || path, ?, 1, ?, 'handling', ? FROM units WHERE path = ?`, c.id, role, c.under(), i == now || joint, w.clock().Add(time.Hour), w.clock(), path)
		c.units = append(c.units, placed{path, i == now, joint})
	}
	if rapid.Bool().Draw(rt, "complains") {
		about := rapid.SampledFrom(paths).Draw(rt, "about")
		w.sql("INSERT INTO case_parties (id, case_id, role, unit_id) SELECT ?, ?, 'subject', id FROM units WHERE path = ?", db.NewID(w.clock()), c.id, about)
		c.about = []string{about}
	}
}

// accuse has a case complain about who asks, about a colleague, or about neither.
func (w *town) accuse(rt *rapid.T, c *drawn, who string) {
	whom := rapid.SampledFrom([]string{"", "", who, w.emails["colleague"]}).Draw(rt, "about whom")
	c.person = whom == who
	if whom != "" {
		w.sql("INSERT INTO case_parties (id, case_id, role, account_id) VALUES (?, ?, 'subject', ?)", db.NewID(w.clock()), c.id, whom)
	}
}

// under is what the paths of its units begin with: a whistle-blower's case stands
// in a tree of its own.
func (c *drawn) under() string {
	if c.whistle {
		return access.Sealed("")
	}
	return ""
}

// grants gives an account roles that ended, that count and that will.
func (w *town) grants(rt *rapid.T, who string, paths []string) (all []held) {
	now := w.clock()
	for range rapid.IntRange(0, 3).Draw(rt, "grants") {
		role := rapid.SampledFrom(append([]string{"whistle_officer"}, access.Roles...)).Draw(rt, "as")
		path := rapid.SampledFrom(paths).Draw(rt, "for")
		from := now.Add(rapid.SampledFrom([]time.Duration{-time.Hour, -time.Minute, 0, time.Minute}).Draw(rt, "from"))
		until := from.Add(rapid.SampledFrom([]time.Duration{time.Minute, 59 * time.Minute, 2 * time.Hour, 0}).Draw(rt, "for as long as"))
		var end *time.Time
		if until != from {
			end = &until
		}
		w.sql(`INSERT INTO grants (id, account_id, role, unit_id, valid_from, valid_until, created_at)
 SELECT ?, ?, ?, id, ?, ?, ? FROM units WHERE path = ?`, db.NewID(now), who, role, from, end, now, path)
		all = append(all, held{role, path, !from.After(now) && (end == nil || end.After(now))})
	}
	return all
}

// readers are the roles that read cases, other than those of whistle-blowers.
var readers = []string{"call_agent", "dispatcher", "handler", "head", "supervisor"}

// reach says whether the grants open a unit's cases.
func (c *drawn) reach(grants []held, unit string) bool {
	return slices.ContainsFunc(grants, func(g held) bool {
		reads := slices.Contains(readers, g.role)
		if c.whistle {
			reads = g.role == "whistle_officer"
		}
		return g.now && reads && strings.HasPrefix(unit, g.path)
	})
}

// told is the rule in words: one of the case's units stands at or below the unit
// of a grant in force, and it complains about none that I hold anything for, nor
// about one above it, the whole government aside, nor about me.
func told(grants []held, c drawn) bool {
	if c.person {
		return false
	}
	for _, g := range grants {
		for _, a := range c.about {
			if g.now && a != "LJ/" && strings.HasPrefix(g.path, a) {
				return false
			}
		}
	}
	return slices.ContainsFunc(c.units, func(u placed) bool { return c.reach(grants, u.path) })
}

// takesOut compares taking a case out as a file with reading it: nobody takes out
// what they may not read, and of those who read it heads and whoever supervises do.
func (w *town) takesOut(rt *rapid.T, ctx context.Context, c drawn, grants []held, may bool) {
	heads := slices.DeleteFunc(slices.Clone(grants), func(g held) bool { return g.role != "head" && g.role != "supervisor" })
	_, err := w.Export(ctx, c.no)
	switch {
	case !may:
		require.Equal(rt, fault.NotFound, fault.KindOf(err), "taking out %+v with %+v: %v", c, grants, err)
	case told(heads, c):
		require.NoError(rt, err, "taking out %+v with %+v", c, grants)
	default:
		require.Equal(rt, fault.Forbidden, fault.KindOf(err), "taking out %+v with %+v: %v", c, grants, err)
	}
}

func (w *town) compare(rt *rapid.T, ctx context.Context, pool []drawn, grants []held, paths []string) {
	below := rapid.SampledFrom(paths).Draw(rt, "narrowed to")
	code := strings.Split(strings.TrimSuffix(below, "/"), "/")
	var inbox, there, found, parts, every []string
	for _, c := range pool {
		may := told(grants, c)
		_, err := w.View(ctx, c.no)
		if err != nil {
			require.Equal(rt, fault.NotFound, fault.KindOf(err), "%v", err)
		}
		require.Equal(rt, may, err == nil, "reading %+v with %+v", c, grants)
		w.takesOut(rt, ctx, c, grants, may)
		for _, u := range c.units {
			if may && u.queued && c.reach(grants, u.path) {
				inbox = append(inbox, c.no)
				if strings.HasPrefix(u.path, below) {
					there = append(there, c.no)
				}
			}
		}
		if may && slices.ContainsFunc(c.units, func(u placed) bool { return u.joint && c.reach(grants, u.path) }) {
			parts = append(parts, c.no)
		}
		if may {
			every = append(every, c.no)
		}
		if may && c.indexed {
			found = append(found, c.no)
		}
		byNumber := []string{}
		if may {
			byNumber = append(byNumber, c.no)
		}
		require.ElementsMatch(rt, byNumber, w.search(ctx, cases.Filter{Query: c.no}), "%+v by its number with %+v", c, grants)
	}
	require.ElementsMatch(rt, inbox, w.search(ctx, cases.Filter{View: cases.ViewOpen, Limit: 2}), "the inbox with %+v", grants)
	require.ElementsMatch(rt, inbox, w.search(ctx, cases.Filter{View: cases.ViewDue, Limit: 2}), "what is due soon with %+v", grants)
	require.ElementsMatch(rt, parts, w.search(ctx, cases.Filter{View: cases.ViewJoint, Limit: 2}), "joint handling with %+v", grants)
	require.ElementsMatch(rt, there, w.search(ctx, cases.Filter{View: cases.ViewOpen, UnitCode: code[len(code)-1]}), "the inbox of %s with %+v", below, grants)
	require.ElementsMatch(rt, found, w.search(ctx, cases.Filter{Query: "路燈", Limit: 2}), "the search with %+v", grants)
	require.ElementsMatch(rt, every, w.search(ctx, cases.Filter{View: cases.ViewEvery, Limit: 2}), "every case with %+v", grants)
	counts, err := w.Counts(ctx)
	require.NoError(rt, err)
	want := map[string]int{}
	for _, view := range cases.Views {
		want[view] = 0
	}
	want[cases.ViewOpen], want[cases.ViewUnassigned], want[cases.ViewJoint] = len(inbox), len(inbox), len(parts)
	want[cases.ViewDue] = len(inbox) // in an hour
	require.Equal(rt, want, counts, "%+v", grants)
}

// explains compares what is explained of each verb with what really happens.
func (w *town) explains(rt *rapid.T, who string, c drawn) {
	commands := w.commands(who)
	commands[cases.ActVerifyGrade] = cases.VerifyGrade{Finding: "clear", Note: "已聯繫。"}
	commands[cases.ActMerge] = cases.Merge{Into: "LJ20260000001A"}
	commands[cases.ActDecideAppeal] = cases.DecideAppeal{Text: "維持原議。"}
	really := func(v access.Verb) error {
		for _, t := range cases.Machine {
			if t.Verb == v {
				_, err := w.Act(w.as(who), c.no, 999999, commands[t.Action]) // of a version that it does not have
				if fault.KindOf(err) == fault.Conflict {
					return nil
				}
				return err
			}
		}
		_, err := w.ViewFor(w.as(who), c.no, v)
		return err
	}
	for _, v := range rapid.SliceOfNDistinct(rapid.SampledFrom(cases.ExplainedVerbs()), 3, 3, rapid.ID[access.Verb]).Draw(rt, "verbs") {
		if v == access.CaseDecideAppeal || v == access.CaseDecideContest {
			continue // asks once more, of the unit that an appeal was made to
		}
		e, err := w.Explain(w.system(), who, v, c.no)
		require.NoError(rt, err)
		require.Equal(rt, really(v) == nil, e.Allowed, "%s on %+v", v, c)
	}
}

func TestAskingWhySomebodyMayIsWrittenDown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{})
		handler, security, elsewhere := w.member("handler", "CG03"), w.member("security_admin", "LJ"), w.member("security_admin", "SW")
		e, err := w.Explain(w.as(security), handler, access.CaseSignIn, r.CaseNo)
		require.NoError(t, err)
		require.True(t, e.Allowed && e.Possible && e.Now)
		require.Equal(t, "handler", e.By.Role)
		e, err = w.Explain(w.as(security), handler, access.CaseAccept, r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, access.NoRole, e.Obstacle)
		require.False(t, e.Possible)
		_, err = w.Explain(w.as(elsewhere), handler, access.CaseRead, r.CaseNo)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "of another bureau")
		_, err = w.Explain(w.as(handler), handler, access.CaseRead, r.CaseNo)
		require.Equal(t, fault.Forbidden, fault.KindOf(err))
		_, err = w.Explain(w.as(security), handler, "case.nonsense", r.CaseNo)
		require.Equal(t, fault.Invalid, fault.KindOf(err))

		var kept []string
		require.NoError(t, d.From(t.Context()).Raw("SELECT changes FROM audit_entries WHERE action = 'access.explain' AND object_id = ? ORDER BY id", handler).Scan(&kept).Error)
		require.Len(t, kept, 3)
		for i, verdict := range []string{"allowed", "refused", "missing"} {
			require.Contains(t, kept[i], verdict)
			require.Contains(t, kept[i], r.CaseNo)
		}
	})
}
