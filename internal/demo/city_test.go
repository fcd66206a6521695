package demo_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/demo"
	"minqing/internal/i18n"
	"minqing/internal/place"
	"minqing/internal/routing"
)

var today = calendar.NewDate(2026, 3, 2)

func load(t *testing.T, d *db.DB) (*catalogue.Snapshot, *place.Map) {
	t.Helper()
	ctx := actor.AsSystem(context.Background(), "test")
	trail := audit.New(d, time.Now)
	c, p := catalogue.New(d, trail, time.Now), place.New(d, trail, time.Now)
	s := demo.New(c, p)
	require.NoError(t, s.LoadCity(ctx))
	snap, err := c.Snapshot(ctx)
	require.NoError(t, err)
	require.NoError(t, s.LoadCity(ctx))
	again, err := c.Snapshot(ctx)
	require.NoError(t, err)
	require.Equal(t, snap.Revision, again.Revision, "loading twice changes nothing")
	m, err := p.Map(ctx)
	require.NoError(t, err)
	return snap, m
}

func TestTheCityIsAsLargeAsPromised(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		snap, m := load(t, d)
		count := map[catalogue.UnitKind]int{}
		for _, u := range snap.Units {
			count[u.Kind]++
		}
		require.Len(t, m.At(place.Borough, "", today), 8)
		require.GreaterOrEqual(t, len(m.At(place.Subdistrict, "", today)), 40)
		require.GreaterOrEqual(t, count[catalogue.UnitBureau], 24)
		require.GreaterOrEqual(t, len(snap.Units), 150)
		require.GreaterOrEqual(t, len(snap.Matters), 60)
		require.GreaterOrEqual(t, len(snap.Fields), 12)
		require.GreaterOrEqual(t, len(snap.Situations), 8)
		urgent, asked := 0, 0
		for _, matter := range snap.Matters {
			if matter.Urgent {
				urgent++
				require.Equal(t, "2h", matter.HandlingLimit.String(), matter.Code)
			}
			questions, err := snap.Questions(matter)
			require.NoError(t, err)
			if len(questions) > 0 {
				asked++
			}
		}
		require.GreaterOrEqual(t, urgent, 3)
		require.Greater(t, asked, len(snap.Matters)/2)
	})
}

func TestEveryNameInTheCityIsInThreeLanguages(t *testing.T) {
	snap, m := load(t, dbtest.New(t))
	complete := func(texts map[string]i18n.Text) {
		for what, text := range texts {
			require.True(t, text.Complete(), "%s: %v", what, text)
		}
	}
	for _, d := range m.Districts {
		complete(map[string]i18n.Text{d.Code: d.Name})
	}
	for _, u := range snap.Units {
		complete(map[string]i18n.Text{u.Code: u.Name})
	}
	for _, f := range snap.Fields {
		complete(map[string]i18n.Text{f.Code: f.Name, f.Code + " summary": f.Summary})
	}
	for _, s := range snap.Situations {
		complete(map[string]i18n.Text{s.Code: s.Name, s.Code + " summary": s.Summary})
		require.Len(t, snap.SituationMatters(s, today), len(s.MatterCodes))
	}
	for _, r := range snap.Rules {
		complete(map[string]i18n.Text{r.Code: r.Reason})
	}
	for _, matter := range snap.Matters {
		complete(map[string]i18n.Text{matter.Code: matter.Name, matter.Code + " summary": matter.Summary, matter.Code + " guide": matter.Guide})
		for _, lang := range i18n.Langs {
			require.NotEmpty(t, matter.Keywords[lang], "%s %s", matter.Code, lang)
		}
		questions, err := snap.Questions(matter)
		require.NoError(t, err)
		for _, q := range questions {
			complete(map[string]i18n.Text{matter.Code + "." + q.Name: q.Title})
			if !q.Hint.Empty() {
				complete(map[string]i18n.Text{matter.Code + "." + q.Name + " hint": q.Hint})
			}
			for _, o := range q.Options {
				complete(map[string]i18n.Text{matter.Code + "." + q.Name + "." + o.Value: o.Label})
			}
		}
	}
}

func TestTheDistrictsTileTheCity(t *testing.T) {
	snap, m := load(t, dbtest.New(t))
	require.NotNil(t, snap.Root())
	city := m.At(place.City, "", today)[0]
	require.Len(t, city.Geometry.MultiPolygon, 1, "one piece")
	require.Len(t, city.Geometry.MultiPolygon[0], 1, "without a hole")
	for _, level := range []place.Level{place.Borough, place.Subdistrict} {
		areas := m.At(level, "", today)
		sum := 0.0
		for _, d := range areas {
			area := planar.Area(d.Geometry.MultiPolygon)
			require.Positive(t, area, "%s runs against the clock", d.Code)
			require.True(t, d.Geometry.Contains(orb.Point{d.CentreLng, d.CentreLat}), "the label of %s lies inside", d.Code)
			simple(t, d)
			sum += area
		}
		require.InEpsilon(t, planar.Area(city.Geometry.MultiPolygon), sum, 1e-9, "no gap and no overlap in area")
		random := rand.New(rand.NewPCG(1, 2))
		bound := city.Geometry.Bound()
		inside := 0
		for inside < 5000 {
			p := orb.Point{
				bound.Min[0] + random.Float64()*(bound.Max[0]-bound.Min[0]),
				bound.Min[1] + random.Float64()*(bound.Max[1]-bound.Min[1]),
			}
			homes := 0
			for _, d := range areas {
				if d.Geometry.Contains(p) {
					homes++
				}
			}
			if city.Geometry.Contains(p) {
				require.Equal(t, 1, homes, "%v", p)
				inside++
			} else {
				require.Zero(t, homes, "%v lies outside", p)
			}
		}
	}
}

// simple refuses a border that crosses itself.
func simple(t *testing.T, d *place.District) {
	t.Helper()
	ring := d.Geometry.MultiPolygon[0][0]
	side := func(a, b, p orb.Point) bool { return (b[0]-a[0])*(p[1]-a[1]) > (b[1]-a[1])*(p[0]-a[0]) }
	for i := 0; i+1 < len(ring); i++ {
		for j := i + 2; j+1 < len(ring); j++ {
			if i == 0 && j+2 == len(ring) {
				continue // neighbours across the start
			}
			a, b, c, e := ring[i], ring[i+1], ring[j], ring[j+1]
			require.False(t, side(a, b, c) != side(a, b, e) && side(c, e, a) != side(c, e, b), "%s crosses itself", d.Code)
		}
	}
}

func TestTheRiverRunsAlongBorders(t *testing.T) {
	_, m := load(t, dbtest.New(t))
	river, err := demo.River()
	require.NoError(t, err)
	require.Greater(t, len(river), 50)
	corners := map[orb.Point]bool{}
	for _, d := range m.At(place.Subdistrict, "", today) {
		for _, p := range d.Geometry.MultiPolygon[0][0] {
			corners[p] = true
		}
	}
	for _, p := range river {
		require.True(t, corners[p])
	}
}

func TestRulesCoverEveryMatterEverywhere(t *testing.T) {
	snap, m := load(t, dbtest.New(t))
	places := []string{""}
	for _, d := range m.Districts {
		places = append(places, d.Code)
	}
	for _, matter := range snap.Matters {
		for _, district := range places {
			for _, kind := range matter.Kinds {
				got, err := routing.Decide(snap, m, routing.Facts{MatterID: matter.Code, Kind: kind, DistrictID: district, Day: today})
				require.NoError(t, err)
				require.False(t, got.Fallback, "%s in %q", matter.Code, district)
				require.True(t, got.Reason.Complete(), "%s: %v", matter.Code, got.Reason)
				for lang, text := range got.Reason {
					require.NotContains(t, text, "{", "%s %s in %q", matter.Code, lang, district)
				}
				unit, err := snap.Unit(got.UnitID)
				require.NoError(t, err)
				if unit.DistrictID != nil && district != "" {
					home, _ := m.District(district)
					chain := map[string]bool{}
					for _, d := range m.Chain(home) {
						chain[d.ID] = true
					}
					require.True(t, chain[*unit.DistrictID], "%s of %s went to %s", matter.Code, district, unit.Code)
				}
			}
		}
	}
}

func TestPeopleFindWhatTheyMean(t *testing.T) {
	snap, _ := load(t, dbtest.New(t))
	for query, want := range map[string]string{
		"我家樓下的路燈壞了": "street-light", "路灯不亮": "street-light", "street lamp is broken": "street-light",
		"聞到瓦斯味": "gas-smell", "老闆欠我薪水": "unpaid-wages", "工资拖欠三个月": "unpaid-wages", "电梯里被困": "lift-trapped",
		"夜里工地很吵": "noise-construction", "健身房跑路": "prepaid-card", "pothole": "road-damage", "stray dog": "stray-animals",
		"孩子转学": "school-enrolment", "加裝電梯": "lift-retrofit", "illegal parking": "illegal-parking",
	} {
		found := snap.SearchMatters(query, i18n.ZhHant, today, 3)
		var codes []string
		for _, f := range found {
			codes = append(codes, f.Matter.Code)
		}
		require.Contains(t, codes, want, query)
	}
}

func TestTheCityComesBackFromItsOwnFile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		snap, m := load(t, d)
		content, err := snap.Content(func(id string) string {
			of, err := m.District(id)
			require.NoError(t, err)
			return of.Code
		})
		require.NoError(t, err)
		var file bytes.Buffer
		require.NoError(t, content.Write(&file))
		read, err := catalogue.ReadContent(&file)
		require.NoError(t, err)
		changes, err := catalogue.New(d, audit.New(d, time.Now), time.Now).Load(actor.AsSystem(context.Background(), "test"), read)
		require.NoError(t, err)
		require.Equal(t, catalogue.Changes{Added: map[string]int{}, Changed: map[string]int{}}, changes)
	})
}
