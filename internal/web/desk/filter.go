package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/cookie"
	"minqing/internal/fault"
	"minqing/internal/web"
)

// filterPage finds cases in every status by what is known of them, with words or
// without.
type filterPage struct{ *inboxPage }

// filterView is the view of an address that leads here: saved lists have it, and
// the cookie with the list that somebody left.
const filterView = "filter"

// filtering are the names of what narrows the list, in the order of its tags.
var filtering = []string{"q", covered, "field", "matter", "district", "channel", "kind", "status", "unit", "received_from", "received_to", "due_from", "due_to"}

type filteredView struct {
	web.Page
	Query  web.Field
	Fields []web.Field
	Days   []web.Field
	Tags   []tag
	Clear  string
	Save   string // where the list is saved; empty where nothing narrows it
	Rows   []inboxRow
	Found  *found
	Pager  web.Pager
	Empty  web.Empty
	Bulk   bool
}

// filterAsked reads what an address asks for; what there is none of is named.
func filterAsked(q url.Values) (f cases.Filter, unknown []fault.Field) {
	plain := url.Values{"q": {q.Get("q")}, covered: {q.Get(covered)}, "unit": {q.Get("unit")}, "status": {q.Get("status")}, "kind": {q.Get("kind")}}
	f, unknown = asked(plain)
	f.View = cases.ViewEvery
	f.Narrowing = cases.Narrowing{Matter: q.Get("matter"), Field: q.Get("field"), District: q.Get("district"), Channel: q.Get("channel")}
	for name, to := range map[string]**calendar.Date{"received_from": &f.ReceivedFrom, "received_to": &f.ReceivedTo, "due_from": &f.DueFrom, "due_to": &f.DueTo} {
		typed := strings.TrimSpace(q.Get(name))
		if typed == "" {
			continue
		}
		day, err := calendar.ParseDate(typed)
		if err != nil {
			unknown = append(unknown, fault.Field{Name: name, Key: "desk.filter.day"})
			continue
		}
		*to = &day
	}
	slices.SortFunc(unknown, func(a, b fault.Field) int { return strings.Compare(a.Name, b.Name) })
	return f, unknown
}

// filterQuery is a filter as an address has it, less one of its parts.
func filterQuery(f cases.Filter, without string) url.Values {
	q := narrowed(f, without)
	q.Del("view")
	for name, value := range map[string]string{"matter": f.Matter, "field": f.Field, "district": f.District, "channel": f.Channel} {
		if value != "" && name != without {
			q.Set(name, value)
		}
	}
	for name, day := range map[string]*calendar.Date{"received_from": f.ReceivedFrom, "received_to": f.ReceivedTo, "due_from": f.DueFrom, "due_to": f.DueTo} {
		if day != nil && name != without {
			q.Set(name, day.String())
		}
	}
	return q
}

func filterAddress(q url.Values) string {
	if len(q) == 0 {
		return "/desk/filter"
	}
	return "/desk/filter?" + q.Encode()
}

// listAddress is where a saved list, or the list that somebody left, is shown.
func listAddress(query string) string {
	if q, err := url.ParseQuery(query); err == nil && q.Get("view") == filterView {
		q.Del("view")
		return filterAddress(q)
	}
	return "/desk?" + query
}

// search leads to the list that the form asks for; see inboxPage.search.
func (p *filterPage) search(c *gin.Context) error {
	if err := c.Request.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	to := url.Values{}
	for _, name := range filtering {
		if value := strings.TrimSpace(c.PostForm(name)); value != "" && (name != covered || c.PostForm("q") == "") {
			to.Set(name, value)
		}
	}
	if _, err := p.cover(c.Request.Context(), to); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, filterAddress(to))
	return nil
}

// show lists what the address asks for, the newest first; the form alone where it
// asks for nothing.
func (p *filterPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	v := &filteredView{Page: p.Kit.Page(c, web.Say("desk.filtered.title")), Bulk: p.Bulk != nil}
	v.Wide = true
	v.Back = &web.Link{Href: "/desk", Words: web.Say("desk.inbox.title")}
	typed := c.Request.URL.Query()
	if hidden, err := p.cover(ctx, typed); err != nil || hidden {
		c.Redirect(http.StatusSeeOther, filterAddress(typed))
		return err
	}
	f, unknown := filterAsked(typed)
	unknown = p.uncover(ctx, &f, unknown)
	f.Cursor, f.Limit, f.Facets, f.Broad = c.Query("cursor"), rowsUsual, true, true
	asks := f.Any() || f.Query != "" || f.UnitCode != "" || f.Status != "" || f.Kind != ""
	page := &cases.Page{}
	if asks || len(unknown) > 0 {
		var err error
		page, err = p.list(ctx, f, unknown)
		if e, _ := fault.As(err); e != nil && len(e.Fields) > 0 && e.Fields[0].Name != "cursor" {
			page, err = &cases.Page{}, v.Fail(err)
		}
		if err != nil {
			return err
		}
	}
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	if v.Rows, err = p.rows(ctx, n, page.Items); err != nil {
		return err
	}
	if err := p.mark(ctx, v.Rows, page, f); err != nil {
		return err
	}
	if err := p.form(ctx, v, n, f, typed); err != nil {
		return err
	}
	v.Found = facetsOf(n, f, page.Facets)
	p.beside(v, n, f, page.Next, asks)
	if asks && !v.Failing() {
		p.Kit.Keep(c, cookie.Inbox, savedFilter(f).Encode())
	}
	return p.Kit.Show(c, "desk/filter", v)
}

// savedFilter is a filter as saved lists and the cookie have it: without what was typed.
func savedFilter(f cases.Filter) url.Values {
	q := filterQuery(f, "q")
	q.Set("view", filterView)
	return q
}

func (p *inboxPage) mark(ctx context.Context, rows []inboxRow, page *cases.Page, f cases.Filter) error {
	if f.Query == "" {
		return nil
	}
	passages, err := p.Cases.Passages(ctx, page.Items, f.Query)
	for i := range rows {
		if one, ok := passages[page.Items[i].ID]; ok {
			rows[i].Marked = &one
		}
	}
	return err
}

// beside is what stands around the rows.
func (p *filterPage) beside(v *filteredView, n names, f cases.Filter, next string, asks bool) {
	v.Tags = filterTags(n, f)
	if asks || v.Failing() {
		v.Clear = filterAddress(url.Values{})
	}
	saved := savedFilter(f)
	if len(saved) > 1 && p.Bulk != nil && !v.Failing() {
		v.Save = "/desk/lists?" + saved.Encode()
	}
	v.Pager = web.Pager{Shown: len(v.Rows)}
	if f.Cursor != "" {
		v.Pager.First = v.With("cursor", "")
	}
	if next != "" {
		v.Pager.Next = v.With("cursor", next)
	}
	clear := &web.Button{Words: web.Say("desk.filter.clear"), Href: filterAddress(url.Values{}), Kind: "secondary"}
	v.Empty = web.Empty{Icon: "search", Title: web.Say("desk.inbox.search.none"), Words: web.Say("desk.filtered.none"), Do: clear}
	switch {
	case v.Failing():
		v.Empty = unfound(filterAddress(url.Values{}))
	case !asks:
		v.Empty = web.Empty{Icon: "filter", Title: web.Say("desk.filtered.begin"), Words: web.Say("desk.filtered.begin.words")}
	}
}
