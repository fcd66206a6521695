// Package place knows where things are: the districts of the city with their
// polygons, the district of a point, and the coordinate systems in which maps
// and telephones give points. Stored and computed is WGS 84 only.
package place

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/paulmach/orb"

	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/i18n"
)

// Service reads and writes districts.
type Service struct {
	db    *db.DB
	audit *audit.Service
	now   func() time.Time

	current   atomic.Pointer[Map]
	checked   atomic.Int64 // when the revision was last looked at, unix nanoseconds
	uncertain atomic.Int64 // until when a change made here may be uncommitted
	loading   sync.Mutex
}

// New makes the service.
func New(d *db.DB, a *audit.Service, now func() time.Time) *Service {
	return &Service{db: d, audit: a, now: now}
}

// Level is a district's place in the order of areas.
type Level string

// The levels of districts. Areas of one level do not overlap.
const (
	City        Level = "city"
	Borough     Level = "district"    // 區
	Subdistrict Level = "subdistrict" // 街道, 鎮
)

// District is an area of the city.
type District struct {
	ID          string         `json:"id"`
	Code        string         `json:"code"`
	Name        i18n.Text      `json:"name"`
	ParentID    *string        `json:"parent_id,omitempty"`
	Level       Level          `json:"level"`
	Geometry    Shape          `json:"geometry"`
	CentreLat   float64        `json:"centre_lat"` // a point inside, for labels; degrees WGS 84
	CentreLng   float64        `json:"centre_lng"`
	Population  int64          `json:"population"`
	ValidFrom   calendar.Date  `json:"valid_from"`
	ValidTo     *calendar.Date `json:"valid_to,omitempty"` // the last day on which it holds
	SuccessorID *string        `json:"successor_id,omitempty"`
	Version     int64          `json:"version"`
	Source      string         `json:"source,omitempty"`

	bound orb.Bound
}

// TableName binds the type to its table.
func (District) TableName() string { return "districts" }

// On says whether the district is in force on that local day.
func (d *District) On(day calendar.Date) bool {
	return d.ValidFrom <= day && (d.ValidTo == nil || day <= *d.ValidTo)
}
