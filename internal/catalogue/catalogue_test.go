package catalogue_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

var start = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

const today = calendar.Date(20514) // 2026-03-02

func name(s string) i18n.Text { return i18n.Text{i18n.ZhHant: s, i18n.ZhHans: s, i18n.En: s} }

func limit(t testing.TB, s string) calendar.Limit {
	l, err := calendar.ParseLimit(s)
	require.NoError(t, err)
	return l
}

// small is a catalogue of a few items, enough to see every relation.
func small(t testing.TB) catalogue.Content {
	life := func(code string) catalogue.Life { return catalogue.Life{Code: code} }
	return catalogue.Content{
		Source: "test", ValidFrom: today - 400,
		Units: []catalogue.UnitDef{ // a child stands before its parent on purpose
			{Life: life("CG01"), Name: name("路燈科"), Parent: "CG", Kind: catalogue.UnitSection},
			{Life: life("LJ"), Name: name("臨江市"), Kind: catalogue.UnitCity, Zone: "Asia/Shanghai", Calendar: "CN", LegalProfile: "prc",
				OfficeHours: catalogue.OfficeHours{{From: 9 * 3600, To: 12 * 3600}}},
			{Life: life("CG"), Name: name("城管局"), Parent: "LJ", Kind: catalogue.UnitBureau},
			{Life: life("CGX"), Name: name("另一局"), Parent: "LJ", Kind: catalogue.UnitBureau, Calendar: "TW"},
		},
		Fields: []catalogue.FieldDef{{Life: life("road"), Name: name("道路"), Position: 1}},
		Matters: []catalogue.MatterDef{{
			Life: life("street-light"), Field: "road", Unit: "CG01", Track: catalogue.TrackHotline,
			Name:     i18n.Text{i18n.ZhHant: "路燈不亮", i18n.ZhHans: "路灯不亮", i18n.En: "Street light out"},
			Keywords: catalogue.Words{i18n.ZhHans: {"没有灯", "黑漆漆"}, i18n.En: {"dark street"}},
			Kinds:    catalogue.Codes{"complaint", "help_request"}, HandlingLimit: limit(t, "5wd"),
			Questions: questions,
		}},
		Situations: []catalogue.SituationDef{{Life: life("move"), Name: name("搬家"), Matters: catalogue.Codes{"street-light"}}},
		Rules:      []catalogue.RuleDef{{Life: life("r1"), Priority: 10, Matter: "street-light", Unit: "CG01", Reason: name("照目錄")}},
	}
}

func service(d *db.DB) *catalogue.Service {
	now := func() time.Time { return start }
	return catalogue.New(d, audit.New(d, now), now)
}

func loaded(t *testing.T, d *db.DB) (*catalogue.Service, *catalogue.Snapshot) {
	s := service(d)
	_, err := s.Load(system(), small(t))
	require.NoError(t, err)
	snap, err := s.Snapshot(context.Background())
	require.NoError(t, err)
	return s, snap
}

func system() context.Context { return actor.AsSystem(context.Background(), "test") }

func TestLoadingTwiceChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		first, err := s.Load(system(), small(t))
		require.NoError(t, err)
		require.Equal(t, map[string]int{"unit": 4, "field": 1, "matter": 1, "situation": 1, "rule": 1}, first.Added)
		second, err := s.Load(system(), small(t))
		require.NoError(t, err)
		require.False(t, second.Any(), "%v", second)
		var entries int64
		require.NoError(t, d.From(context.Background()).Table("audit_entries").Where("action = ?", "catalogue.loaded").Count(&entries).Error)
		require.EqualValues(t, 1, entries)
	})
}

func TestAChangedMatterKeepsWhatItSaidBefore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, before := loaded(t, d)
		old, err := before.Matter("street-light")
		require.NoError(t, err)
		content := small(t)
		content.Matters[0].HandlingLimit = limit(t, "3wd")
		changes, err := s.Load(system(), content)
		require.NoError(t, err)
		require.Equal(t, map[string]int{"matter": 1}, changes.Changed)

		after, err := s.Snapshot(context.Background())
		require.NoError(t, err)
		m, err := after.Matter("street-light")
		require.NoError(t, err)
		require.Equal(t, "3wd", m.HandlingLimit.String())
		require.Equal(t, old.ID, m.ID)
		require.EqualValues(t, 2, m.Version)
		was, err := s.MatterVersion(context.Background(), m.ID, 1)
		require.NoError(t, err)
		require.Equal(t, "5wd", was.HandlingLimit.String())
		_, err = s.MatterVersion(context.Background(), m.ID, 7)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		asked, err := after.Questions(was)
		require.NoError(t, err)
		require.Len(t, asked, len(questions))
	})
}

func TestTheUnitTreeInherits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		_, snap := loaded(t, d)
		lamp, err := snap.Unit("CG01")
		require.NoError(t, err)
		require.Equal(t, "LJ/CG/CG01/", lamp.Path)
		require.Equal(t, "CN", snap.Calendar(lamp))
		require.Equal(t, "Asia/Shanghai", snap.Zone(lamp))
		require.Equal(t, "prc", snap.LegalProfile(lamp))
		require.Len(t, snap.OfficeHours(lamp), 1)
		other, _ := snap.Unit("CGX")
		require.Equal(t, "TW", snap.Calendar(other))
		bureau, _ := snap.Unit("CG")
		require.Equal(t, []*catalogue.Unit{lamp}, snap.Descendants(bureau), "CGX/ is not below CG/")
		require.Equal(t, "LJ", snap.Root().Code)
		require.Len(t, snap.Ancestors(lamp), 2)
		require.True(t, lamp.Within(bureau))
		require.False(t, other.Within(bureau))
	})
}

func TestAMovedUnitTakesItsSectionsAlong(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := loaded(t, d)
		content := small(t)
		content.Units = []catalogue.UnitDef{{Life: catalogue.Life{Code: "CG"}, Name: name("城管局"), Parent: "CGX", Kind: catalogue.UnitBureau}}
		_, err := s.Load(system(), content)
		require.NoError(t, err)
		snap, err := s.Snapshot(context.Background())
		require.NoError(t, err)
		lamp, _ := snap.Unit("CG01")
		require.Equal(t, "LJ/CGX/CG/CG01/", lamp.Path)

		content.Units[0].Parent = "CG01"
		_, err = s.Load(system(), content)
		require.Equal(t, fault.Invalid, fault.KindOf(err), "a unit below itself")
	})
}

func TestABadContentIsRefusedWholly(t *testing.T) {
	d := dbtest.New(t)
	s := service(d)
	content := small(t)
	content.Matters[0].Field = "nowhere"
	_, err := s.Load(system(), content)
	require.Equal(t, fault.Invalid, fault.KindOf(err))
	snap, err := s.Snapshot(context.Background())
	require.NoError(t, err)
	require.Empty(t, snap.Units)
	require.Nil(t, snap.Root())
}

func TestWhatATransactionUndoesIsNeverShared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := loaded(t, d)
		undo := errors.New("undo")
		err := d.Tx(system(), func(ctx context.Context) error {
			_, err := s.EnsureUnit(ctx, catalogue.UnitDef{
				Life: catalogue.Life{Code: "IMP"}, Name: name("匯入"), Parent: "LJ", Kind: catalogue.UnitSection,
			}, small(t))
			require.NoError(t, err)
			own, err := s.Snapshot(ctx)
			require.NoError(t, err)
			_, err = own.Unit("IMP")
			require.NoError(t, err, "the transaction sees its own unit")
			return undo
		})
		require.ErrorIs(t, err, undo)
		snap, err := s.Snapshot(context.Background())
		require.NoError(t, err)
		_, err = snap.Unit("IMP")
		require.Equal(t, fault.NotFound, fault.KindOf(err))
	})
}

func TestEnsureAddsOnceAndLeavesAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := loaded(t, d)
		def := catalogue.UnitDef{Life: catalogue.Life{Code: "IMP"}, Name: name("匯入"), Parent: "LJ", Kind: catalogue.UnitSection}
		first, err := s.EnsureUnit(system(), def, small(t))
		require.NoError(t, err)
		def.Name = name("別名")
		second, err := s.EnsureUnit(system(), def, small(t))
		require.NoError(t, err)
		require.Equal(t, first.ID, second.ID)
		require.Equal(t, name("匯入"), second.Name)
		_, err = s.EnsureField(system(), catalogue.FieldDef{Life: catalogue.Life{Code: "imported"}, Name: name("匯入")}, small(t))
		require.NoError(t, err)
		m, err := s.EnsureMatter(system(), catalogue.MatterDef{
			Life: catalogue.Life{Code: "imported-x"}, Field: "imported", Name: i18n.Text{i18n.En: "Pothole"},
			Kinds: catalogue.Codes{"help_request"}, Track: catalogue.TrackHotline, HandlingLimit: limit(t, "5wd"), Unit: "IMP",
		}, small(t))
		require.NoError(t, err)
		snap, err := s.Snapshot(context.Background())
		require.NoError(t, err)
		found, err := snap.Matter(m.ID)
		require.NoError(t, err)
		require.Equal(t, "Pothole", found.Name.In(i18n.ZhHant))
	})
}

func TestAnotherNodeSeesAChangeWithinASecond(t *testing.T) {
	d := dbtest.New(t)
	here := service(d)
	at := start
	there := catalogue.New(d, audit.New(d, time.Now), func() time.Time { return at })
	snap, err := there.Snapshot(context.Background())
	require.NoError(t, err)
	require.Empty(t, snap.Units)
	_, err = here.Load(system(), small(t))
	require.NoError(t, err)
	at = at.Add(time.Second)
	snap, err = there.Snapshot(context.Background())
	require.NoError(t, err)
	require.Len(t, snap.Units, 4)
}

func TestAMatterThatEndedLeadsToItsSuccessor(t *testing.T) {
	d := dbtest.New(t)
	s := service(d)
	content := small(t)
	content.Matters = append(content.Matters, content.Matters[0])
	from, to := today, today-1
	content.Matters[1].Life = catalogue.Life{Code: "lighting", ValidFrom: &from}
	content.Matters[0].Life = catalogue.Life{Code: "street-light", ValidTo: &to, Successor: "lighting"}
	_, err := s.Load(system(), content)
	require.NoError(t, err)
	snap, err := s.Snapshot(context.Background())
	require.NoError(t, err)
	m, err := snap.MatterOn("street-light", today)
	require.NoError(t, err)
	require.Equal(t, "lighting", m.Code)
	m, err = snap.MatterOn("street-light", today-1)
	require.NoError(t, err)
	require.Equal(t, "street-light", m.Code)
	_, err = snap.MatterOn("lighting", today-1)
	require.Equal(t, fault.NotFound, fault.KindOf(err), "not yet in force")
}

func TestACalendarYearIsKeptByVersion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		year := catalogue.CalendarYear{Code: "CN", Year: 2027, Content: `{"file":"extends = \"CN\"\nversion = \"2027.1\"\nsource = \"test\""}`, Source: "gazette"}
		for _, want := range []bool{true, false} {
			changed, err := s.SaveCalendarYear(system(), year)
			require.NoError(t, err)
			require.Equal(t, want, changed)
		}
		year.Content = `{"file":"extends = \"CN\"\nversion = \"2027.2\"\nsource = \"test\""}`
		changed, err := s.SaveCalendarYear(system(), year)
		require.NoError(t, err)
		require.True(t, changed)
		years, err := s.CalendarYears(context.Background(), "CN")
		require.NoError(t, err)
		require.Len(t, years, 1)
		require.EqualValues(t, 2, years[0].Version)
		require.JSONEq(t, year.Content, years[0].Content)
		year.Content = `{"file":"nonsense"}`
		_, err = s.SaveCalendarYear(system(), year)
		require.Error(t, err, "what cannot be read is not kept")
	})
}

func TestAnImportedCalendarIsSeenAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		_, err := s.Snapshot(context.Background())
		require.NoError(t, err)
		file := "extends = \"CN\"\nversion = \"2027.1\"\nsource = \"Example only\"\n[[year]]\nyear = 2027\nsource = \"Example only\"\n"
		code, years, changed, err := s.ImportCalendar(system(), file)
		require.NoError(t, err)
		require.True(t, changed)
		require.Equal(t, "CN", code)
		require.Equal(t, []int{2027}, years)
		_, _, changed, err = s.ImportCalendar(system(), file)
		require.NoError(t, err)
		require.False(t, changed, "twice is once")
		snap, err := s.Snapshot(context.Background())
		require.NoError(t, err)
		require.Len(t, snap.Published("CN"), 1)
		_, _, _, err = s.ImportCalendar(system(), "extends = \"CN\"")
		require.Error(t, err)
	})
}
