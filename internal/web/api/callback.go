package api

import (
	"context"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/satisfaction"
)

// actCallback is an action of this API that is none of the state machine: the
// person is rung about a result, and the case stays as it is.
const actCallback cases.Action = "callback"

type (
	ringCode   string
	resultCode string
)

// Schema and its fellow are the closed lists of the callback.
func (ringCode) Schema(huma.Registry) *huma.Schema   { return choice(satisfaction.CallChannels) }
func (resultCode) Schema(huma.Registry) *huma.Schema { return choice(satisfaction.Outcomes) }

// Ringing is what came of an attempt to ring somebody.
type Ringing struct {
	Channel  ringCode   `json:"channel,omitempty"`
	Result   resultCode `json:"result,omitempty"`
	AgainAt  *time.Time `json:"again_at,omitempty"`
	Grade    int        `json:"grade,omitempty" minimum:"1" maximum:"5"`
	Resolved string     `json:"resolved,omitempty" enum:"yes,partly,no"`
	Reasons  []string   `json:"reasons,omitempty" nullable:"false" maxItems:"20"`
	Comment  string     `json:"comment,omitempty" maxLength:"1000"`
}

// ringing names the fields that the callback takes.
var ringing = []string{"channel", "result", "again_at", "grade", "resolved", "reasons", "comment"}

// given says which of them were sent.
func (r Ringing) given() []sent {
	return []sent{{"channel", r.Channel != ""}, {"result", r.Result != ""}, {"again_at", r.AgainAt != nil}, {"grade", r.Grade != 0},
		{"resolved", r.Resolved != ""}, {"reasons", len(r.Reasons) > 0}, {"comment", r.Comment != ""}}
}

// ring writes down an attempt and answers with the case as it stands.
func (d Deps) ring(ctx context.Context, in *actInput) (*cases.Case, error) {
	r := in.Body.Ringing
	err := d.Satisfaction.Ring(ctx, in.CaseNo, in.Body.Version, satisfaction.Rang{Channel: string(r.Channel), Outcome: string(r.Result), Again: r.AgainAt,
		Said: satisfaction.Judgement{Grade: r.Grade, Resolved: r.Resolved, Reasons: slices.Compact(slices.Sorted(slices.Values(r.Reasons))), Comment: r.Comment}})
	if err != nil {
		return nil, unrung(err)
	}
	v, err := d.Cases.View(ctx, in.CaseNo)
	if err != nil {
		return nil, err
	}
	return &v.Case, nil
}

// unrung says in this API's names why an attempt was not written down.
func unrung(err error) error {
	e, ok := fault.As(err)
	if !ok {
		return err
	}
	switch e.Key {
	case "callback.none", "callback.early", "callback.closed", "callback.judged":
		return refused(nil, fault.Field{Name: "action", Key: e.Key}).Because(err)
	}
	own := map[string]string{"outcome": "result", "again": "again_at"}
	c := *e
	c.Fields = slices.Clone(e.Fields)
	for i, f := range c.Fields {
		if name := own[f.Name]; name != "" {
			c.Fields[i].Name = name
		}
	}
	return &c
}

// rings says whether this caller may ring about a case that has ended.
func (d Deps) rings(ctx context.Context, v *cases.View) (bool, error) {
	if !v.Status.Ended() || d.Cases.Access.Can(ctx, access.CaseCallback) != nil {
		return false, nil
	}
	return d.Satisfaction.Rings(ctx, v.CaseNo)
}
