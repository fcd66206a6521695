package routing_test

import (
	"context"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/place"
	"minqing/internal/routing"
)

const today = calendar.Date(20514)

var yesterday = today - 1

func name(s string) i18n.Text { return i18n.Text{i18n.ZhHant: s, i18n.ZhHans: s, i18n.En: s} }

func life(code string) catalogue.Life { return catalogue.Life{Code: code} }

// town has a bureau with a section, a district with a bureau, and a hotline.
func town() catalogue.Content {
	section := func(code, parent, duty string) catalogue.UnitDef {
		return catalogue.UnitDef{Life: life(code), Name: name(code), Parent: parent, Kind: catalogue.UnitSection, Duty: duty}
	}
	limit, _ := calendar.ParseLimit("5wd")
	matter := func(code, unit string) catalogue.MatterDef {
		return catalogue.MatterDef{Life: life(code), Field: "road", Unit: unit, Name: name(code), Track: catalogue.TrackHotline,
			Kinds: catalogue.Codes{"complaint"}, HandlingLimit: limit}
	}
	return catalogue.Content{
		ValidFrom: today - 100,
		Units: []catalogue.UnitDef{
			{Life: life("C"), Name: name("C"), Kind: catalogue.UnitCity},
			{Life: life("B"), Name: name("B"), Parent: "C", Kind: catalogue.UnitBureau}, section("B1", "B", ""),
			{Life: life("H"), Name: name("H"), Parent: "C", Kind: catalogue.UnitCentre},
			section("H1", "H", catalogue.DutyIntake), section("H2", "H", catalogue.DutySupervision),
			{Life: life("G"), Name: name("G"), Parent: "C", Kind: catalogue.UnitBureau}, section("G1", "G", catalogue.DutyOversight),
			{Life: life("D"), Name: name("D"), Parent: "C", Kind: catalogue.UnitDistrict, District: "D"},
			{Life: life("DB"), Name: name("DB"), Parent: "D", Kind: catalogue.UnitBureau, Duty: "road", District: "D"},
			{Life: life("S"), Name: name("S"), Parent: "D", Kind: catalogue.UnitSubdistrict, District: "D1"},
		},
		Fields:  []catalogue.FieldDef{{Life: life("road"), Name: name("road")}},
		Matters: []catalogue.MatterDef{matter("hole", "B1"), matter("lamp", "B1"), matter("clean", "B1"), matter("staff", "H1")},
		Rules: []catalogue.RuleDef{
			{Life: life("hole.1"), Priority: 20, Matter: "hole", TargetKind: catalogue.UnitBureau, TargetDuty: "road", Reason: name("{matter} {district} {unit}")},
			{Life: life("hole.2"), Priority: 10, Matter: "hole", Unit: "B1", Reason: name("{unit}")},
			{Life: life("clean"), Priority: 10, Matter: "clean", TargetKind: catalogue.UnitSubdistrict, Reason: name("near")},
			{Life: life("praise"), Priority: 90, Kind: "compliment", Unit: "H1", Reason: name("praise")},
			{Life: catalogue.Life{Code: "old", ValidTo: &yesterday}, Priority: 99, Matter: "lamp", Unit: "S", Reason: name("old")},
		},
	}
}

func set(t *testing.T) (*catalogue.Snapshot, *place.Map) {
	t.Helper()
	d := dbtest.New(t)
	ctx := actor.AsSystem(context.Background(), "test")
	trail := audit.New(d, time.Now)
	places, units := place.New(d, trail, time.Now), catalogue.New(d, trail, time.Now)
	square := func(west float64) place.Shape {
		return place.Shape{MultiPolygon: orb.MultiPolygon{{{{west, 0}, {west + 1, 0}, {west + 1, 1}, {west, 1}, {west, 0}}}}}
	}
	_, err := places.Load(ctx, "test", today-100, []place.DistrictDef{
		{Code: "D", Level: place.Borough, Name: name("D"), Shape: square(0)},
		{Code: "E", Level: place.Borough, Name: name("E"), Shape: square(1)},
		{Code: "D1", Parent: "D", Level: place.Subdistrict, Name: name("D1"), Shape: square(0)},
	})
	require.NoError(t, err)
	_, err = units.Load(ctx, town())
	require.NoError(t, err)
	m, err := places.Map(ctx)
	require.NoError(t, err)
	snap, err := units.Snapshot(ctx)
	require.NoError(t, err)
	return snap, m
}

func TestFactsDecideTheUnit(t *testing.T) {
	snap, m := set(t)
	for why, c := range map[string]struct {
		facts          routing.Facts
		unit, rule     string
		fallback, away bool
	}{
		"the district's bureau":            {facts: routing.Facts{MatterID: "hole", DistrictID: "D1"}, unit: "DB", rule: "hole.1"},
		"no such bureau in this district":  {facts: routing.Facts{MatterID: "hole", DistrictID: "E"}, unit: "B1", rule: "hole.2"},
		"nobody said where":                {facts: routing.Facts{MatterID: "hole"}, unit: "B1", rule: "hole.2"},
		"the sub-district itself":          {facts: routing.Facts{MatterID: "clean", DistrictID: "D1"}, unit: "S", rule: "clean"},
		"no rule: the matter's own unit":   {facts: routing.Facts{MatterID: "lamp", DistrictID: "D1"}, unit: "B1", fallback: true},
		"no matter: the intake desk":       {facts: routing.Facts{DistrictID: "D1"}, unit: "H1", fallback: true},
		"an unknown matter":                {facts: routing.Facts{MatterID: "ghost"}, unit: "H1", fallback: true},
		"a rule for a kind comes first":    {facts: routing.Facts{MatterID: "hole", Kind: "compliment", DistrictID: "D1"}, unit: "H1", rule: "praise"},
		"about the section, to its bureau": {facts: routing.Facts{MatterID: "hole", Kind: "complaint", SubjectUnitID: "B1"}, unit: "B", rule: "hole.2", away: true},
		"about the bureau, to supervision": {facts: routing.Facts{MatterID: "hole", Kind: "complaint", SubjectUnitID: "B"}, unit: "H2", rule: "hole.2", away: true},
		"about the hotline, to oversight":  {facts: routing.Facts{MatterID: "staff", Kind: "report", SubjectUnitID: "H"}, unit: "G1", fallback: true, away: true},
		"about a district's bureau":        {facts: routing.Facts{MatterID: "hole", Kind: "complaint", SubjectUnitID: "DB", DistrictID: "D1"}, unit: "D", rule: "hole.1", away: true},
		"about the whole government":       {facts: routing.Facts{MatterID: "hole", Kind: "complaint", SubjectUnitID: "C"}, unit: "G1", rule: "hole.2", away: true},
		"about someone else":               {facts: routing.Facts{MatterID: "hole", Kind: "complaint", SubjectUnitID: "S"}, unit: "B1", rule: "hole.2"},
		"an enquiry may go to its subject": {facts: routing.Facts{MatterID: "hole", Kind: "enquiry", SubjectUnitID: "B1"}, unit: "B1", rule: "hole.2"},
	} {
		t.Run(why, func(t *testing.T) {
			c.facts.Day = today
			got, err := routing.Decide(snap, m, c.facts)
			require.NoError(t, err)
			require.Equal(t, c.unit, got.UnitCode)
			require.Equal(t, c.rule, got.RuleCode)
			require.Equal(t, c.fallback, got.Fallback)
			require.Equal(t, c.away, got.Diverted)
			require.NotEmpty(t, got.Notes)
		})
	}
}

func TestTheReasonNamesMatterPlaceAndUnit(t *testing.T) {
	snap, m := set(t)
	got, err := routing.Decide(snap, m, routing.Facts{MatterID: "hole", DistrictID: "D1", Day: today})
	require.NoError(t, err)
	require.Equal(t, "hole D1 DB", got.Reason.In(i18n.En))
	require.EqualValues(t, 1, got.RuleVersion)
}

func TestACaseNeverReachesTheUnitThatItComplainsAbout(t *testing.T) {
	snap, m := set(t)
	for _, subject := range snap.Units {
		for _, matter := range snap.Matters {
			for _, where := range []string{"", "D", "D1", "E"} {
				got, err := routing.Decide(snap, m, routing.Facts{
					MatterID: matter.Code, Kind: "complaint", DistrictID: where, SubjectUnitID: subject.Code, Day: today,
				})
				if subject.ParentID == nil {
					continue // a complaint about the whole government stays inside it
				}
				require.NoError(t, err)
				unit, err := snap.Unit(got.UnitID)
				require.NoError(t, err)
				require.False(t, unit.Within(subject), "%s about %s in %q went to %s", matter.Code, subject.Code, where, unit.Code)
			}
		}
	}
}

func TestAnEmptyCatalogueDecidesNothing(t *testing.T) {
	d := dbtest.New(t)
	trail := audit.New(d, time.Now)
	snap, err := catalogue.New(d, trail, time.Now).Snapshot(context.Background())
	require.NoError(t, err)
	m, err := place.New(d, trail, time.Now).Map(context.Background())
	require.NoError(t, err)
	_, err = routing.Decide(snap, m, routing.Facts{Day: today})
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
}
