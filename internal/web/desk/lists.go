package desk

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/fault"
	"minqing/internal/web"
	"minqing/internal/worklist"
)

// listsPage keeps lists of the inbox under names, and changes those.
type listsPage struct{ Deps }

type listsView struct {
	web.Page
	What    []tag      // the view and the filters that would be kept
	Query   string     // the same, as a form carries it on
	New     *web.Field // its name; nil where nothing was brought along
	Share   web.Field
	Lists   []savedList
	Open    string // address of the inbox with nothing chosen
	Typed   bool   // words of a search are not kept
	Default bool
}

// savedList is a list with what its reader may do with it.
type savedList struct {
	worklist.List
	Title string
	Href  string
	Name  web.Field
	Share web.Field
}

// listLinks are the saved lists in the rail.
func (p *inboxPage) listLinks(ctx context.Context, current string) ([]viewLink, error) {
	if p.Bulk == nil {
		return nil, nil
	}
	lists, err := p.Bulk.Lists(ctx)
	links := make([]viewLink, 0, len(lists))
	for _, l := range lists {
		links = append(links, viewLink{Href: listAddress(l.Query), Words: web.Plain(l.Name), Current: l.Query == current})
	}
	return links, err
}

// preferred is the address of the list that this reader's inbox opens with;
// empty where it is the usual one.
func (p *inboxPage) preferred(ctx context.Context) (string, error) {
	if p.Bulk == nil {
		return "", nil
	}
	lists, err := p.Bulk.Lists(ctx)
	for _, l := range lists {
		if l.Default {
			return listAddress(l.Query), nil
		}
	}
	return "", err
}

// kept is a view with its filters as a saved list has them: the view always, so
// that its address is never that of the inbox alone, and no typed words.
func kept(q url.Values) (url.Values, []fault.Field) {
	if q.Get("view") == filterView {
		f, unknown := filterAsked(q)
		return savedFilter(f), unknown
	}
	f, unknown := asked(q)
	v := narrowed(f, "q")
	v.Set("view", f.View)
	return v, unknown
}

func (p *listsPage) show(c *gin.Context) error {
	v, err := p.view(c, c.Request.URL.RawQuery)
	if err != nil {
		return err
	}
	return p.Kit.Show(c, "desk/lists", v)
}

func (p *listsPage) view(c *gin.Context, query string) (*listsView, error) {
	ctx := c.Request.Context()
	v := &listsView{Page: p.Kit.Page(c, web.Say("desk.lists.title")), Open: "/desk?view=open"}
	v.Wide = true
	v.Back = &web.Link{Href: p.left(c), Words: web.Say("desk.inbox.title")}
	n, err := p.names(ctx)
	if err != nil {
		return nil, err
	}
	share := web.Field{Name: "shared", Label: web.Say("desk.lists.share"), Options: []web.Option{{Value: "1", Words: web.Say("desk.lists.shared"), Hint: web.Say("desk.lists.shared.hint")}}}
	if q, err := url.ParseQuery(query); err == nil && (q.Has("view") || q.Has("unit") || q.Has("status") || q.Has("kind")) {
		brought, unknown := kept(q)
		if len(unknown) > 0 {
			return nil, fault.InvalidInput(unknown...)
		}
		v.What, v.Typed = whatIsKept(n, q)
		v.Query, v.Share = brought.Encode(), share
		v.New = &web.Field{Name: "name", Label: web.Say("desk.lists.name"), Width: "20", Complete: "off", Value: c.PostForm("name")}
	}
	lists, err := p.Bulk.Lists(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range lists {
		v.Default = v.Default || l.Default
		one := savedList{List: l, Title: l.Name, Href: listAddress(l.Query), Share: share}
		one.Name = web.Field{Name: "name_" + l.ID, Label: web.Say("desk.lists.name"), Width: "20", Complete: "off", Value: l.Name}
		one.Share.Name = "shared_" + l.ID
		if l.Shared {
			one.Share.Values = []string{"1"}
		}
		v.Lists = append(v.Lists, one)
	}
	return v, nil
}

// whatIsKept names the view and the filters of a list that is saved, and says
// whether words were typed too.
func whatIsKept(n names, q url.Values) (what []tag, typed bool) {
	if q.Get("view") == filterView {
		f, _ := filterAsked(q)
		typed, f.Query = f.Query != "" || f.Covered != "", ""
		return append([]tag{{Name: web.Say("desk.views"), Value: web.Say("desk.filtered.title")}}, filterTags(n, f)...), typed
	}
	f, _ := asked(q)
	r := rail{}
	typed, f.Query = f.Query != "", ""
	r.tags(n, f)
	return append([]tag{{Name: web.Say("desk.views"), Value: web.Say("desk.view." + f.View)}}, r.Tags...), typed
}

// change saves, renames, prefers or removes a list.
func (p *listsPage) change(c *gin.Context) error {
	if err := c.Request.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	ctx, id, do := c.Request.Context(), c.PostForm("id"), c.PostForm("do")
	suffix := ""
	if id != "" {
		suffix = "_" + id
	}
	var err error
	switch do {
	case "save":
		q, bad := url.ParseQuery(c.PostForm("query"))
		if bad != nil {
			return fault.New(fault.Invalid, "fault.malformed")
		}
		brought, unknown := kept(q)
		if len(unknown) > 0 {
			return fault.InvalidInput(unknown...)
		}
		err = p.Bulk.Save(ctx, id, c.PostForm("name"+suffix), brought.Encode(), c.PostForm("shared"+suffix) != "")
	case "prefer":
		err = p.Bulk.Prefer(ctx, id)
	case "delete":
		err = p.Bulk.Delete(ctx, id)
	default:
		return fault.New(fault.Invalid, "fault.malformed")
	}
	if err == nil {
		if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("desk.lists.done." + do)}); err != nil {
			return err
		}
		c.Redirect(http.StatusSeeOther, "/desk/lists")
		return nil
	}
	e, ours := fault.As(err)
	if !ours || e.Kind != fault.Invalid && e.Kind != fault.Conflict {
		return err
	}
	for i := range e.Fields {
		e.Fields[i].Name += suffix
	}
	return p.again(c, id, e)
}

// again shows the page with what was typed and what is wrong with it.
func (p *listsPage) again(c *gin.Context, id string, e *fault.Error) error {
	v, err := p.view(c, c.PostForm("query"))
	if err != nil {
		return err
	}
	if rest := v.Fail(e); rest != nil {
		return rest
	}
	if v.New != nil {
		*v.New, v.Share = v.Bind(*v.New), v.Bind(v.Share)
	}
	for i := range v.Lists {
		one := &v.Lists[i]
		if one.ID == id {
			one.Name.Value = c.PostForm(one.Name.Name)
		}
		one.Name, one.Share = v.Bind(one.Name), v.Bind(one.Share)
	}
	return p.Kit.Show(c, "desk/lists", v)
}

func (d Deps) registerLists(g *gin.RouterGroup) {
	if d.Bulk == nil {
		return
	}
	lists := &listsPage{d}
	d.Kit.GET(g, "/lists", access.CaseList, lists.show)
	d.Kit.POST(g, "/lists", access.CaseList, lists.change)
}
