package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// bodyMost takes a description that is far too long in whole, so that the
// answer can name the field.
const bodyMost = 8 << 20

// Filing is what somebody tells the government.
type Filing struct {
	Kind            kindCode       `json:"kind"`
	MatterCode      string         `json:"matter_code,omitempty" maxLength:"64"`
	Title           string         `json:"title" maxLength:"120"`
	Description     string         `json:"description" maxLength:"5000"`
	Location        *Location      `json:"location,omitempty"`
	Contact         *Contact       `json:"contact,omitempty"`
	Subject         *Subject       `json:"subject,omitempty"`
	OnBehalfOf      *Behalf        `json:"on_behalf_of,omitempty"`
	Confidentiality secrecyCode    `json:"confidentiality,omitempty"`
	Locale          string         `json:"locale,omitempty" enum:"zh-Hant,zh-Hans,en"`
	Answers         map[string]any `json:"answers,omitempty"`
}

// Location is where it happened: a point, an address, a district, or several of them.
type Location struct {
	Lat          *float64 `json:"lat,omitempty" minimum:"-90" maximum:"90"`
	Lng          *float64 `json:"lng,omitempty" minimum:"-180" maximum:"180"`
	CRS          string   `json:"crs,omitempty" enum:"wgs84,gcj02,bd09"`
	Address      string   `json:"address,omitempty" maxLength:"200"`
	DistrictCode string   `json:"district_code,omitempty" maxLength:"64"`
}

// Contact is how to reach the person.
type Contact struct {
	Name  string `json:"name,omitempty" maxLength:"80"`
	Phone string `json:"phone,omitempty" maxLength:"40"`
	Email string `json:"email,omitempty" maxLength:"254"`
}

// Subject is who is complained about.
type Subject struct {
	UnitCode string `json:"unit_code,omitempty" maxLength:"64"`
	Name     string `json:"name,omitempty" maxLength:"80"`
}

// Behalf is the person for whom somebody else files.
type Behalf struct {
	Name     string `json:"name,omitempty" maxLength:"80"`
	Relation string `json:"relation,omitempty" maxLength:"80"`
}

// Receipt is the proof that the government got it. The query code is told here
// and nowhere else.
type Receipt struct {
	CaseNo     string     `json:"case_no"`
	QueryCode  string     `json:"query_code"`
	Status     statusCode `json:"status"`
	ReceivedAt time.Time  `json:"received_at"`
	DueAt      time.Time  `json:"due_at"`
	Unit       Maybe      `json:"unit"`
	Links      Links      `json:"links"`
}

// Links lead on from a case, as paths of this server.
type Links struct {
	Self       string `json:"self"`
	Messages   string `json:"messages"`
	Withdraw   string `json:"withdraw"`
	Evaluation string `json:"evaluation"`
	Appeal     string `json:"appeal"`
	Page       string `json:"page"`
}

func linksOf(caseNo string) Links {
	self := prefix + "/cases/" + caseNo
	return Links{Self: self, Messages: self + "/messages", Withdraw: self + "/withdraw", Evaluation: self + "/evaluation",
		Appeal: self + "/appeal", Page: "/cases/" + caseNo}
}

type fileInput struct {
	Spoken
	Key  string `header:"Idempotency-Key" maxLength:"255"`
	Body Filing
}

type fileOutput struct {
	Location string `header:"Location"`
	Replayed string `header:"Idempotency-Replayed"`
	Body     Receipt
}

func (a *described) citizens() {
	slow := web.Throttle(30, time.Minute, web.ByIP) // guesses of a query code, over all calls that take one
	add(a, call{id: "file_case", method: http.MethodPost, path: "/cases", verb: access.Public, status: http.StatusCreated,
		options: []web.RouteOption{web.Body(bodyMost), web.Throttle(60, time.Minute, web.ByActor)}}, a.file)
	own := func(id, method, path string) call {
		return call{id: id, method: method, path: "/cases/{case_no}" + path, verb: access.Public, status: http.StatusOK,
			options: []web.RouteOption{slow, web.Body(bodyMost)}, security: []string{queryCode, bearer}}
	}
	add(a, own("track_case", http.MethodGet, ""), a.track)
	add(a, own("add_message", http.MethodPost, "/messages"), a.say)
	add(a, own("withdraw_case", http.MethodPost, "/withdraw"), a.withdraw)
	add(a, own("evaluate_case", http.MethodPost, "/evaluation"), a.evaluate)
	add(a, own("appeal_case", http.MethodPost, "/appeal"), a.appeal)
}

// file takes a case in. With an idempotency key it happens once, however often
// the request comes.
func (d Deps) file(ctx context.Context, in *fileInput) (*fileOutput, error) {
	if in.Key == "" {
		r, err := d.filed(ctx, in.Body)
		return answered(r, false), err
	}
	body, err := json.Marshal(in.Body)
	if err != nil {
		return nil, fmt.Errorf("read the request again: %w", err)
	}
	who := actor.From(ctx)
	sender := who.AccountID
	if sender == "" {
		sender = who.IP
	}
	ask := cases.Request{Scope: sender + " POST " + prefix + "/cases", Key: in.Key, Body: body}
	a, repeated, err := d.Once.Do(ctx, ask, func(ctx context.Context) (cases.Answer, error) {
		r, err := d.filed(ctx, in.Body)
		if err != nil {
			return cases.Answer{}, err
		}
		body, err := json.Marshal(r)
		return cases.Answer{Status: http.StatusCreated, Body: body}, err
	})
	if err != nil {
		return nil, err
	}
	var r Receipt
	if err := json.Unmarshal(a.Body, &r); err != nil {
		return nil, fmt.Errorf("read a kept answer: %w", err)
	}
	return answered(&r, repeated), nil
}

func answered(r *Receipt, repeated bool) *fileOutput {
	if r == nil {
		return nil
	}
	out := &fileOutput{Location: r.Links.Self, Body: *r}
	if repeated {
		out.Replayed = "true"
	}
	return out
}

func (d Deps) filed(ctx context.Context, in Filing) (*Receipt, error) {
	city, err := d.city(ctx)
	if err != nil {
		return nil, err
	}
	r, err := d.Cases.File(ctx, in.filing(city.lang))
	if err != nil {
		return nil, err
	}
	out := &Receipt{CaseNo: r.CaseNo, QueryCode: r.QueryCode, Status: statusCode(r.Status), ReceivedAt: city.local(r.ReceivedAt),
		DueAt: city.local(r.DueAt), Links: linksOf(r.CaseNo)}
	if r.UnitCode != "" {
		out.Unit = Maybe{&Named{r.UnitCode, r.UnitName.In(city.lang)}}
	}
	return out, nil
}

func (in Filing) filing(lang i18n.Lang) cases.Filing {
	f := cases.Filing{Kind: cases.Kind(in.Kind), MatterCode: strings.TrimSpace(in.MatterCode), Title: strings.TrimSpace(in.Title),
		Description: strings.TrimSpace(in.Description), Confidentiality: cases.Confidentiality(in.Confidentiality),
		Locale: in.Locale, Channel: cases.ChannelAPI, Answers: in.Answers}
	if f.Confidentiality == "" {
		f.Confidentiality = cases.Normal
	}
	if f.Locale == "" {
		f.Locale = string(lang)
	}
	if l := in.Location; l != nil {
		f.Location = cases.Location{Lat: l.Lat, Lng: l.Lng, CRS: l.CRS, Address: strings.TrimSpace(l.Address), DistrictCode: l.DistrictCode}
	}
	if c := in.Contact; c != nil {
		f.Contact = cases.Contact{Name: strings.TrimSpace(c.Name), Phone: strings.TrimSpace(c.Phone), Email: strings.TrimSpace(c.Email)}
	}
	if s := in.Subject; s != nil {
		f.Subject = cases.Subject{UnitCode: s.UnitCode, Name: strings.TrimSpace(s.Name)}
	}
	if b := in.OnBehalfOf; b != nil {
		f.OnBehalfOf = cases.Behalf{Name: strings.TrimSpace(b.Name), Relation: strings.TrimSpace(b.Relation)}
	}
	return f
}

var errNoCode = fault.New(fault.Unauthenticated, "api.query_code.required")
