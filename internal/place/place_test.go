package place_test

import (
	"context"
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/place"
)

const today = calendar.Date(20514)

func text(s string) i18n.Text { return i18n.Text{i18n.ZhHant: s, i18n.ZhHans: s, i18n.En: s} }

func square(west, south, size float64) place.Shape {
	return place.Shape{MultiPolygon: orb.MultiPolygon{{{
		{west, south}, {west + size, south}, {west + size, south + size}, {west, south + size}, {west, south},
	}}}}
}

// twins is a city of two squares side by side.
func twins() []place.DistrictDef {
	left, right := square(116, 29, 1), square(117, 29, 1)
	return []place.DistrictDef{
		{Code: "C", Level: place.City, Name: text("城"), Shape: place.Join(left, right)},
		{Code: "C1", Parent: "C", Level: place.Borough, Name: text("區"), Shape: place.Join(left, right)},
		{Code: "C11", Parent: "C1", Level: place.Subdistrict, Name: text("左"), Shape: left, Population: 10},
		{Code: "C12", Parent: "C1", Level: place.Subdistrict, Name: text("右"), Shape: right},
	}
}

func service(d *db.DB) *place.Service {
	return place.New(d, audit.New(d, time.Now), time.Now)
}

func TestAPointFindsItsSubdistrict(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := actor.AsSystem(context.Background(), "test")
		s := service(d)
		written, err := s.Load(ctx, "test", today-10, twins())
		require.NoError(t, err)
		require.Equal(t, 4, written)
		written, err = s.Load(ctx, "test", today-10, twins())
		require.NoError(t, err)
		require.Zero(t, written, "the same again changes nothing")

		m, err := s.Map(ctx)
		require.NoError(t, err)
		for _, c := range []struct {
			lng  float64
			want string
		}{{116.5, "C11"}, {117.5, "C12"}, {117, "C11"}} {
			found, err := m.Locate(29.5, c.lng, today)
			require.NoError(t, err)
			require.Equal(t, c.want, found.Code)
		}
		_, err = m.Locate(29.5, 119, today)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		_, err = m.Locate(29.5, 116.5, today-11)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "before the district began")
		_, err = m.Locate(math.NaN(), 116.5, today)
		require.Equal(t, fault.Invalid, fault.KindOf(err))

		left, err := m.District("C11")
		require.NoError(t, err)
		require.Len(t, m.Chain(left), 3)
		require.Len(t, m.At(place.Subdistrict, "C1", today), 2)
		south, west, north, east := m.Bounds()
		require.Equal(t, []float64{29, 116, 30, 118}, []float64{south, west, north, east})
	})
}

func TestADistrictThatGrowsGetsAVersion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := actor.AsSystem(context.Background(), "test")
		s := service(d)
		_, err := s.Load(ctx, "test", today, twins())
		require.NoError(t, err)
		defs := twins()
		defs[2].Population = 11
		written, err := s.Load(ctx, "test", today, defs)
		require.NoError(t, err)
		require.Equal(t, 1, written)
		m, err := s.Map(ctx)
		require.NoError(t, err)
		left, _ := m.District("C11")
		require.EqualValues(t, 2, left.Version)
		require.EqualValues(t, 11, left.Population)
		var kept int64
		require.NoError(t, d.From(ctx).Table("item_versions").Where("item_id = ?", left.ID).Count(&kept).Error)
		require.EqualValues(t, 2, kept)
	})
}

func TestJoinDropsTheSharedBorder(t *testing.T) {
	joined := place.Join(square(0, 0, 1), square(1, 0, 1))
	require.Len(t, joined.MultiPolygon, 1)
	require.Len(t, joined.MultiPolygon[0], 1)
	require.Len(t, joined.MultiPolygon[0][0], 7, "six corners, closed")
}

func TestTheMapOfAPageNamesEachDistrict(t *testing.T) {
	ctx := actor.AsSystem(context.Background(), "test")
	s := service(dbtest.New(t))
	_, err := s.Load(ctx, "test", today, twins())
	require.NoError(t, err)
	m, err := s.Map(ctx)
	require.NoError(t, err)
	raw, err := m.GeoJSON(place.Subdistrict, i18n.ZhHant, today)
	require.NoError(t, err)
	var got struct {
		Type     string
		Features []struct {
			ID         string
			Properties map[string]any
			Geometry   struct{ Type string }
		}
	}
	require.NoError(t, json.Unmarshal(raw, &got))
	require.Equal(t, "FeatureCollection", got.Type)
	require.Len(t, got.Features, 2)
	require.Equal(t, "左", got.Features[0].Properties["name"])
	require.Equal(t, "MultiPolygon", got.Features[0].Geometry.Type)
}

// metres is the distance on a sphere, good enough for small ones.
func metres(lat1, lng1, lat2, lng2 float64) float64 {
	dy := (lat2 - lat1) * 111_320
	dx := (lng2 - lng1) * 111_320 * math.Cos(lat1*math.Pi/180)
	return math.Hypot(dx, dy)
}

func TestCoordinatesComeBackWithinAMetre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lat := rapid.Float64Range(18, 50).Draw(t, "lat")
		lng := rapid.Float64Range(75, 134).Draw(t, "lng")
		for _, c := range []place.CRS{place.WGS84, place.GCJ02, place.BD09} {
			backLat, backLng := c.ToWGS84(c.FromWGS84(lat, lng))
			if d := metres(lat, lng, backLat, backLng); d > 0.01 {
				t.Fatalf("%s: %f m away", c, d)
			}
		}
	})
}

func TestTheShiftedSystemsDifferAsMuchAsTheyShould(t *testing.T) {
	lat, lng := 29.8, 116.9
	gLat, gLng := place.GCJ02.FromWGS84(lat, lng)
	require.InDelta(t, 550, metres(lat, lng, gLat, gLng), 250, "GCJ-02 lies some hundred metres away")
	bLat, bLng := place.BD09.FromWGS84(lat, lng)
	require.InDelta(t, 900, metres(gLat, gLng, bLat, bLng), 250, "BD-09 about 900 m further")
	lat, lng = place.GCJ02.FromWGS84(48.85, 2.35)
	require.Equal(t, []float64{48.85, 2.35}, []float64{lat, lng}, "no shift outside")
}

func TestAnUnknownCoordinateSystemIsNamed(t *testing.T) {
	c, err := place.ParseCRS("")
	require.NoError(t, err)
	require.Equal(t, place.WGS84, c)
	_, err = place.ParseCRS("nad27")
	require.Equal(t, fault.Invalid, fault.KindOf(err))
}

func TestAMapInAShiftedSystemIsReadWhereItLies(t *testing.T) {
	raw := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"A","level":"city","name":{"en":"A"}},
	 "geometry":{"type":"Polygon","coordinates":[[[116.404,39.915],[116.5,39.915],[116.5,40],[116.404,39.915]]]}}]}`
	defs, err := place.ReadGeoJSON([]byte(raw), place.GCJ02)
	require.NoError(t, err)
	corner := defs[0].Shape.MultiPolygon[0][0][0]
	lat, lng := place.GCJ02.ToWGS84(39.915, 116.404)
	require.InDelta(t, lat, corner[1], 1e-9)
	require.InDelta(t, lng, corner[0], 1e-9)
	require.Greater(t, metres(39.915, 116.404, corner[1], corner[0]), 300.0, "as far as the systems lie apart")
}
