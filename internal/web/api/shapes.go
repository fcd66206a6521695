package api

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/place"
)

// Named is a thing of the catalogue: its code stays, its name is in the
// reader's language.
type Named struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Maybe is a Named or null.
type Maybe struct{ It *Named }

// MarshalJSON writes the thing or null.
func (m Maybe) MarshalJSON() ([]byte, error) { return json.Marshal(m.It) }

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Maybe) UnmarshalJSON(raw []byte) error { return json.Unmarshal(raw, &m.It) }

// Schema says that it may be null.
func (Maybe) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{r.Schema(reflect.TypeFor[Named](), true, "Named"), {Type: "null"}}}
}

// choice is a text of a closed list.
func choice[T ~string](values []T) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, v := range values {
		s.Enum = append(s.Enum, string(v))
	}
	s.PrecomputeMessages()
	return s
}

type (
	kindCode    string
	statusCode  string
	secrecyCode string
	viewCode    string
	channelCode string
	outcomeCode string
	actionCode  string
)

// Schema and its fellows are the closed lists of the case package.
func (kindCode) Schema(huma.Registry) *huma.Schema   { return choice(cases.Kinds) }
func (statusCode) Schema(huma.Registry) *huma.Schema { return choice(cases.Statuses) }
func (secrecyCode) Schema(huma.Registry) *huma.Schema {
	return choice([]cases.Confidentiality{cases.Normal, cases.IdentityHidden, cases.AnonymousFiler, cases.Whistle})
}
func (viewCode) Schema(huma.Registry) *huma.Schema    { return choice(cases.Views) }
func (channelCode) Schema(huma.Registry) *huma.Schema { return choice(cases.Channels) }
func (outcomeCode) Schema(huma.Registry) *huma.Schema { return choice(cases.Outcomes) }
func (actionCode) Schema(huma.Registry) *huma.Schema  { return choice(staffActions()) }

// Spoken is what every call takes: the language of names and messages, where
// Accept-Language is not enough.
type Spoken struct {
	Lang string `query:"lang"`
}

// Numbered names a case in an address.
type Numbered struct {
	CaseNo string `path:"case_no" maxLength:"40"`
}

func wordName(param string) string { return strings.ToLower(strings.ReplaceAll(param, "-", "_")) }

// city looks reference data up for one answer.
type city struct {
	snap  *catalogue.Snapshot
	areas *place.Map
	lang  i18n.Lang
	zone  *time.Location
	day   calendar.Date
}

func (d Deps) city(ctx context.Context) (city, error) {
	snap, err := d.Catalogue.Snapshot(ctx)
	if err != nil {
		return city{}, err
	}
	areas, err := d.Places.Map(ctx)
	if err != nil {
		return city{}, err
	}
	cal, err := d.Clocks.Of(snap, snap.Root())
	if err != nil {
		return city{}, err
	}
	return city{snap: snap, areas: areas, lang: i18n.Lang(actor.From(ctx).Locale), zone: cal.Zone(), day: cal.ReceivedOn(d.Now())}, nil
}

func (c city) unit(id string) Maybe {
	if u, err := c.snap.Unit(id); err == nil {
		return Maybe{&Named{u.Code, u.Name.In(c.lang)}}
	}
	return Maybe{}
}

func (c city) matter(id *string) Maybe {
	if id != nil {
		if m, err := c.snap.Matter(*id); err == nil {
			return Maybe{&Named{m.Code, m.Name.In(c.lang)}}
		}
	}
	return Maybe{}
}

func (c city) district(id *string) Maybe {
	if id != nil {
		if d, err := c.areas.District(*id); err == nil {
			return Maybe{&Named{d.Code, d.Name.In(c.lang)}}
		}
	}
	return Maybe{}
}

// local is an instant with the city's zone, to the second.
func (c city) local(t time.Time) time.Time { return t.In(c.zone).Truncate(time.Second) }

func (c city) maybe(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	l := c.local(*t)
	return &l
}
