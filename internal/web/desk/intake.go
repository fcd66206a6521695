package desk

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/web"
)

// intakePage is where a call is written down while somebody speaks: one page,
// used by keyboard, that shows who calls, what is open already and what to read
// back.
type intakePage struct{ Deps }

type intakeView struct {
	web.Page
	Once string

	Channel, Phone, Name, Mail, Kind, Matter, Line, Text web.Field
	Address, District, Danger, Privacy, Notes, Callback  web.Field
	About, Whom                                          web.Field
	Asked                                                []web.Asked

	Looked    bool // a number was looked up
	Requester string
	Callers   []caller
	Alike     []intakeCase
	ReadBack  []web.Words
	Promise   *cases.Promise
}

type caller struct {
	ID, Name, Mail string
	Chosen         bool
	Cases          []intakeCase
}

type intakeCase struct {
	Href, CaseNo string
	Title        web.Words
	Chips        []web.Chip
}

type filedView struct {
	web.Page
	*cases.Receipt
	Code string
	Href string
}

func (p *intakePage) show(c *gin.Context) error {
	return p.page(c, taken{Channel: cases.ChannelPhone, Kind: string(cases.HelpRequest), Privacy: string(cases.Normal), Once: rand.Text()}, nil)
}

// take looks up what was typed, or files it.
func (p *intakePage) take(c *gin.Context) error {
	t, err := p.read(c)
	if err != nil {
		return err
	}
	if c.PostForm("do") != "file" {
		return p.page(c, t, nil)
	}
	r, err := p.file(c, t)
	if errors.Is(err, cases.ErrReused) {
		t.Once = rand.Text() // somebody went back and changed the words
		return p.page(c, t, fault.New(fault.Conflict, "desk.intake.again"))
	}
	if e, ours := fault.As(err); err != nil && ours && (e.Kind == fault.Invalid || e.Kind == fault.Conflict) {
		return p.page(c, t, err)
	}
	if err != nil {
		return err
	}
	v := &filedView{Page: p.Kit.Page(c, web.Say("desk.intake.filed")), Receipt: r, Code: idcode.FormatQueryCode(r.QueryCode), Href: "/desk/cases/" + r.CaseNo}
	c.Header("Cache-Control", "no-store")
	return p.Kit.Show(c, "desk/intake-filed", v)
}

// file files a call once, however often its form is sent.
func (p *intakePage) file(c *gin.Context, t taken) (*cases.Receipt, error) {
	ctx := c.Request.Context()
	call, err := p.call(ctx, c, t)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("write a call: %w", err)
	}
	one := cases.Request{Scope: "desk.intake " + p.Kit.Page(c, web.Words{}).Actor.AccountID, Key: t.Once, Body: body}
	a, _, err := p.Once.Do(ctx, one, func(ctx context.Context) (cases.Answer, error) {
		r, err := p.Cases.TakeCall(ctx, call)
		if err != nil {
			return cases.Answer{}, err
		}
		said, err := json.Marshal(r)
		return cases.Answer{Status: http.StatusCreated, Body: said}, err
	})
	if err != nil {
		return nil, err
	}
	var r cases.Receipt
	if err := json.Unmarshal(a.Body, &r); err != nil {
		return nil, fmt.Errorf("read a kept receipt: %w", err)
	}
	return &r, nil
}

// part answers htmx with one part of the page.
func (p *intakePage) part(c *gin.Context) error {
	parts := map[string]string{"caller": "desk/intake-caller", "questions": "desk/intake-questions", "aside": "desk/intake-aside"}
	name, ok := parts[c.Param("part")]
	if !ok {
		return fault.New(fault.NotFound, "fault.missing")
	}
	t, err := p.read(c)
	if err != nil {
		return err
	}
	v := &intakeView{Page: p.Kit.Page(c, web.Words{})}
	if err := p.fill(c, v, t, c.Param("part")); err != nil {
		return err
	}
	return p.Kit.Fragment(c, name, v)
}

func (p *intakePage) page(c *gin.Context, t taken, failed error) error {
	v := &intakeView{Page: p.Kit.Page(c, web.Say("desk.intake.title")), Once: t.Once}
	v.Wide = true
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	for _, part := range []string{"form", "caller", "questions", "aside"} {
		if err := p.fill(c, v, t, part); err != nil {
			return err
		}
	}
	return p.Kit.Show(c, "desk/intake", v)
}

// fill makes one part of the page from what was typed so far.
func (p *intakePage) fill(c *gin.Context, v *intakeView, t taken, part string) error {
	ctx := c.Request.Context()
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	day := calendar.DateOf(p.Now(), n.zone)
	switch m, _ := p.matter(n, day, t.Matter, v.Lang); part {
	case "form":
		p.form(v, n, day, t)
	case "caller":
		return p.callers(ctx, v, t)
	case "questions":
		return p.questions(v, n, m, c, t)
	case "aside":
		return p.aside(ctx, v, n, t, m)
	}
	return nil
}

func (p *intakePage) callers(ctx context.Context, v *intakeView, t taken) error {
	if _, err := idcode.ParsePhone(t.Phone, p.Constituents.Region); t.Phone == "" || err != nil {
		return nil
	}
	v.Looked, v.Requester = true, t.Requester
	found, err := p.Cases.Callers(ctx, t.Phone)
	if err != nil {
		return err
	}
	for _, one := range found {
		who := caller{ID: one.ID, Name: one.Name, Mail: one.Email, Chosen: t.Requester == one.ID}
		for i := range one.Cases {
			who.Cases = append(who.Cases, rowOfCase(&one.Cases[i].Case))
		}
		v.Callers = append(v.Callers, who)
	}
	return nil
}

func rowOfCase(c *cases.Case) intakeCase {
	return intakeCase{Href: "/desk/cases/" + c.CaseNo, CaseNo: c.CaseNo, Title: web.Plain(c.ShownTitle()),
		Chips: []web.Chip{{Words: web.Say("case.status." + string(c.Status))}}}
}

// alikeMost is how many cases alike are shown.
const alikeMost = 5

// aside is what helps while somebody speaks: cases alike, the promise, and what
// to read back.
func (p *intakePage) aside(ctx context.Context, v *intakeView, n names, t taken, m *catalogue.Matter) error {
	f := t.filing(v.Lang)
	if m != nil {
		f.MatterCode = m.Code
	}
	alike, err := p.Cases.Alike(ctx, f, alikeMost)
	if err != nil {
		return err
	}
	for i := range alike {
		row := rowOfCase(&alike[i].Case)
		if alike[i].SamePlace {
			row.Chips = append(row.Chips, web.Chip{Tone: web.ToneDue, Icon: "map-pin", Words: web.Say("desk.intake.same_place")})
		}
		v.Alike = append(v.Alike, row)
	}
	if t.Text == "" {
		return nil
	}
	if v.Promise, err = p.Cases.Preview(ctx, f); err != nil {
		return err
	}
	v.ReadBack = p.readBack(v, n, t, m)
	return nil
}

// readBack is what the person hears before the case is filed.
func (p *intakePage) readBack(v *intakeView, n names, t taken, m *catalogue.Matter) []web.Words {
	what := web.Say("desk.matter.none")
	if m != nil {
		what = web.Data(m.Name)
	}
	say := []web.Words{web.Say("desk.intake.back.what", "Matter", argument(what), "Text", t.Text)}
	if where := placeOf(n, t); where != nil {
		say = append(say, web.Say("desk.intake.back.where", "Place", where))
	}
	switch {
	case t.Privacy == string(cases.AnonymousFiler):
		say = append(say, web.Say("desk.intake.back.anonymous"))
	case t.Phone != "":
		say = append(say, web.Say("desk.intake.back.phone", "Phone", t.Phone))
	}
	return say
}

func placeOf(n names, t taken) any {
	d, err := n.areas.District(t.District)
	switch {
	case t.Address != "":
		return t.Address
	case t.District == "" || err != nil:
		return nil
	}
	return d.Name
}
