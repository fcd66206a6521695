package api

import (
	"context"
	"slices"
	"time"

	"minqing/internal/cases"
	"minqing/internal/idcode"
	"minqing/internal/text"
)

// DeskCase is a case as a member of staff may see it: people masked.
type DeskCase struct {
	Item
	Description    string         `json:"description"`
	Address        string         `json:"address"`
	Lat            *float64       `json:"lat"`
	Lng            *float64       `json:"lng"`
	Answers        map[string]any `json:"answers"`
	HandlingLimit  string         `json:"handling_limit"`
	DueProvisional bool           `json:"due_provisional"`
	RouteReason    string         `json:"route_reason"`
	Outcome        string         `json:"outcome"`
	MergedInto     string         `json:"merged_into"`     // number of the case that leads, if this one was merged
	Suspension     string         `json:"suspension"`      // why the clock stands still
	ExtensionAsked string         `json:"extension_asked"` // more time that waits for a decision, such as 5wd
	Clocks         []ClockShape   `json:"clocks" nullable:"false"`
	AcceptedAt     *time.Time     `json:"accepted_at"`
	ContactedAt    *time.Time     `json:"contacted_at"`
	RepliedAt      *time.Time     `json:"replied_at"`
	Contact        MaskedContact  `json:"contact"`
	PartOf         string         `json:"part_of"` // number of the case that it is a part of
	Joint          []JointShape   `json:"joint" nullable:"false"`
	Parts          []PartShape    `json:"parts" nullable:"false"` // of it that are cases of their own
	Parties        []PartyShape   `json:"parties" nullable:"false"`
	Units          []UnitShape    `json:"units" nullable:"false"`
	Timeline       []Step         `json:"timeline" nullable:"false"`
	Messages       []DeskTurn     `json:"messages" nullable:"false"`
	AllowedActions []actionCode   `json:"allowed_actions" nullable:"false"`
}

// MaskedContact is enough to recognise somebody whom one knows already.
type MaskedContact struct {
	Name  string `json:"name"`
	Phone string `json:"phone"`
	Email string `json:"email"`
}

// PartyShape is somebody who takes part.
type PartyShape struct {
	Role     string `json:"role"`
	Name     string `json:"name"`
	Unit     Maybe  `json:"unit"`
	Relation string `json:"relation"`
}

// ClockShape is one limit of the case and how it stands.
type ClockShape struct {
	Kind      string     `json:"kind"`
	Limit     string     `json:"limit"`
	State     string     `json:"state"`
	StartedAt time.Time  `json:"started_at"`
	DueAt     *time.Time `json:"due_at"`
	StoppedAt *time.Time `json:"stopped_at"`
}

// JointShape is what a joint unit was asked to do, and how it stands.
type JointShape struct {
	Unit    Named      `json:"unit"`
	State   string     `json:"state" enum:"asked,signed_in,answered,released"`
	Task    string     `json:"task"`
	Answer  string     `json:"answer"` // or why it was released
	AskedAt time.Time  `json:"asked_at"`
	DueAt   *time.Time `json:"due_at"`
	EndedAt *time.Time `json:"ended_at"`
}

// PartShape is a part of the case that is a case of its own, and how it stands.
type PartShape struct {
	CaseNo      string     `json:"case_no"`
	Title       string     `json:"title"`
	Status      statusCode `json:"status"`
	Unit        Maybe      `json:"unit"`
	ReceivedAt  time.Time  `json:"received_at"`
	DueAt       *time.Time `json:"due_at"`
	ConcludedAt *time.Time `json:"concluded_at"`
	Answer      string     `json:"answer"` // of its unit, once it is concluded
}

// UnitShape is a unit that has to do with the case.
type UnitShape struct {
	Named
	Role string `json:"role"`
}

// Step is one event, internal ones too.
type Step struct {
	At     time.Time `json:"at"`
	Action string    `json:"action"`
	From   string    `json:"from_status"`
	To     string    `json:"to_status"`
	Actor  string    `json:"actor"`
	By     string    `json:"by"`
	Unit   Maybe     `json:"unit"`
	Public bool      `json:"public"`
	Text   string    `json:"text"`
}

// DeskTurn is a message, published or waiting for its review.
type DeskTurn struct {
	Turn
	Published bool `json:"published"`
}

type oneInput struct {
	Spoken
	Numbered
}

type oneOutput struct{ Body DeskCase }

func (d Deps) one(ctx context.Context, in *oneInput) (*oneOutput, error) {
	v, err := d.Cases.View(ctx, in.CaseNo)
	if err != nil {
		return nil, err
	}
	city, err := d.city(ctx)
	if err != nil {
		return nil, err
	}
	c := DeskCase{Item: city.item(&v.Case, d.Now()), Description: v.ShownDescription(), Address: v.ShownAddress(), Lat: v.Lat, Lng: v.Lng,
		Answers: v.ShownAnswers(), HandlingLimit: v.HandlingLimit.String(), DueProvisional: v.DueProvisional, RouteReason: v.RouteReason.In(city.lang),
		Outcome: string(v.Outcome), AcceptedAt: city.maybe(v.AcceptedAt), ContactedAt: city.maybe(v.ContactedAt), RepliedAt: city.maybe(v.RepliedAt),
		Suspension: v.Suspension, ExtensionAsked: v.ExtensionAsked.String(), Clocks: []ClockShape{}, Joint: []JointShape{}, Parts: []PartShape{}, Parties: []PartyShape{}, Units: []UnitShape{}, Timeline: []Step{}, Messages: []DeskTurn{}}
	if c.AllowedActions, err = d.allowed(ctx, v); err != nil {
		return nil, err
	}
	bond, err := d.Cases.BondOf(ctx, &v.Case)
	if err != nil {
		return nil, err
	}
	c.MergedInto = bond.LeadNo
	if c.PartOf, err = d.Cases.ParentNo(ctx, &v.Case); err != nil {
		return nil, err
	}
	if err := d.together(ctx, &c, v, city); err != nil {
		return nil, err
	}
	for _, k := range v.Clocks {
		c.Clocks = append(c.Clocks, ClockShape{Kind: string(k.Kind), Limit: k.TimeLimit.String(), State: string(k.State),
			StartedAt: city.local(k.StartedAt), DueAt: city.maybe(k.DueAt), StoppedAt: city.maybe(k.StoppedAt)})
	}
	for _, u := range v.Units {
		if m := city.unit(u.UnitID); m.It != nil {
			c.Units = append(c.Units, UnitShape{Named: *m.It, Role: u.Role})
		}
	}
	city.people(&c, v)
	if err := d.story(ctx, &c, v, city); err != nil {
		return nil, err
	}
	return &oneOutput{c}, nil
}

// together lists what joint units were asked, and the parts of the case that the
// account may read.
func (d Deps) together(ctx context.Context, out *DeskCase, v *cases.View, city city) error {
	joint, err := d.Cases.Parts(ctx, v)
	if err != nil {
		return err
	}
	for _, p := range joint {
		out.Joint = append(out.Joint, JointShape{Unit: *city.unit(p.UnitID).It, State: p.State, Task: p.Task, Answer: p.Answer,
			AskedAt: city.local(p.AskedAt), DueAt: city.maybe(p.DueAt), EndedAt: city.maybe(p.EndedAt)})
	}
	if !slices.ContainsFunc(v.Events, func(e cases.Event) bool { return e.Action == cases.ActSplit }) {
		return nil
	}
	below, err := d.Cases.PartsBelow(ctx, &v.Case)
	if err != nil {
		return err
	}
	for i := range below {
		p := &below[i]
		out.Parts = append(out.Parts, PartShape{CaseNo: p.CaseNo, Title: p.ShownTitle(), Status: statusCode(p.Status), Unit: city.unit(p.UnitID),
			ReceivedAt: city.local(p.ReceivedAt), DueAt: city.maybe(p.DueAt), ConcludedAt: city.maybe(p.ConcludedAt), Answer: p.Answer})
	}
	return nil
}

func (d Deps) allowed(ctx context.Context, v *cases.View) ([]actionCode, error) {
	list := []actionCode{}
	offered, err := d.Cases.Offered(ctx, v)
	if err != nil {
		return nil, err
	}
	for _, a := range offered {
		list = append(list, actionCode(a))
	}
	rings, err := d.rings(ctx, v)
	if rings {
		list = append(list, actionCode(actCallback))
	}
	return list, err
}

func (c city) people(out *DeskCase, v *cases.View) {
	for _, p := range v.Parties {
		one := PartyShape{Role: p.Role, Relation: p.ShownRelation()}
		switch {
		case p.ConstituentID != nil:
			who := v.People[*p.ConstituentID]
			one.Name = who.Name
			if p.Role == cases.RoleRequester {
				out.Contact = MaskedContact{Name: who.Name, Phone: who.Phone, Email: who.Email}
			}
		case p.Name != "":
			one.Name = idcode.MaskName(p.Name)
		case p.UnitID == nil:
			continue // an account of staff is named in the timeline
		}
		if p.UnitID != nil {
			one.Unit = c.unit(*p.UnitID)
		}
		out.Parties = append(out.Parties, one)
	}
}

// story lists events and messages, oldest first, with the names of colleagues.
func (d Deps) story(ctx context.Context, out *DeskCase, v *cases.View, city city) error {
	var accounts []string
	for _, e := range v.Events {
		if e.AccountID != nil && e.ActorKind == "staff" {
			accounts = append(accounts, *e.AccountID)
		}
	}
	known, err := d.People.Names(ctx, accounts...)
	if err != nil {
		return err
	}
	for _, e := range v.Events {
		s := Step{At: city.local(e.At), Action: string(e.Action), From: string(e.FromStatus), To: string(e.ToStatus), Actor: e.ActorKind,
			Public: e.Public, Text: e.Text}
		if e.ActorKind != "staff" {
			s.Text = text.MaskFree(e.Text)
		} else if e.AccountID != nil {
			s.By = known[*e.AccountID]
		}
		if e.UnitID != nil {
			s.Unit = city.unit(*e.UnitID)
		}
		out.Timeline = append(out.Timeline, s)
	}
	for _, m := range v.Messages {
		t := DeskTurn{Turn: Turn{At: city.local(m.At), Direction: m.Direction, Kind: m.Kind, Text: m.Text}, Published: m.Published}
		if m.Direction == "in" {
			t.Text = text.MaskFree(m.Text)
		} else if m.UnitID != nil {
			t.Unit = city.unit(*m.UnitID)
		}
		out.Messages = append(out.Messages, t)
	}
	return nil
}
