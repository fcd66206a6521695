package place

import (
	"math"

	"minqing/internal/fault"
)

// CRS is a coordinate system in which a map or a telephone gives a point.
type CRS string

// The systems in use. GCJ-02 is the shifted system of maps published in
// mainland China, BD-09 a further shift by one map provider.
const (
	WGS84 CRS = "wgs84"
	GCJ02 CRS = "gcj02"
	BD09  CRS = "bd09"
)

// ParseCRS reads a system's name; none is WGS 84.
func ParseCRS(s string) (CRS, error) {
	switch c := CRS(s); c {
	case "":
		return WGS84, nil
	case WGS84, GCJ02, BD09:
		return c, nil
	}
	return "", fault.InvalidInput(fault.Field{Name: "location.crs", Key: "place.crs.unknown"})
}

// ToWGS84 converts a point of the system, in degrees.
func (c CRS) ToWGS84(lat, lng float64) (float64, float64) {
	switch c {
	case GCJ02:
		return gcjToWGS(lat, lng)
	case BD09:
		return gcjToWGS(bdToGCJ(lat, lng))
	}
	return lat, lng
}

// FromWGS84 converts a WGS 84 point into the system, in degrees.
func (c CRS) FromWGS84(lat, lng float64) (float64, float64) {
	switch c {
	case GCJ02:
		return wgsToGCJ(lat, lng)
	case BD09:
		return gcjToBD(wgsToGCJ(lat, lng))
	}
	return lat, lng
}

// The Krasovsky ellipsoid on which the shift of GCJ-02 is defined.
const (
	axis         = 6378245.0
	eccentricity = 0.00669342162296594323
)

// shifted says whether the point lies in the rectangle in which GCJ-02 differs
// from WGS 84 at all.
func shifted(lat, lng float64) bool {
	return lng >= 72.004 && lng <= 137.8347 && lat >= 0.8293 && lat <= 55.8271
}

func wgsToGCJ(lat, lng float64) (float64, float64) {
	if !shifted(lat, lng) {
		return lat, lng
	}
	x, y := lng-105, lat-35
	dLat := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x)) + waves(x) +
		(20*math.Sin(y*math.Pi)+40*math.Sin(y/3*math.Pi))*2/3 +
		(160*math.Sin(y/12*math.Pi)+320*math.Sin(y*math.Pi/30))*2/3
	dLng := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x)) + waves(x) +
		(20*math.Sin(x*math.Pi)+40*math.Sin(x/3*math.Pi))*2/3 +
		(150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3
	rad := lat * math.Pi / 180
	m := 1 - eccentricity*math.Sin(rad)*math.Sin(rad)
	dLat = dLat * 180 / ((axis * (1 - eccentricity)) / (m * math.Sqrt(m)) * math.Pi)
	dLng = dLng * 180 / (axis / math.Sqrt(m) * math.Cos(rad) * math.Pi)
	return lat + dLat, lng + dLng
}

func waves(x float64) float64 {
	return (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)) * 2 / 3
}

// gcjToWGS has no closed form: it moves a guess by what it misses, until that
// is far below a millimetre.
func gcjToWGS(lat, lng float64) (float64, float64) {
	gLat, gLng := lat, lng
	for range 30 {
		hereLat, hereLng := wgsToGCJ(gLat, gLng)
		offLat, offLng := lat-hereLat, lng-hereLng
		gLat, gLng = gLat+offLat, gLng+offLng
		if math.Abs(offLat)+math.Abs(offLng) < 1e-11 {
			break
		}
	}
	return gLat, gLng
}

const bdFactor = math.Pi * 3000 / 180

func gcjToBD(lat, lng float64) (float64, float64) {
	r := math.Hypot(lng, lat) + 0.00002*math.Sin(lat*bdFactor)
	a := math.Atan2(lat, lng) + 0.000003*math.Cos(lng*bdFactor)
	return r*math.Sin(a) + 0.006, r*math.Cos(a) + 0.0065
}

// bdToGCJ undoes gcjToBD, first by the usual formula and then by moving the
// guess until it fits.
func bdToGCJ(lat, lng float64) (float64, float64) {
	gLat, gLng := lat-0.006, lng-0.0065
	for range 30 {
		hereLat, hereLng := gcjToBD(gLat, gLng)
		offLat, offLng := lat-hereLat, lng-hereLng
		gLat, gLng = gLat+offLat, gLng+offLng
		if math.Abs(offLat)+math.Abs(offLng) < 1e-11 {
			break
		}
	}
	return gLat, gLng
}
