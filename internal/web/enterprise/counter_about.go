package enterprise

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
	"minqing/internal/constituents"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/register"
	"minqing/internal/web"
)

// counterPermits is where permits stand that a desk renews or changes for who came.
const counterPermits = counterPath + "/permits"

// holderPage finds the permits of whoever came to a counter, by the number of a permit, or
// by that of the document which they show.
type holderPage struct{ CounterDeps }

type holderView struct {
	web.Page
	Rows   []applicationRow
	More   bool // not all are listed
	Looked bool // by a document

	No, Kind, NumberKind, Number web.Field
}

type holderForm struct {
	No         string `form:"no"`
	Kind       string `form:"kind"`
	NumberKind string `form:"number_kind"`
	Number     string `form:"number"`
}

func (p *holderPage) show(c *gin.Context) error { return p.page(c, holderForm{}, nil, nil) }

// find opens a permit by its number, or lists those of a document.
func (p *holderPage) find(c *gin.Context) error {
	var f holderForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	wrong := func(key string) error {
		return p.page(c, f, nil, fault.InvalidInput(fault.Field{Name: "no", Key: key}))
	}
	switch {
	case f.No == "" && f.Number == "":
		return wrong("counter.about.required")
	case f.No == "":
		list, more, err := p.Permits.CounterPermits(c.Request.Context(), permits.Comer{Kind: f.Kind, NumberKind: constituents.IDKind(f.NumberKind), Number: f.Number})
		return p.page(c, f, &heldPermits{list, more}, err)
	}
	no, err := register.ParseNumber(f.No)
	if err != nil {
		return wrong("counter.about.no.form")
	}
	m, err := p.Permits.CounterPermit(c.Request.Context(), no)
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound:
		return wrong("counter.about.no.none")
	case err != nil:
		return err
	}
	c.Redirect(http.StatusSeeOther, counterPermits+"/"+m.PermitNo)
	return nil
}

// heldPermits are the permits of a document.
type heldPermits struct {
	list []permits.Mine
	more bool
}

func (p *holderPage) page(c *gin.Context, f holderForm, held *heldPermits, problem error) error {
	v := &holderView{Page: p.Kit.Page(c, web.Say("counter.about"))}
	v.Back = &web.Link{Href: counterPath, Words: web.Say("counter.title")}
	if rest := v.Fail(problem); rest != nil {
		return rest
	}
	if held != nil && problem == nil {
		v.Looked, v.More = true, held.more
		for i := range held.list {
			m := &held.list[i]
			row := permitRow(&m.Permit, p.Permits.Holds.Today())
			row.Href = counterPermits + "/" + m.PermitNo
			v.Rows = append(v.Rows, applicationRow{Href: row.Href, Title: row.Title, Chip: row.Chip, Facts: append([]web.Words{web.Plain(m.HolderShown)}, row.Facts...)})
		}
	}
	v.No = v.Bind(web.Field{Name: "no", Label: web.Say("counter.about.no"), Hint: web.Say("counter.about.no.hint"), Value: f.No, Width: "20", Complete: "off"})
	v.Kind = web.Field{Name: "kind", Label: web.Say("counter.about.holder"), Value: f.Kind, Inline: true}
	for _, k := range []string{permits.ForPerson, permits.ForEnterprise} {
		v.Kind.Options = append(v.Kind.Options, web.Option{Value: k, Words: web.Say("counter.kind." + k)})
	}
	v.Kind = v.Bind(v.Kind)
	v.NumberKind = numberKinds(&v.Page, f.NumberKind)
	v.Number = v.Bind(web.Field{Name: "number", Label: web.Say("counter.number"), Hint: web.Say("counter.number.hint.both"), Value: f.Number, Width: "20", Complete: "off"})
	return p.Kit.Show(c, "desk/counter-permits", v)
}

// numberKinds asks of which kind the document of a person is.
func numberKinds(on *web.Page, chosen string) web.Field {
	f := web.Field{Name: "number_kind", Label: web.Say("counter.number_kind"), Value: chosen}
	for _, k := range constituents.IDKinds(constituents.Person) {
		f.Options = append(f.Options, web.Option{Value: string(k), Words: web.Say("people.number." + string(k))})
	}
	return on.Bind(f)
}

// aboutPage begins the renewal or the change of one permit for its holder.
type aboutPage struct{ CounterDeps }

type aboutView struct {
	web.Page
	Once    string
	Held    *permits.Mine
	Chip    web.Chip
	Until   web.Words
	Renewal web.Words // when it can be renewed, and what asking late means
	Tone    web.Tone
	Pending web.Words // an application is under way
	Draft   string    // the address of what this desk has begun
	Person  bool
	May     bool // something can be asked for

	Purpose, NumberKind, Number, Name web.Field
}

type aboutForm struct {
	Once       string `form:"once"`
	Purpose    string `form:"purpose"`
	NumberKind string `form:"number_kind"`
	Number     string `form:"number"`
	Name       string `form:"name"`
}

func (p *aboutPage) show(c *gin.Context) error {
	return p.page(c, aboutForm{Once: rand.Text()}, nil)
}

// send begins the draft once, however often its form is sent.
func (p *aboutPage) send(c *gin.Context) error {
	ctx, no := c.Request.Context(), c.Param("no")
	var f aboutForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	body, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("write who came: %w", err)
	}
	one := cases.Request{Scope: "desk.counter.about " + no + " " + p.Kit.Page(c, web.Words{}).Actor.AccountID, Key: f.Once, Body: body}
	said, _, err := p.Once.Do(ctx, one, func(ctx context.Context) (cases.Answer, error) {
		a, shared, err := p.Permits.AboutAtCounter(ctx, no, permits.Purpose(f.Purpose), permits.Comer{NumberKind: constituents.IDKind(f.NumberKind), Number: f.Number, Name: f.Name})
		if err != nil {
			return cases.Answer{}, err
		}
		body, err := json.Marshal(begun{ID: a.ID, Shared: shared})
		return cases.Answer{Status: http.StatusCreated, Body: body}, err
	})
	if errors.Is(err, cases.ErrReused) { // somebody went back, and asked for something else
		f.Once = rand.Text()
		return p.page(c, f, fault.New(fault.Conflict, "counter.again"))
	}
	if kind := fault.KindOf(err); err != nil && (kind == fault.Invalid || kind == fault.Conflict) {
		return p.page(c, f, err)
	}
	if err != nil {
		return err
	}
	var out begun
	if err := json.Unmarshal(said.Body, &out); err != nil {
		return fmt.Errorf("read which draft was begun: %w", err)
	}
	if out.Shared {
		if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneInfo, Words: web.Say("counter.shared")}); err != nil {
			return err
		}
	}
	c.Redirect(http.StatusSeeOther, counterRoot+"/"+out.ID+"/"+stepWho)
	return nil
}

func (p *aboutPage) page(c *gin.Context, f aboutForm, problem error) error {
	m, err := p.Permits.CounterPermit(c.Request.Context(), c.Param("no"))
	if err != nil {
		return err
	}
	row := permitRow(&m.Permit, p.Permits.Holds.Today())
	v := &aboutView{Page: p.Kit.Page(c, web.Say("counter.about")), Once: f.Once, Held: m, Chip: row.Chip, Until: row.Facts[len(row.Facts)-1], Person: m.HolderKind == constituents.Person}
	v.Back = &web.Link{Href: counterPermits, Words: web.Say("counter.about")}
	if rest := v.Fail(problem); rest != nil {
		return rest
	}
	switch {
	case m.Pending != nil && m.Pending.State == permits.Draft:
		v.Pending, v.Draft = web.Say("held.pending.draft."+string(m.Pending.Purpose)), counterRoot+"/"+m.Pending.ID+"/"+stepWho
	case m.Pending != nil:
		v.Pending = web.Say("counter.about.pending", "Case", m.Pending.CaseNo)
	case m.Next != "":
		v.Pending = web.Say("held.replaced", "No", m.Next)
	default:
		v.renewal(m)
	}
	v.Purpose = web.Field{Name: "purpose", Label: web.Say("counter.about.purpose"), Value: f.Purpose}
	if m.Renews() {
		v.Purpose.Options = append(v.Purpose.Options, web.Option{Value: string(permits.ForRenewal), Words: web.Say("counter.about.renewal")})
	}
	if m.Changes() {
		v.Purpose.Options = append(v.Purpose.Options, web.Option{Value: string(permits.ForChange), Words: web.Say("counter.about.change"), Hint: web.Say("counter.about.change.hint")})
	}
	if v.May = len(v.Purpose.Options) > 0; len(v.Purpose.Options) == 1 && f.Purpose == "" {
		v.Purpose.Value = v.Purpose.Options[0].Value
	}
	v.Purpose = v.Bind(v.Purpose)
	hint := "counter.number.hint.enterprise"
	if v.Person {
		hint = "counter.number.hint.person"
		v.NumberKind = numberKinds(&v.Page, f.NumberKind)
	}
	v.Number = v.Bind(web.Field{Name: "number", Label: web.Say("counter.number"), Hint: web.Say(hint), Value: f.Number, Width: "20", Complete: "off"})
	v.Name = v.Bind(web.Field{Name: "name", Label: web.Say("counter.name"), Hint: web.Say("counter.name.hint"), Value: f.Name, Width: "20", Complete: "off"})
	return p.Kit.Show(c, "desk/counter-about", v)
}

// renewal says when a renewal can be asked for, and what asking late means, for the clerk
// to tell the holder.
func (v *aboutView) renewal(m *permits.Mine) {
	day := func(d calendar.Date) string { return i18n.Format{Lang: v.Lang}.Date(d.UTC()) }
	switch {
	case m.Stands != register.Valid && m.Stands != register.Suspended:
	case m.Type == nil:
		v.Renewal = web.Say("held.no_type")
	case m.Window == nil:
		v.Renewal = web.Say("held.renew.never")
	case m.Timing == permits.Early:
		v.Renewal = web.Say("held.renew.early", "Opens", day(m.Window.Opens))
	case m.Timing == permits.Open && !m.Window.Silence:
		v.Renewal = web.Say("counter.about.open.tw", "Ends", day(m.Window.Ends))
	case m.Timing == permits.Open:
		v.Renewal = web.Say("counter.about.open", "AskBy", day(m.Window.AskBy))
	case m.Timing == permits.Late:
		v.Renewal, v.Tone = web.Say("counter.about.late", "AskBy", day(m.Window.AskBy), "Ends", day(m.Window.Ends)), web.ToneDue
	}
}
