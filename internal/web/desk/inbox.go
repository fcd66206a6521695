package desk

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/cookie"
	"minqing/internal/fault"
	"minqing/internal/web"
)

type inboxPage struct{ Deps }

// elsewhere is where people work who handle no cases.
var elsewhere = map[access.Verb]string{access.ReportRead: "/insight/performance", access.JobRead: "/admin/jobs", access.AuditRead: "/admin/audit",
	access.AccessGrant: "/admin/access", access.SegmentRead: "/people"}

const rowsUsual = 50

// rowsOf reads how many rows a page of the inbox shall have.
func rowsOf(asked string) int {
	if n, err := strconv.Atoi(asked); err == nil && n > 0 && n <= 2*rowsUsual {
		return n
	}
	return rowsUsual
}

type inboxView struct {
	web.Page
	rail
	Rows  []inboxRow
	Pager web.Pager
	Empty web.Empty
	Lists bool   // somebody who lists cases at all
	Found *found // of a search
	Bulk  []pair // the list as the form of acts on many carries it on; empty: none are offered
}

// show lists what is due first in the actor's scope.
func (p *inboxPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	v := &inboxView{Page: p.Kit.Page(c, web.Say("desk.inbox.title"))}
	v.Wide = true
	switch err := p.Access.Can(ctx, access.CaseList); {
	case err != nil && fault.KindOf(err) == fault.Forbidden:
		return p.nothing(c, v)
	case err != nil:
		return err
	}
	preferred, err := p.preferred(ctx)
	if err != nil {
		return err
	}
	if preferred != "" && c.Request.URL.RawQuery == "" {
		c.Redirect(303, preferred)
		return nil
	}
	v.Lists = true
	typed := c.Request.URL.Query()
	if hidden, err := p.cover(ctx, typed); err != nil || hidden { // an address from before, or typed by hand
		c.Redirect(303, address(typed))
		return err
	}
	f, unknown := asked(typed)
	unknown = p.uncover(ctx, &f, unknown)
	f.Cursor, f.Limit, f.Facets = c.Query("cursor"), rowsOf(c.Query("limit")), f.Query != ""
	page, err := p.list(ctx, f, unknown)
	if e, _ := fault.As(err); e != nil && len(e.Fields) > 0 && e.Fields[0].Name != "cursor" {
		page, err = &cases.Page{}, v.Fail(err)
	}
	if err != nil {
		return err
	}
	v.headed(f)
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	if v.rail, err = p.rail(ctx, n, f); err != nil {
		return err
	}
	v.bind()
	if v.Rows, err = p.rows(ctx, n, page.Items); err != nil {
		return err
	}
	if f.Query != "" {
		if err := p.found(ctx, v, n, f, page); err != nil {
			return err
		}
	}
	p.around(v, f, page.Next, preferred != "")
	if v.Failing() {
		return p.Kit.Show(c, "desk/inbox", v)
	}
	p.Kit.Keep(c, cookie.Inbox, narrowed(f, "q").Encode())
	return p.Kit.Show(c, "desk/inbox", v)
}

// headed says in the title what is searched for. Browsers keep titles too.
func (v *inboxView) headed(f cases.Filter) {
	switch {
	case f.Query == "" || v.Failing():
	case f.Covered != "":
		v.Title = web.Say("desk.inbox.search.person")
	default:
		v.Title = web.Say("desk.inbox.search.title", "Query", f.Query)
	}
}

// around is what stands around the rows: the bar, the pager, what is said where
// there are none.
func (p *inboxPage) around(v *inboxView, f cases.Filter, next string, explicit bool) {
	if p.Bulk != nil {
		v.Bulk = carried(f)
	}
	v.Pager = web.Pager{Shown: len(v.Rows)}
	if f.Cursor != "" {
		v.Pager.First = v.With("cursor", "")
	}
	if next != "" {
		v.Pager.Next = v.With("cursor", next)
	}
	v.Empty = empty(f, v.Clear)
	if v.Failing() && f.Query == "" {
		v.Empty = unfound(address(url.Values{}))
	}
	if explicit {
		v.explicit()
	}
}

// list is the queue, or what of the filter nobody knows.
func (p *inboxPage) list(ctx context.Context, f cases.Filter, unknown []fault.Field) (*cases.Page, error) {
	if len(unknown) > 0 {
		return nil, fault.InvalidInput(unknown...)
	}
	page, err := p.Cases.Queue(ctx, f)
	if e, _ := fault.As(err); e != nil && len(e.Fields) > 0 && e.Fields[0].Name == "unit" {
		return nil, fault.InvalidInput(unknownFilter("unit", f.UnitCode))
	}
	return page, err
}

// explicit names the view in links to the inbox alone, which lead elsewhere for
// somebody whose inbox opens with a list of their own.
func (v *inboxView) explicit() {
	plain := func(href *string) {
		if *href == "/desk" {
			*href = "/desk?view=" + cases.ViewOpen
		}
	}
	for i := range v.Views {
		plain(&v.Views[i].Href)
	}
	for i := range v.Tags {
		plain(&v.Tags[i].Href)
	}
	plain(&v.Clear)
	if v.Empty.Do != nil {
		plain(&v.Empty.Do.Href)
	}
}

// bind gives the fields of the filter their errors.
func (v *inboxView) bind() {
	v.Query, v.Status, v.Kind = v.Bind(v.Query), v.Bind(v.Status), v.Bind(v.Kind)
	if v.Unit != nil {
		*v.Unit = v.Bind(*v.Unit)
	}
}

// asked reads view and filters. What there is none of is left out and named.
func asked(q url.Values) (f cases.Filter, unknown []fault.Field) {
	f = cases.Filter{View: q.Get("view"), Query: strings.TrimSpace(q.Get("q")), Covered: q.Get(covered), UnitCode: q.Get("unit"),
		Status: cases.Status(q.Get("status")), Kind: cases.Kind(q.Get("kind"))}
	if f.View == "" {
		f.View = cases.ViewOpen
	}
	if f.Query != "" {
		f.Covered = ""
	}
	if !slices.Contains(cases.Views, f.View) {
		unknown, f.View = append(unknown, unknownFilter("view", f.View)), cases.ViewOpen
	}
	if f.Status != "" && !slices.Contains(cases.Statuses, f.Status) {
		unknown, f.Status = append(unknown, unknownFilter("status", string(f.Status))), ""
	}
	if f.Kind != "" && !slices.Contains(cases.Kinds, f.Kind) {
		unknown, f.Kind = append(unknown, unknownFilter("kind", string(f.Kind))), ""
	}
	return f, unknown
}

// shownMost is how much of an unknown value is shown, in characters.
const shownMost = 40

func unknownFilter(name, value string) fault.Field {
	if runes := []rune(value); len(runes) > shownMost {
		value = string(runes[:shownMost]) + "…"
	}
	f := fault.Field{Name: name, Key: "desk.filter.unknown." + name, Args: map[string]any{"Value": value}}
	if name == "view" {
		f.Name = "" // a list of links has no input that the error could lead to
	}
	return f
}

// nothing leads people who list no cases to where they work.
func (p *inboxPage) nothing(c *gin.Context, v *inboxView) error {
	for verb, home := range elsewhere {
		if p.Access.Can(c.Request.Context(), verb) == nil {
			c.Redirect(303, home)
			return nil
		}
	}
	v.Empty = web.Empty{Icon: "info-circle", Title: web.Say("desk.inbox.none.title"), Words: web.Say("desk.inbox.none.words")}
	return p.Kit.Show(c, "desk/inbox", v)
}

// unfound stands in place of a list that nobody can make, for its filter.
func unfound(clear string) web.Empty {
	return web.Empty{Icon: "search", Title: web.Say("desk.inbox.empty.title"), Words: web.Say("desk.inbox.unfound"),
		Do: &web.Button{Words: web.Say("desk.filter.clear"), Href: clear, Kind: "secondary"}}
}

// empty says why there is nothing and what to do next.
func empty(f cases.Filter, clear string) web.Empty {
	e := web.Empty{Icon: "search", Title: web.Say("desk.inbox.empty.title"),
		Do: &web.Button{Words: web.Say("desk.inbox.all"), Href: "/desk", Kind: "secondary"}}
	switch {
	case f.Query != "":
		e.Title, e.Words = web.Say("desk.inbox.search.none"), web.Say("desk.inbox.empty.search")
	case clear != "":
		e.Words = web.Say("desk.inbox.empty.filtered")
		e.Do = &web.Button{Words: web.Say("desk.filter.clear"), Href: clear, Kind: "secondary"}
	default:
		e.Icon, e.Words = "circle-check", web.Say("desk.inbox.empty."+f.View)
		if f.View == cases.ViewOpen {
			e.Do = nil
		}
	}
	return e
}

// left is the inbox as this reader left it: its cookie has view and filters, so
// that the way back from a case leads to the list that it was opened from.
// Nothing typed is in it.
func (d Deps) left(c *gin.Context) string {
	q, err := url.ParseQuery(d.Kit.Kept(c, cookie.Inbox))
	if err != nil {
		return "/desk"
	}
	if q.Get("view") == filterView {
		f, _ := filterAsked(q)
		return filterAddress(filterQuery(f, "q"))
	}
	f, _ := asked(q)
	return address(narrowed(f, "q"))
}
