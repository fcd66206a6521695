package api

import (
	"context"
	"net/http"
	"time"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/web"
)

// Item is a row of a queue.
type Item struct {
	CaseNo          string      `json:"case_no"`
	Version         int64       `json:"version"`
	Kind            kindCode    `json:"kind"`
	Status          statusCode  `json:"status"`
	Title           string      `json:"title"`
	Urgent          bool        `json:"urgent"`
	Confidentiality secrecyCode `json:"confidentiality"`
	Channel         string      `json:"channel"`
	Matter          Maybe       `json:"matter"`
	Unit            Maybe       `json:"unit"`
	District        Maybe       `json:"district"`
	HandlerID       *string     `json:"handler_id"`
	ReceivedAt      time.Time   `json:"received_at"`
	DueAt           *time.Time  `json:"due_at"`
	ConcludedAt     *time.Time  `json:"concluded_at"`
	OnTime          *bool       `json:"on_time"`
	ReturnedCount   int64       `json:"returned_count"`
	Objection       string      `json:"objection" enum:",desk,superior"` // sent back, and who decides on it
	Bound           bool        `json:"bound"`                           // a superior designated the unit, which may not send it back
	SupervisedDue   *time.Time  `json:"supervised_due_at"`               // the unit above wants something by then
	ReopenedCount   int64       `json:"reopened_count"`
	ReworkCount     int64       `json:"rework_count"`
	Appealed        bool        `json:"appealed"`
	PartsOpen       int64       `json:"parts_open"`      // parts of it that have not ended
	JointOpen       int64       `json:"joint_open"`      // joint units that have not answered yet
	Followers       int64       `json:"followers"`       // how many cases are merged into it
	SuspendedAt     *time.Time  `json:"suspended_at"`    // the clock stands still since then; due_at is null
	SuspendedUntil  *string     `json:"suspended_until"` // the day on which that is expected to end
}

func (a *described) desk() {
	staff := func(id, method, path string, verb web.Verb) call {
		return call{id: id, method: method, path: "/desk/cases" + path, verb: verb, status: http.StatusOK, security: []string{bearer},
			options: []web.RouteOption{web.Body(bodyMost)}}
	}
	add(a, staff("list_cases", http.MethodGet, "", access.CaseList), a.queue)
	add(a, staff("read_case", http.MethodGet, "/{case_no}", access.CaseRead), a.one)
	add(a, staff("act_on_case", http.MethodPost, "/{case_no}/actions", access.CaseRead), a.act)
}

type queueInput struct {
	Spoken
	View      viewCode   `query:"view"`
	Unit      string     `query:"unit" maxLength:"64"`
	Status    statusCode `query:"status"`
	Kind      kindCode   `query:"kind"`
	Q         string     `query:"q" maxLength:"200"`
	DueBefore time.Time  `query:"due_before"`

	Matter       string      `query:"matter" maxLength:"64"`
	Field        string      `query:"field" maxLength:"64"`
	District     string      `query:"district" maxLength:"64"`
	Channel      channelCode `query:"channel"`
	ReceivedFrom string      `query:"received_from" format:"date"`
	ReceivedTo   string      `query:"received_to" format:"date"`
	DueFrom      string      `query:"due_from" format:"date"`
	DueTo        string      `query:"due_to" format:"date"`

	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"25"`
	Cursor string `query:"cursor" maxLength:"1000"`
}

type queueOutput struct {
	Body struct {
		Items []Item  `json:"items" nullable:"false"`
		Next  *string `json:"next_cursor"`
	} `nameHint:"CaseList"`
}

// queue is what the grants of the token's account let it see, what is due first
// first.
func (d Deps) queue(ctx context.Context, in *queueInput) (*queueOutput, error) {
	f := cases.Filter{View: string(in.View), UnitCode: in.Unit, Status: cases.Status(in.Status), Kind: cases.Kind(in.Kind),
		Query: in.Q, Limit: in.Limit, Cursor: in.Cursor}
	var err error
	if f.Narrowing, err = in.narrowing(); err != nil {
		return nil, err
	}
	switch {
	case f.View != "":
	case f.Any():
		f.View = cases.ViewEvery
	case !f.Status.Ended():
		f.View = cases.ViewOpen
	}
	if !in.DueBefore.IsZero() {
		at := in.DueBefore.UTC()
		f.DueBefore = &at
	}
	page, err := d.Cases.Queue(ctx, f)
	if err != nil {
		return nil, err
	}
	city, err := d.city(ctx)
	if err != nil {
		return nil, err
	}
	out := &queueOutput{}
	out.Body.Items = []Item{}
	for i := range page.Items {
		out.Body.Items = append(out.Body.Items, city.item(&page.Items[i].Case, d.Now()))
	}
	if page.Next != "" {
		out.Body.Next = &page.Next
	}
	return out, nil
}

// narrowing reads what the queue's own filters do not have.
func (in *queueInput) narrowing() (cases.Narrowing, error) {
	n := cases.Narrowing{Matter: in.Matter, Field: in.Field, District: in.District, Channel: string(in.Channel)}
	for _, one := range []struct {
		name, typed string
		to          **calendar.Date
	}{{"received_from", in.ReceivedFrom, &n.ReceivedFrom}, {"received_to", in.ReceivedTo, &n.ReceivedTo}, {"due_from", in.DueFrom, &n.DueFrom}, {"due_to", in.DueTo, &n.DueTo}} {
		if one.typed == "" {
			continue
		}
		day, err := calendar.ParseDate(one.typed)
		if err != nil {
			return n, fault.InvalidInput(fault.Field{Name: one.name, Key: "api.field.day"})
		}
		*one.to = &day
	}
	return n, nil
}

// dayOf is a local day, or null.
func dayOf(d *calendar.Date) *string {
	if d == nil {
		return nil
	}
	s := d.String()
	return &s
}

func (c city) item(one *cases.Case, now time.Time) Item {
	return Item{CaseNo: one.CaseNo, Version: one.Version, Kind: kindCode(one.Kind), Status: statusCode(one.Status), Title: one.ShownTitle(),
		Urgent: one.Urgent, Confidentiality: secrecyCode(one.Confidentiality), Channel: one.Channel, Matter: c.matter(one.MatterID),
		Unit: c.unit(one.UnitID), District: c.district(one.DistrictID), HandlerID: one.HandlerID, ReceivedAt: c.local(one.ReceivedAt),
		DueAt: c.maybe(one.DueAt), ConcludedAt: c.maybe(one.ConcludedAt), OnTime: one.OnTime(now), ReturnedCount: one.ReturnedCount,
		ReopenedCount: one.ReopenedCount, SupervisedDue: c.maybe(one.SupervisedDue), Objection: string(one.Objection), Bound: one.BoundUnitID != nil && *one.BoundUnitID == one.UnitID,
		ReworkCount: one.ReworkCount, Appealed: one.Appealed, Followers: one.MergedCount, JointOpen: one.JointOpen, PartsOpen: one.PartsOpen, SuspendedAt: c.maybe(one.SuspendedAt), SuspendedUntil: dayOf(one.SuspendedUntil)}
}
