package desk

import (
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/web"
)

type inboxPage struct{ Deps }

// elsewhere is where people work who handle no cases.
var elsewhere = map[access.Verb]string{access.ReportRead: "/insight/performance", access.JobRead: "/admin/jobs"}

type inboxView struct {
	web.Page
	Views  []viewLink
	Query  web.Field
	Status web.Field
	Kind   web.Field
	View   string
	Rows   []inboxRow
	Pager  web.Pager
	Empty  web.Empty
	Lists  bool // somebody who lists cases at all
}

// viewLink is a view with how many cases it holds, up to where counting stops.
type viewLink struct {
	Href    string
	Words   web.Words
	N       int
	More    bool
	Current bool
}

type inboxRow struct {
	Href  string
	Title web.Words
	Due   web.Chip
	Chips []web.Chip
	Facts []web.Words
}

// show lists what is due first in the actor's scope.
func (p *inboxPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	v := &inboxView{Page: p.Kit.Page(c, web.Say("desk.inbox.title"))}
	v.Wide = true
	switch err := p.Access.Can(ctx, access.CaseList); {
	case err != nil && fault.KindOf(err) == fault.Forbidden:
		for verb, home := range elsewhere {
			if p.Access.Can(ctx, verb) == nil {
				c.Redirect(303, home)
				return nil
			}
		}
		v.Empty = web.Empty{Icon: "info-circle", Title: web.Say("desk.inbox.none.title"), Words: web.Say("desk.inbox.none.words")}
		return p.Kit.Show(c, "desk/inbox", v)
	case err != nil:
		return err
	}
	v.Lists = true
	f := cases.Filter{View: c.DefaultQuery("view", cases.ViewOpen), Status: cases.Status(c.Query("status")), Kind: cases.Kind(c.Query("kind")),
		Query: c.Query("q"), Cursor: c.Query("cursor"), UnitCode: c.Query("unit"), Limit: rowsOf(c.Query("limit"))}
	page, err := p.Cases.Queue(ctx, f)
	if e, _ := fault.As(err); e != nil && len(e.Fields) > 0 && e.Fields[0].Name == "q" {
		page, err = &cases.Page{}, v.Fail(err)
	}
	if err != nil {
		return err
	}
	if f.Query != "" && !v.Failing() {
		v.Title = web.Say("desk.inbox.search.title", "Query", f.Query)
	}
	if err := p.rail(c, v, f); err != nil {
		return err
	}
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	for i := range page.Items {
		row, err := p.row(c, n, &page.Items[i])
		if err != nil {
			return err
		}
		v.Rows = append(v.Rows, row)
	}
	v.Pager = web.Pager{Shown: len(v.Rows)}
	if f.Cursor != "" {
		v.Pager.First = v.With("cursor", "")
	}
	if page.Next != "" {
		v.Pager.Next = v.With("cursor", page.Next)
	}
	v.Empty = web.Empty{Icon: "circle-check", Title: web.Say("desk.inbox.empty.title"), Words: web.Say("desk.inbox.empty." + emptyKind(f)),
		Do: &web.Button{Words: web.Say("desk.inbox.all"), Href: "/desk", Kind: "secondary"}}
	if f.Query != "" {
		v.Empty.Icon, v.Empty.Title = "search", web.Say("desk.inbox.search.none")
	}
	return p.Kit.Show(c, "desk/inbox", v)
}

const rowsUsual = 50

// rowsOf reads how many rows a page of the inbox shall have.
func rowsOf(asked string) int {
	if n, err := strconv.Atoi(asked); err == nil && n > 0 && n <= 2*rowsUsual {
		return n
	}
	return rowsUsual
}

func emptyKind(f cases.Filter) string {
	if f.Query != "" {
		return "search"
	}
	if f.Status != "" || f.Kind != "" {
		return "filtered"
	}
	return "done"
}

func (p *inboxPage) rail(c *gin.Context, v *inboxView, f cases.Filter) error {
	counts, err := p.Cases.Counts(c.Request.Context())
	if err != nil {
		return err
	}
	for _, name := range cases.Views {
		n := counts[name]
		v.Views = append(v.Views, viewLink{Href: "/desk?view=" + name, Words: web.Say("desk.view." + name),
			N: n, More: n >= cases.CountMost, Current: name == f.View && f.Query == ""})
	}
	v.View = f.View
	v.Query = v.Bind(web.Field{Name: "q", Label: web.Say("desk.filter.number"), Hint: web.Say("desk.filter.number.hint"), Value: f.Query})
	v.Status = web.Field{Name: "status", Label: web.Say("desk.filter.status"), Value: string(f.Status), Options: []web.Option{{Words: web.Say("desk.filter.any")}}}
	for _, s := range cases.Statuses {
		if !s.Ended() {
			v.Status.Options = append(v.Status.Options, web.Option{Value: string(s), Words: web.Say("case.status." + string(s))})
		}
	}
	v.Kind = web.Field{Name: "kind", Label: web.Say("desk.filter.kind"), Value: string(f.Kind), Options: []web.Option{{Words: web.Say("desk.filter.any")}}}
	for _, k := range cases.Kinds {
		v.Kind.Options = append(v.Kind.Options, web.Option{Value: string(k), Words: web.Say("case.kind." + string(k))})
	}
	return nil
}

func (p *inboxPage) row(c *gin.Context, n names, it *cases.Item) (inboxRow, error) {
	due, err := p.dueChip(c.Request.Context(), &it.Case)
	if err != nil {
		return inboxRow{}, err
	}
	r := inboxRow{Href: "/desk/cases/" + it.CaseNo, Title: web.Plain(it.Title), Due: due}
	if it.Urgent {
		r.Chips = append(r.Chips, web.Chip{Tone: web.ToneOver, Words: web.Say("desk.chip.urgent")})
	}
	if it.ReturnedCount > 0 {
		r.Chips = append(r.Chips, web.Chip{Tone: web.ToneDue, Words: web.Say("desk.chip.returned")})
	}
	if it.Appealed {
		r.Chips = append(r.Chips, web.Chip{Tone: web.ToneWatch, Words: web.Say("desk.chip.appealed")})
	}
	if it.Confidentiality != cases.Normal {
		r.Chips = append(r.Chips, web.Chip{Icon: "lock", Words: web.Say("case.confidentiality." + string(it.Confidentiality))})
	}
	r.Facts = []web.Words{web.Plain(it.CaseNo), web.Say("case.status." + string(it.Status)), n.matter(it.MatterID)}
	if d := n.district(it.DistrictID); !d.IsZero() {
		r.Facts = append(r.Facts, d)
	}
	r.Facts = append(r.Facts, n.unit(it.UnitID))
	return r, nil
}
