package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/web"
	"minqing/internal/worklist"
)

// bulkPage does one act on many cases: chosen in the inbox, or all that a filter
// shows.
type bulkPage struct {
	Deps

	lists unitLists
}

type bulkView struct {
	web.Page
	Chosen []string  // numbers of cases
	Filter []pair    // or a filter instead
	Count  int       // how many cases
	More   bool      // the filter shows still more
	Acts   []actLink // what can be done with them
	Action cases.Action
	Says   web.Words
	Fields []field
	Empty  web.Empty
}

// pair is a value that a form carries on.
type pair struct{ Name, Value string }

// actLink leads to the form of an act; Possible counts the cases that it can be done with.
type actLink struct {
	Href     string
	Words    web.Words
	Possible int
}

// chosen are the cases of a request: by their numbers, or all of a filter.
func (p *bulkPage) chosen(ctx context.Context, q url.Values, v *bulkView) (numbers []string, err error) {
	if q.Get("all") == "" {
		for _, no := range q["case"] {
			if no != "" && !slices.Contains(numbers, no) {
				numbers = append(numbers, no)
			}
		}
		v.Chosen = numbers
		return numbers, nil
	}
	f, unknown := asked(q)
	unknown = p.uncover(ctx, &f, unknown)
	if len(unknown) > 0 {
		return nil, fault.InvalidInput(unknown...)
	}
	v.Filter = append(carried(f), pair{"all", "1"})
	numbers, v.More, err = p.Bulk.Matching(ctx, f)
	return numbers, err
}

// carried is a filter as a form carries it on: the view always, else what is set.
func carried(f cases.Filter) []pair {
	list := []pair{{"view", f.View}}
	typed := pair{"q", f.Query}
	if f.Covered != "" {
		typed = pair{covered, f.Covered}
	}
	for _, one := range []pair{typed, {"unit", f.UnitCode}, {"status", string(f.Status)}, {"kind", string(f.Kind)}} {
		if one.Value != "" {
			list = append(list, one)
		}
	}
	return list
}

// show asks what shall be done, and then for the values of that act.
func (p *bulkPage) show(c *gin.Context) error {
	v, numbers, err := p.begin(c, c.Request.URL.Query())
	if err != nil {
		return err
	}
	return p.fill(c, v, numbers, cases.Action(c.Query("action")))
}

func (p *bulkPage) begin(c *gin.Context, q url.Values) (*bulkView, []string, error) {
	v := &bulkView{Page: p.Kit.Page(c, web.Say("desk.bulk.title"))}
	v.Wide = true
	v.Back = &web.Link{Href: p.left(c), Words: web.Say("desk.inbox.title")}
	v.Empty = web.Empty{Icon: "search", Title: web.Say("desk.bulk.nothing"), Words: web.Say("desk.bulk.nothing.words"),
		Do: &web.Button{Words: web.Say("desk.inbox.all"), Href: p.left(c), Kind: "secondary"}}
	numbers, err := p.chosen(c.Request.Context(), q, v)
	if e, ours := fault.As(err); ours && e.Kind == fault.Invalid {
		return v, nil, v.Fail(err)
	}
	if err == nil && len(numbers) > worklist.Most {
		return v, nil, v.Fail(fault.New(fault.Conflict, "desk.bulk.many").With("Most", worklist.Most))
	}
	v.Count = len(numbers)
	return v, numbers, err
}

func (p *bulkPage) fill(c *gin.Context, v *bulkView, numbers []string, a cases.Action) error {
	ctx := c.Request.Context()
	if len(numbers) == 0 {
		return p.Kit.Show(c, "desk/bulk", v)
	}
	offered, err := p.Bulk.Offered(ctx)
	if err != nil {
		return err
	}
	if a != "" && !slices.Contains(offered, a) {
		return fault.New(fault.NotFound, "case.action.unknown")
	}
	if a != "" {
		ahead, err := p.Cases.LookAhead(ctx, numbers, a)
		if err != nil {
			return err
		}
		v.Action, v.Says, v.Title = a, web.Say("desk.bulk.says."+string(a)), web.Say("desk.bulk.title.act", "Action", argument(web.Say("case.action."+string(a))))
		if v.Fields, err = p.fields(c, v, ahead); err != nil {
			return err
		}
		return p.Kit.Show(c, "desk/bulk", v)
	}
	for _, a := range offered {
		ahead, err := p.Cases.LookAhead(ctx, numbers, a)
		if err != nil {
			return err
		}
		one := actLink{Href: v.address(a), Words: web.Say("case.action." + string(a))}
		for _, it := range ahead {
			if it.Why == nil {
				one.Possible++
			}
		}
		if one.Possible > 0 {
			v.Acts = append(v.Acts, one)
		}
	}
	v.Empty = web.Empty{Icon: "info-circle", Title: web.Say("desk.bulk.noact"), Words: web.Say("desk.bulk.noact.words"), Do: v.Empty.Do}
	return p.Kit.Show(c, "desk/bulk", v)
}

// address is the page for an act, with the same cases.
func (v *bulkView) address(a cases.Action) string {
	q := url.Values{"action": {string(a)}}
	for _, no := range v.Chosen {
		q.Add("case", no)
	}
	for _, f := range v.Filter {
		q.Set(f.Name, f.Value)
	}
	return "/desk/bulk?" + q.Encode()
}

// fields are what an act asks for, once for all cases.
func (p *bulkPage) fields(c *gin.Context, v *bulkView, ahead []cases.Ahead) ([]field, error) {
	var list []field
	add := func(kind, name string, label web.Words) *field {
		f := field{Kind: kind, Field: web.Field{Name: string(v.Action) + "." + name, Label: label, Rows: 3}}
		f.Value = c.PostForm(f.Name)
		list = append(list, f)
		return &list[len(list)-1]
	}
	for _, name := range worklist.Fields(v.Action) {
		switch name {
		case "unit_code":
			f := add("select", name, web.Say("desk.field.unit_code"))
			n, err := p.names(c.Request.Context())
			if err != nil {
				return nil, err
			}
			if v.Action == cases.ActDispatch {
				f.Hint, f.Optional = web.Say("desk.bulk.routed"), true
			}
			written, err := p.lists.get(p.Kit, unitList{revision: n.snap.Revision, lang: v.Lang}, n.units)
			if err != nil {
				return nil, err
			}
			f.Field = f.Offer(written)
		case "handler_id":
			options, err := p.handlers(c.Request.Context(), ahead)
			if err != nil {
				return nil, err
			}
			add("select", name, web.Say("desk.field.handler_id")).Options = options
		case "outcome":
			f := add("radios", name, web.Say("desk.field.outcome"))
			for _, o := range cases.Outcomes {
				f.Options = append(f.Options, web.Option{Value: string(o), Words: web.Say("case.outcome." + string(o))})
			}
		case "text":
			add("textarea", name, web.Say("desk.field.note_text")).Max = cases.TextMost
		case "note":
			f := add("textarea", name, web.Say("desk.field.note"))
			f.Max, f.Optional, f.Hint = cases.TextMost, true, web.Say("desk.field.note.hint")
			if v.Action == cases.ActRedispatch {
				f.Label, f.Optional, f.Hint = web.Say("desk.field.redispatch"), false, web.Words{}
			}
		}
	}
	for i := range list {
		list[i].Field = v.Bind(list[i].Field)
	}
	return list, nil
}

const handlerUnitsMost = 20

// handlers are the people who may handle cases of the units that have them,
// oneself first. Whoever may not handle one of them is told so for that case.
func (p *bulkPage) handlers(ctx context.Context, ahead []cases.Ahead) ([]web.Option, error) {
	n, err := p.names(ctx)
	if err != nil {
		return nil, err
	}
	mine := me(ctx)
	options := []web.Option{{Value: mine, Words: web.Say("desk.handler.me")}}
	seen := map[string]*catalogue.Unit{}
	var ids []string
	for i := range ahead {
		u, err := n.snap.Unit(ahead[i].UnitID)
		if ahead[i].Why != nil || err != nil || seen[u.ID] != nil || len(seen) == handlerUnitsMost {
			continue
		}
		seen[u.ID] = u
		more, err := p.Cases.Handlers(ctx, &ahead[i].Case, u)
		if err != nil {
			return nil, err
		}
		for _, id := range more {
			if id != mine && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	known, err := p.People.Names(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if known[id] != "" {
			options = append(options, web.Option{Value: id, Words: web.Plain(known[id])})
		}
	}
	return options, nil
}

// prepare keeps what was typed and shows what would happen to each case.
func (p *bulkPage) prepare(c *gin.Context) error {
	if err := c.Request.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	ctx := c.Request.Context()
	a := cases.Action(c.PostForm("action"))
	v, numbers, err := p.begin(c, c.Request.PostForm)
	if err != nil {
		return err
	}
	if len(numbers) == 0 || v.Failing() {
		return p.Kit.Show(c, "desk/bulk", v)
	}
	values := worklist.Typed{}
	for _, name := range worklist.Fields(a) {
		values[name] = typed(c, a, name)
	}
	id, err := p.Bulk.Prepare(ctx, a, values, numbers, v.More)
	if err == nil {
		c.Redirect(http.StatusSeeOther, "/desk/bulk/"+id)
		return nil
	}
	e, ours := fault.As(err)
	if !ours || e.Kind != fault.Invalid {
		return err
	}
	for i := range e.Fields {
		e.Fields[i].Name = string(a) + "." + e.Fields[i].Name
	}
	if rest := v.Fail(e); rest != nil {
		return rest
	}
	return p.fill(c, v, numbers, a)
}

func (d Deps) registerBulk(g *gin.RouterGroup) {
	if d.Bulk == nil {
		return
	}
	many := &bulkPage{Deps: d}
	d.Kit.GET(g, "/bulk", access.CaseList, many.show)
	d.Kit.POST(g, "/bulk", access.CaseList, many.prepare, web.Keeps(typedInAct))
	d.Kit.GET(g, "/bulk/:id", access.CaseList, many.run)
	d.Kit.POST(g, "/bulk/:id", access.CaseList, many.confirm)
}
