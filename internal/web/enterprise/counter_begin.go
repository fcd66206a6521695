package enterprise

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/fault"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// comerPage asks for whom an application is, and shows who answers to that.
type comerPage struct{ CounterDeps }

type comerView struct {
	web.Page
	Of    *permittypes.Type
	Type  web.Words
	Once  string
	One   string    // the only kind of applicant
	Kind  web.Field // where there are two
	House *permits.House
	Known *web.Field // who was found

	NumberKind, Number, Name, Phone, Email web.Field

	Promised, Statutory web.Words
}

type comerForm struct {
	Once       string `form:"once"`
	Do         string `form:"do"`
	Kind       string `form:"kind"`
	NumberKind string `form:"number_kind"`
	Number     string `form:"number"`
	Name       string `form:"name"`
	Phone      string `form:"phone"`
	Email      string `form:"email"`
	Known      string `form:"known"`
}

func (f comerForm) comer() permits.Comer {
	return permits.Comer{Kind: f.Kind, NumberKind: constituents.IDKind(f.NumberKind), Number: f.Number, Name: f.Name, Phone: f.Phone, Email: f.Email, Known: f.Known}
}

// look names what is missing to look somebody up.
func (f comerForm) look() error {
	var c fault.Check
	c.That(f.Kind != "", "kind", "counter.kind.required")
	c.That(f.Number != "" || f.Phone != "", "number", "counter.number.required")
	return c.Err()
}

func (p *comerPage) show(c *gin.Context) error {
	return p.page(c, comerForm{Once: rand.Text()}, nil)
}

// send looks up who came, or begins their draft.
func (p *comerPage) send(c *gin.Context) error {
	var f comerForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	if f.Do != "begin" {
		f.Do = "look"
		return p.page(c, f, nil)
	}
	begun, err := p.begin(c, f)
	if errors.Is(err, cases.ErrReused) { // somebody went back, and wrote down somebody else
		f.Once, f.Do = rand.Text(), ""
		return p.page(c, f, fault.New(fault.Conflict, "counter.again"))
	}
	if kind := fault.KindOf(err); err != nil && (kind == fault.Invalid || kind == fault.Conflict) {
		return p.page(c, f, err)
	}
	if err != nil {
		return err
	}
	if begun.Shared {
		if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneInfo, Words: web.Say("counter.shared")}); err != nil {
			return err
		}
	}
	c.Redirect(http.StatusSeeOther, counterRoot+"/"+begun.ID+"/"+stepWho)
	return nil
}

// begun is the draft that came of a form.
type begun struct {
	ID     string `json:"id"`
	Shared bool   `json:"shared"` // a colleague had begun it
}

// begin begins a draft once, however often its form is sent.
func (p *comerPage) begin(c *gin.Context, f comerForm) (out begun, err error) {
	ctx, lang := c.Request.Context(), web.Lang(c)
	code := c.Param("code")
	body, err := json.Marshal(f)
	if err != nil {
		return out, fmt.Errorf("write who came: %w", err)
	}
	one := cases.Request{Scope: "desk.counter " + code + " " + p.Kit.Page(c, web.Words{}).Actor.AccountID, Key: f.Once, Body: body}
	a, _, err := p.Once.Do(ctx, one, func(ctx context.Context) (cases.Answer, error) {
		a, shared, err := p.Permits.BeginAtCounter(ctx, code, f.comer(), lang)
		if err != nil {
			return cases.Answer{}, err
		}
		said, err := json.Marshal(begun{ID: a.ID, Shared: shared})
		return cases.Answer{Status: http.StatusCreated, Body: said}, err
	})
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(a.Body, &out); err != nil {
		return out, fmt.Errorf("read which draft was begun: %w", err)
	}
	return out, nil
}

// page shows the form with what was typed, and who answers to it as far as it can be
// read.
func (p *comerPage) page(c *gin.Context, f comerForm, problem error) error {
	ctx := c.Request.Context()
	t, err := p.Types.Type(ctx, c.Param("code"))
	if err != nil {
		return err
	}
	v := &comerView{Page: p.Kit.Page(c, web.Say("counter.who")), Of: t, Type: web.Data(t.Name), Once: f.Once, Promised: limitWords(t.Promised), Statutory: limitWords(t.Statutory)}
	v.Back = &web.Link{Href: counterPath, Words: web.Say("counter.title")}
	if len(t.Audience) == 1 {
		v.One, f.Kind = t.Audience[0], t.Audience[0]
	}
	if f.Do == "look" {
		problem = f.look()
	}
	found := &permits.Comers{}
	if f.Kind != "" && (f.Number != "" || f.Phone != "") {
		var failed error
		found, failed = p.Permits.Comers(ctx, f.comer())
		if failed != nil {
			found = &permits.Comers{}
			if problem == nil {
				problem = failed
			} else if fault.KindOf(failed) != fault.Invalid {
				return failed
			}
		}
	}
	if rest := v.Fail(problem); rest != nil {
		return rest
	}
	v.form(t, f, found)
	return p.Kit.Show(c, "desk/counter-begin", v)
}

func (v *comerView) form(t *permittypes.Type, f comerForm, found *permits.Comers) {
	person, house := slices.Contains(t.Audience, permits.ForPerson), slices.Contains(t.Audience, permits.ForEnterprise)
	v.Kind = web.Field{Name: "kind", Label: web.Say("counter.kind"), Value: f.Kind, Inline: true}
	for _, k := range t.Audience {
		v.Kind.Options = append(v.Kind.Options, web.Option{Value: k, Words: web.Say("counter.kind." + k)})
	}
	v.Kind = v.Bind(v.Kind)
	if person {
		v.NumberKind = numberKinds(&v.Page, f.NumberKind)
	}
	hint := "counter.number.hint.both"
	switch {
	case !house:
		hint = "counter.number.hint.person"
	case !person:
		hint = "counter.number.hint.enterprise"
	}
	v.Number = v.Bind(web.Field{Name: "number", Label: web.Say("counter.number"), Hint: web.Say(hint), Value: f.Number, Width: "20", Complete: "off", Focus: f.Do == ""})
	v.Phone = v.Bind(web.Field{Name: "phone", Label: web.Say("counter.phone"), Value: f.Phone, Type: "tel", Width: "20", Complete: "off", Optional: true})
	v.Name = v.Bind(web.Field{Name: "name", Label: web.Say("counter.name"), Hint: web.Say("counter.name.hint"), Value: f.Name, Width: "20", Complete: "off", Focus: f.Do == "look" && !v.Failing()})
	v.Email = v.Bind(web.Field{Name: "email", Label: web.Say("counter.email"), Hint: web.Say("counter.email.hint"), Value: f.Email, Type: "email", Width: "20", Complete: "off", Optional: true})
	v.House = found.House
	if found.House != nil && found.House.Name != "" {
		v.Name.Value = found.House.Name
	}
	v.people(f, found.People)
}

// people are those who answer to a number or a phone, masked.
func (v *comerView) people(f comerForm, found []constituents.View) {
	if len(found) == 0 {
		return
	}
	known := web.Field{Name: "known", Label: web.Say("counter.known"), Hint: web.Say("counter.known.hint"), Value: f.Known}
	for i := range found {
		one := &found[i]
		words := web.Say("desk.intake.caller.unnamed")
		if one.Name != "" {
			words = web.Plain(one.Name)
		}
		option := web.Option{Value: one.ID, Words: words}
		if reach := reachOf(one); reach != "" {
			option.Hint = web.Plain(reach)
		}
		known.Options = append(known.Options, option)
	}
	known.Options = append(known.Options, web.Option{Value: permits.NobodyKnown, Words: web.Say("desk.intake.caller.new")})
	known = v.Bind(known)
	v.Known = &known
}

// reachOf is how somebody is reached, masked already.
func reachOf(one *constituents.View) string {
	switch {
	case one.Phone != "" && one.Email != "":
		return one.Phone + " · " + one.Email
	case one.Phone != "":
		return one.Phone
	}
	return one.Email
}
