package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Questions is the JSON Schema of a matter's questions, or null.
type Questions struct{ Raw json.RawMessage }

// MarshalJSON writes the schema as it is.
func (q Questions) MarshalJSON() ([]byte, error) {
	if len(q.Raw) == 0 {
		return []byte("null"), nil
	}
	return q.Raw, nil
}

// Schema says: an object or null.
func (Questions) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{{Type: huma.TypeObject, AdditionalProperties: true}, {Type: "null"}}}
}

// Matter is one thing that people ask the government for.
type Matter struct {
	Code          string     `json:"code"`
	Name          string     `json:"name"`
	Summary       string     `json:"summary"`
	Field         Maybe      `json:"field"`
	Kinds         []kindCode `json:"kinds" nullable:"false"`
	HandlingLimit string     `json:"handling_limit"`
	ResponseLimit string     `json:"response_limit"`
	Urgent        bool       `json:"urgent"`
	NeedsPlace    bool       `json:"needs_place"`
	Version       int64      `json:"version"`
	Questions     Questions  `json:"questions"`
}

// MatterDetail adds what a person reads before filing.
type MatterDetail struct {
	Matter
	Guide      string `json:"guide"`
	LegalBasis string `json:"legal_basis"`
	Unit       Maybe  `json:"unit"`
}

func (a *described) offers() {
	add(a, call{id: "list_matters", method: http.MethodGet, path: "/matters", verb: access.Public, status: http.StatusOK}, a.matters)
	add(a, call{id: "read_matter", method: http.MethodGet, path: "/matters/{code}", verb: access.Public, status: http.StatusOK}, a.matter)
}

type mattersInput struct {
	Spoken
	Field  string `query:"field" maxLength:"64"`
	Q      string `query:"q" maxLength:"200"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Cursor string `query:"cursor" maxLength:"1000"`
}

type mattersOutput struct {
	Body struct {
		Items []Matter `json:"items" nullable:"false"`
		Next  *string  `json:"next_cursor"`
	} `nameHint:"MatterList"`
}

func (d Deps) matters(ctx context.Context, in *mattersInput) (*mattersOutput, error) {
	city, err := d.city(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := city.snap.Field(in.Field); in.Field != "" && err != nil {
		return nil, fault.InvalidInput(fault.Field{Name: "field", Key: "api.field_code.unknown"})
	}
	list := slices.DeleteFunc(slices.Clone(city.snap.MattersOn(city.day, in.Field)), asPermit)
	if q := strings.TrimSpace(in.Q); q != "" {
		found := city.snap.SearchMatters(q, city.lang, city.day, len(city.snap.Matters))
		ranked := make([]*catalogue.Matter, 0, len(found))
		for _, f := range found {
			if slices.Contains(list, f.Matter) {
				ranked = append(ranked, f.Matter)
			}
		}
		list = ranked
	}
	after, err := db.DecodeCursor(in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	if after != nil {
		i := slices.IndexFunc(list, func(m *catalogue.Matter) bool { return m.Code == after[0] })
		if i < 0 {
			return nil, fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
		}
		list = list[i+1:]
	}
	out := &mattersOutput{}
	out.Body.Items = []Matter{}
	for i, m := range list {
		if i == in.Limit {
			next := db.EncodeCursor(list[i-1].Code)
			out.Body.Next = &next
			break
		}
		out.Body.Items = append(out.Body.Items, city.offer(m))
	}
	return out, nil
}

// asPermit says that a matter is applied for, which these calls do not do.
func asPermit(m *catalogue.Matter) bool { return m.Track == catalogue.TrackPermit }

func (c city) offer(m *catalogue.Matter) Matter {
	one := Matter{Code: m.Code, Name: m.Name.In(c.lang), Summary: m.Summary.In(c.lang), Kinds: []kindCode{}, HandlingLimit: m.HandlingLimit.String(),
		ResponseLimit: m.ResponseLimit.String(), Urgent: m.Urgent, NeedsPlace: m.NeedsPlace, Version: m.Version, Questions: Questions{json.RawMessage(m.Questions)}}
	for _, k := range m.Kinds {
		one.Kinds = append(one.Kinds, kindCode(k))
	}
	if f, err := c.snap.Field(m.FieldID); err == nil {
		one.Field = Maybe{&Named{f.Code, f.Name.In(c.lang)}}
	}
	return one
}

type matterInput struct {
	Spoken
	Code string `path:"code" maxLength:"64"`
}

type matterOutput struct{ Body MatterDetail }

func (d Deps) matter(ctx context.Context, in *matterInput) (*matterOutput, error) {
	city, err := d.city(ctx)
	if err != nil {
		return nil, err
	}
	m, err := city.snap.MatterOn(in.Code, city.day)
	if err == nil && asPermit(m) {
		_, err = city.snap.MatterOn("", city.day)
	}
	if err != nil {
		return nil, err
	}
	out := &matterOutput{MatterDetail{Matter: city.offer(m), Guide: m.Guide.In(city.lang), LegalBasis: m.LegalBasis.In(city.lang)}}
	if len(m.Kinds) > 0 {
		promise, err := d.Cases.Preview(ctx, cases.Filing{MatterCode: m.Code, Kind: cases.Kind(m.Kinds[0])})
		if err != nil {
			return nil, fmt.Errorf("who takes matter %s: %w", m.Code, err)
		}
		out.Body.Unit = city.unit(promise.Unit.ID)
	}
	return out, nil
}
