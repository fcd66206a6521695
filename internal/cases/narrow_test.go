package cases_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

func day(t testing.TB, s string) *calendar.Date {
	d, err := calendar.ParseDate(s)
	require.NoError(t, err)
	return &d
}

// mixed files cases that differ in all that lists are narrowed by.
func (w *town) mixed(many int) []string {
	w.t.Helper()
	var list []string
	boroughs := w.districts()
	matters := []string{"street-light", "river-pollution", "", "street-light"}
	for i := range many {
		w.at = w.at.Add(7 * time.Hour)
		list = append(list, w.file(func(f *cases.Filing) {
			f.Channel = cases.Channels[i%len(cases.Channels)]
			f.Location.DistrictCode = boroughs[i%2]
			if f.MatterCode = matters[i%4]; f.MatterCode == "river-pollution" {
				f.Answers = map[string]any{"happened_on": "2026-11-23"}
			}
			if i%5 == 0 {
				f.Confidentiality = cases.IdentityHidden
			}
		}).CaseNo)
	}
	for i, no := range list {
		if i%2 == 0 {
			w.do(no, cases.Accept{})
		}
	}
	return list
}

func TestCasesAreListedByAllThatIsKnownOfThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.mixed(24)
		all, err := w.Queue(w.system(), cases.Filter{View: cases.ViewEvery, Limit: 100})
		require.NoError(t, err)
		require.Len(t, all.Items, 24)
		snap, err := w.Catalogue.Snapshot(t.Context())
		require.NoError(t, err)
		areas, err := w.Places.Map(t.Context())
		require.NoError(t, err)
		first, last := all.Items[23].ReceivedOn, all.Items[0].ReceivedOn
		rapid.Check(t, func(rt *rapid.T) {
			maybe := func(name string, of ...string) string {
				return rapid.SampledFrom(append([]string{"", ""}, of...)).Draw(rt, name)
			}
			f := cases.Filter{View: cases.ViewEvery, Limit: rapid.IntRange(1, 9).Draw(rt, "limit"), Status: cases.Status(maybe("status", "accepted", "submitted", "withdrawn"))}
			f.Channel, f.Matter, f.Field = maybe("channel", cases.Channels...), maybe("matter", "street-light", "river-pollution"), maybe("field", snap.Fields[0].Code, snap.Fields[1].Code)
			f.District = maybe("district", append(w.districts(), areas.At("city", "", first)[0].Code, areas.At("district", "", first)[0].Code)...)
			for i, to := range []**calendar.Date{&f.ReceivedFrom, &f.DueFrom} {
				if n := rapid.IntRange(-20, 12).Draw(rt, "from"); n >= -2 {
					*to = new(first.Add(n + 5*i))
				}
			}
			for _, to := range []**calendar.Date{&f.ReceivedTo, &f.DueTo} {
				if n := rapid.IntRange(-20, 12).Draw(rt, "to"); n >= -2 {
					*to = new(last.Add(12 - n))
				}
			}
			for _, pair := range [][2]*calendar.Date{{f.ReceivedFrom, f.ReceivedTo}, {f.DueFrom, f.DueTo}} {
				if pair[0] != nil && pair[1] != nil && *pair[1] < *pair[0] {
					*pair[1] = *pair[0]
				}
			}
			var want []string
			for _, it := range all.Items {
				if w.meets(&it.Case, f) {
					want = append(want, it.CaseNo)
				}
			}
			require.Equal(rt, want, w.search(w.system(), f))
			if f.Status == "" || f.Status == cases.Accepted { // the same beneath the view of what is open
				f.View, f.Limit = cases.ViewOpen, 100
				open := w.search(w.system(), f)
				slices.Sort(open)
				slices.Sort(want)
				require.Equal(rt, want, open)
			}
		})
	})
}

// meets says whether a filter should show a case.
func (w *town) meets(c *cases.Case, f cases.Filter) bool {
	snap, err := w.Catalogue.Snapshot(w.t.Context())
	require.NoError(w.t, err)
	areas, err := w.Places.Map(w.t.Context())
	require.NoError(w.t, err)
	matter, field := "", ""
	if c.MatterID != nil {
		m, err := snap.Matter(*c.MatterID)
		require.NoError(w.t, err)
		of, err := snap.Field(m.FieldID)
		require.NoError(w.t, err)
		matter, field = m.Code, of.Code
	}
	var around []string
	if c.DistrictID != nil {
		d, err := areas.District(*c.DistrictID)
		require.NoError(w.t, err)
		for _, one := range areas.Chain(d) {
			around = append(around, one.Code)
		}
	}
	on := func(d, from, to *calendar.Date) bool {
		return (from == nil || d != nil && *d >= *from) && (to == nil || d != nil && *d <= *to)
	}
	return (f.Status == "" || f.Status == c.Status) && (f.Channel == "" || f.Channel == c.Channel) && (f.Matter == "" || f.Matter == matter) &&
		(f.Field == "" || f.Field == field) && (f.District == "" || slices.Contains(around, f.District)) &&
		on(&c.ReceivedOn, f.ReceivedFrom, f.ReceivedTo) && on(c.DueOn, f.DueFrom, f.DueTo)
}

func TestAFilteredListKeepsToItsScopeAndCountsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		lamps := w.file().CaseNo
		w.do(lamps, cases.Accept{}, cases.Dispatch{})
		water := w.file(func(f *cases.Filing) {
			f.MatterCode, f.Answers = "river-pollution", map[string]any{"happened_on": "2026-11-23"}
		}).CaseNo
		w.do(water, cases.Accept{}, cases.Dispatch{})
		every := cases.Filter{View: cases.ViewEvery, Facets: true, Broad: true}
		list := func(ctx context.Context, f cases.Filter) ([]string, *cases.Facets) {
			page, err := w.Queue(ctx, f)
			require.NoError(t, err)
			var numbers []string
			for _, it := range page.Items {
				numbers = append(numbers, it.CaseNo)
			}
			return numbers, page.Facets
		}
		got, facets := list(w.staff("handler", "CG03"), every)
		require.Equal(t, []string{lamps}, got)
		require.Equal(t, map[cases.Status]int{cases.Dispatched: 1}, facets.Status)
		require.Equal(t, map[string]int{cases.ChannelWeb: 1}, facets.Channel)
		every.Matter = "river-pollution"
		got, facets = list(w.staff("handler", "CG03"), every)
		require.Empty(t, got)
		require.Zero(t, facets.Of)
		every.Matter = ""
		got, facets = list(w.staff("dispatcher", "LJ"), every)
		require.Equal(t, []string{water, lamps}, got)
		require.Len(t, facets.Matter, 2)
		every.UnitCode = "CG"
		got, _ = list(w.staff("dispatcher", "LJ"), every)
		require.Equal(t, []string{lamps}, got)
		w.indexed()
		got, facets = list(w.staff("dispatcher", "LJ"), cases.Filter{Query: "路燈", Narrowing: cases.Narrowing{Channel: cases.ChannelWeb, Matter: "street-light"}, Facets: true, Broad: true})
		require.Equal(t, []string{lamps}, got, "with words")
		require.Len(t, facets.District, 1)
		got, _ = list(w.staff("dispatcher", "LJ"), cases.Filter{Query: "路燈", Narrowing: cases.Narrowing{ReceivedTo: day(t, "2020-01-01")}})
		require.Empty(t, got)
	})
}

func TestAFilterNamesWhatThereIsNoneOf(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	for _, view := range []string{cases.ViewEvery, cases.ViewOpen} {
		_, err := w.Queue(w.system(), cases.Filter{View: view, Narrowing: cases.Narrowing{Matter: "x", Field: "x", District: "x", Channel: "x",
			ReceivedFrom: day(t, "2026-02-02"), ReceivedTo: day(t, "2026-02-01"), DueFrom: day(t, "2026-02-02"), DueTo: day(t, "2026-02-01")}})
		e, _ := fault.As(err)
		require.NotNil(t, e)
		var names []string
		for _, f := range e.Fields {
			names = append(names, f.Name)
		}
		require.Equal(t, []string{"matter", "field", "district", "channel", "received_to", "due_to"}, names)
	}
	_, err := w.Queue(w.system(), cases.Filter{View: cases.ViewEvery, Cursor: db.EncodeCursor("'; DROP TABLE cases")})
	require.Equal(t, fault.Invalid, fault.KindOf(err))
}
