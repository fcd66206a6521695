package permittypes_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/demo"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/permittypes"
	"minqing/internal/place"
)

type town struct {
	*permittypes.Service
	db  *db.DB
	now time.Time
}

func newTown(t *testing.T, d *db.DB) *town {
	t.Helper()
	w := &town{db: d, now: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	trail := audit.New(d, clock)
	cat, places := catalogue.New(d, trail, clock), place.New(d, trail, clock)
	w.Service = permittypes.New(d, trail, cat, time.FixedZone("CST", 8*3600), clock)
	city := demo.New(cat, places)
	city.Permits = w.Service
	require.NoError(t, city.LoadCity(actor.AsSystem(t.Context(), "test")))
	require.NoError(t, city.LoadCity(actor.AsSystem(t.Context(), "test")))
	return w
}

// staff is an account of its own.
func (w *town) staff(t *testing.T) context.Context {
	t.Helper()
	id, key, tx := db.NewID(w.now), db.NewID(w.now), w.db.From(t.Context())
	require.NoError(t, tx.Exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'account', 'aes256gcm', 'k1', ?)", key, w.now).Error)
	require.NoError(t, tx.Exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, 'zh-Hant', 'active', 'k1', ?)`, id, []byte(id), key, []byte{1}, w.now).Error)
	return actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: id})
}

func bundle(t *testing.T) *i18n.Bundle {
	t.Helper()
	b, err := i18ntest.Words()
	require.NoError(t, err)
	return b
}

func TestTheCityHasItsPermitTypesOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		types, err := w.Types(t.Context())
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(types), 10)
		known := map[string]bool{}
		for _, one := range types {
			known[one.Code] = true
			require.EqualValues(t, 1, one.Version, one.Code)
		}
		words := bundle(t)
		for _, one := range types {
			for _, o := range one.Guide.Outcomes {
				for _, need := range o.Needs {
					require.True(t, known[need], "%s leads to %s", one.Code, need)
				}
			}
			text, err := one.Text()
			require.NoError(t, err)
			again, err := permittypes.Read(strings.NewReader(text))
			require.NoError(t, err, one.Code)
			diff, err := compare(&one, again)
			require.NoError(t, err)
			require.Empty(t, diff, one.Code)
			for _, m := range one.Materials {
				for _, l := range i18n.Langs {
					require.Equal(t, m.If == "", one.InWords(m.If, words, l) == "", m.Code)
				}
			}
		}
	})
}

func TestTheChecklistFollowsTheAnswers(t *testing.T) {
	types, err := demo.PermitTypes()
	require.NoError(t, err)
	for _, one := range types {
		if one.Code != "food-business" {
			continue
		}
		codes := func(answers map[string]any) string {
			var list []string
			for _, m := range one.Needed(answers) {
				list = append(list, m.Code)
			}
			return strings.Join(list, " ")
		}
		require.Equal(t, "company premises layout health-certificates", codes(map[string]any{"form": "shop", "area": 900.0}))
		require.Equal(t, "company premises layout health-certificates fume-plan", codes(map[string]any{"form": "restaurant", "cooking": true, "cold_dishes": false, "area": 80.0}))
		require.Equal(t, "company premises layout health-certificates cold-room safety-manager", codes(map[string]any{"form": "canteen", "cooking": false, "cold_dishes": true, "area": 500.0}))
		require.Equal(t, "Only if you cook on site", one.InWords("cooking", bundle(t), i18n.En))
		require.Equal(t, "Only if you run a central kitchen or (you run a canteen and the premises have 500 square metres or more)",
			one.InWords("form is kitchen or (form is canteen and area >= 500)", bundle(t), i18n.En))
		require.Equal(t, "Only if “What kind of business is it?” is answered “Food shop”", one.InWords("form is shop", bundle(t), i18n.En))
		return
	}
	t.Fatal("the city has no food business")
}

func TestAVersionTakesTwoPeopleAndMovesNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		first, second := w.staff(t), w.staff(t)
		before, err := w.Type(first, "outdoor-sign")
		require.NoError(t, err)
		text, err := before.Text()
		require.NoError(t, err)
		text = strings.Replace(text, "promised: 8wd", "promised: 6wd", 1)
		_, err = w.SaveDraft(first, "outdoor-sign", text, 0)
		require.NoError(t, err)
		_, err = w.SaveDraft(second, "outdoor-sign", text, 0)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "two began at once")

		p := permittypes.Publication{Code: "outdoor-sign", Seen: 1, From: "2026-03-10", Reason: "faster"}
		err = w.Publish(first, p)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "who wrote it does not publish it")
		late := p
		late.Seen = 2
		require.Equal(t, fault.Conflict, fault.KindOf(w.Publish(second, late)))
		early := p
		early.From = "2026-03-01"
		require.Equal(t, fault.Invalid, fault.KindOf(w.Publish(second, early)))
		require.NoError(t, w.Publish(second, p))
		require.Equal(t, fault.Conflict, fault.KindOf(w.Publish(second, p)), "published twice")

		now, err := w.Type(first, "outdoor-sign")
		require.NoError(t, err)
		require.EqualValues(t, 1, now.Version, "its day has not come")
		w.now = time.Date(2026, 3, 9, 16, 0, 0, 0, time.UTC) // 10 March, 00:00 in the city
		now, err = w.Type(first, "outdoor-sign")
		require.NoError(t, err)
		require.EqualValues(t, 2, now.Version)
		require.Equal(t, "6wd", now.Promised.String())
		old, err := w.Version(first, "outdoor-sign", 1)
		require.NoError(t, err)
		require.Equal(t, "8wd", old.Promised.String(), "who applied before stays on it")
		diff, err := compare(old, now)
		require.NoError(t, err)
		require.Equal(t, []difference{{Path: "promised", Before: "8wd", After: "6wd"}}, diff)
		var entries int
		require.NoError(t, d.From(first).Raw("SELECT count(*) FROM audit_entries WHERE action = 'permit_type.published' AND object_id = 'outdoor-sign'").Scan(&entries).Error)
		require.Equal(t, 2, entries)
		edited, err := w.Editions(first, "outdoor-sign")
		require.NoError(t, err)
		require.Len(t, edited, 2)
	})
}

// beginning asks, besides, in words for the day on which the permit would begin.
func beginning(t *testing.T, x *permittypes.Type) catalogue.Schema {
	list, err := catalogue.QuestionsOf(x.Questions)
	require.NoError(t, err)
	title := i18n.Text{i18n.ZhHant: "何時", i18n.ZhHans: "何时", i18n.En: "When"}
	q, err := catalogue.SchemaOf(append(list, catalogue.Question{Name: permittypes.EventBegins, Type: catalogue.QuestionText, Title: title}))
	require.NoError(t, err)
	return q
}

func TestWhatIsWrongIsNamedBeforePublication(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	good, err := w.Type(t.Context(), "food-business")
	require.NoError(t, err)
	for field, spoil := range map[string]func(*permittypes.Type){
		"material.fume-plan.if": func(x *permittypes.Type) { x.Materials[4].If = "coking" },
		"material.layout.name":  func(x *permittypes.Type) { x.Materials[2].Name = i18n.Text{i18n.En: "Plan"} },
		"completeness":          func(x *permittypes.Type) { x.Completeness = limit(t, "6wd") },
		"issue":                 func(x *permittypes.Type) { x.Issue = limit(t, "10d") },
		"promised":              func(x *permittypes.Type) { x.Promised = limit(t, "21wd") },
		"guide.food":            func(x *permittypes.Type) { x.Guide.Questions[0].Yes = "lost" },
		"matter":                func(x *permittypes.Type) { x.MatterCode = "street-light" },
		"opinion.1.unit":        func(x *permittypes.Type) { x.Opinions[0].UnitCode = "ZZ" },
		"validity":              func(x *permittypes.Type) { x.Validity = "event" },
		"question.begins":       func(x *permittypes.Type) { x.Questions = beginning(t, x) },
		"checklist":             func(x *permittypes.Type) { x.Inspection = false },
		"audience":              func(x *permittypes.Type) { x.Audience = nil },
		"renewal_window":        func(x *permittypes.Type) { x.Validity = "" },
		"extension":             func(x *permittypes.Type) { x.Extension = limit(t, "15wd") },
	} {
		text, err := good.Text()
		require.NoError(t, err)
		x, err := permittypes.Typed(text)
		require.NoError(t, err)
		spoil(x)
		e, ok := fault.As(w.Check(t.Context(), x))
		require.True(t, ok, field)
		require.Equal(t, field, e.Fields[0].Name)
	}
}

// Art. 43: a lower authority examines for twenty working days at most.
func TestALowerAuthorityHasTwentyDaysAtMost(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	one, err := w.Type(t.Context(), "food-business")
	require.NoError(t, err)
	for l, sound := range map[string]bool{"20wd": true, "21wd": false, "20d": false} {
		x := *one
		x.Opinions = []permittypes.Opinion{{UnitCode: "CG02", Limit: limit(t, l), Preliminary: true}}
		err := w.Check(t.Context(), &x)
		if sound {
			require.NoError(t, err)
			continue
		}
		e, ok := fault.As(err)
		require.True(t, ok, l)
		require.Equal(t, "opinion.1.limit", e.Fields[0].Name, l)
		x.Opinions[0].Preliminary = false
		require.NoError(t, w.Check(t.Context(), &x), "an opinion has as long as the type says")
	}
}

// Art. 42 of the Administrative Licensing Law: one authority may extend by ten working
// days, fifteen are for what several handle together, whose limit is longer than twenty.
func TestAnExtensionIsAsLongAsTheLawAllows(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	one, err := w.Type(t.Context(), "food-business")
	require.NoError(t, err)
	for _, c := range []struct {
		statutory, extension string
		sound                bool
	}{{"20wd", "10wd", true}, {"20wd", "11wd", false}, {"20wd", "15wd", false}, {"45wd", "15wd", true}, {"21wd", "15wd", true}, {"45wd", "16wd", false},
		{"45d", "15wd", false}, {"20wd", "10d", false}} {
		x := *one
		x.Statutory, x.Extension = limit(t, c.statutory), limit(t, c.extension)
		x.Promised = x.Statutory
		err := w.Check(t.Context(), &x)
		if c.sound {
			require.NoError(t, err, "%+v", c)
			require.Equal(t, x.Extension.Number(), x.ExtensionMost())
			continue
		}
		e, ok := fault.As(err)
		require.True(t, ok, "%+v", c)
		require.Equal(t, "extension", e.Fields[0].Name, "%+v", c)
	}
}

func limit(t *testing.T, text string) calendar.Limit {
	l, err := calendar.ParseLimit(text)
	require.NoError(t, err)
	return l
}

func FuzzTyped(f *testing.F) {
	types, err := demo.PermitTypes()
	require.NoError(f, err)
	text, err := types[0].Text()
	require.NoError(f, err)
	f.Add(text)
	f.Add("code: x\nguide: [")
	f.Fuzz(func(t *testing.T, text string) {
		one, err := permittypes.Typed(text)
		if err != nil {
			require.Equal(t, fault.Invalid, fault.KindOf(err))
			return
		}
		one.Needed(map[string]any{"cooking": true})
		one.Guide.Walk("ynyn")
	})
}

// Writing a draft on forms never touches the version in force: it is shared by all who
// read it.
func TestADraftIsWrittenOnACopy(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	before, err := w.Type(t.Context(), "tree-felling")
	require.NoError(t, err)
	said, err := before.Text()
	require.NoError(t, err)
	for _, open := range []func() (*permittypes.File, error){
		func() (*permittypes.File, error) { f, _, err := w.Working(t.Context(), "tree-felling"); return f, err },
		func() (*permittypes.File, error) { return w.VersionFile(t.Context(), "tree-felling", 1) },
	} {
		f, err := open()
		require.NoError(t, err)
		require.EqualValues(t, 1, f.Version)
		f.Materials[0].If, f.Materials[1].Name[i18n.En] = "old", "Altered"
		f.Fees[0].Amount++
		f.Guide.Outcomes[0].Needs = append(f.Guide.Outcomes[0].Needs, "x")
		f.Guide.Questions[0].Yes = "x"
		f.Ask[0].Required = false
		f.Audience[0], f.Facts[0], f.Checklist[0].If = "x", "x", "x"
		after, err := w.Type(t.Context(), "tree-felling")
		require.NoError(t, err)
		says, err := after.Text()
		require.NoError(t, err)
		require.Equal(t, said, says)
	}
}
