package web

import (
	"html/template"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"minqing/internal/actor"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// Page is what every page needs; view models embed it. Kit.Page fills it.
type Page struct {
	Title     Words
	Lang      i18n.Lang
	Actor     actor.Actor
	Name      string // the signed-in person's display name
	Path      string // the address without its query
	City      i18n.Text
	Demo      bool
	Large     bool // large-type mode
	Wide      bool // desk pages: up to 1,440 px
	Bare      bool // only the brand above, for sign-in and receipts
	Nav       []Link
	Footer    []Link
	Alternate []Alternate // this page in each language
	TypeLink  string      // this page with the other type size
	Flash     *Notice
	Problem   *Words        // an error that belongs to no field
	Errors    []fault.Field // the fields to mend
	Back      *Link
	Acting    *Acting // for whom the reader acts, where it matters
	Unread    int     // messages in the portal that the reader has not opened, up to 100

	status int
	query  url.Values
}

// Link is a place to go. Icon may be empty; Count is shown when not nil.
type Link struct {
	Href    string
	Words   Words
	Icon    string
	Count   *int
	Current bool
}

// Alternate is this page in another language.
type Alternate struct {
	Lang    i18n.Lang
	Name    string
	Href    string
	Current bool
}

// Framed is what the frame is given: the page and its rendered body.
type framed struct {
	*Page
	Body template.HTML
}

// View is any view model that embeds Page.
type View interface{ page() *Page }

func (p *Page) page() *Page { return p }

// SignedIn says whether someone with an account looks at the page.
func (p *Page) SignedIn() bool {
	return p.Actor.Kind == actor.Citizen || p.Actor.Kind == actor.Staff
}

// Failing says whether the page has an error summary.
func (p *Page) Failing() bool { return p.Problem != nil || len(p.Errors) > 0 }

// Fail prepares the page to be shown again after err: Invalid becomes 422 with
// a summary, Conflict 409 with its message. Anything else is not for this page
// and is returned; nil is no failure.
func (p *Page) Fail(err error) error {
	if err == nil {
		return nil
	}
	e, ok := fault.As(err)
	if !ok {
		return err
	}
	switch e.Kind {
	case fault.Invalid:
		p.status = http.StatusUnprocessableEntity
		p.Errors = append(p.Errors, e.Fields...)
	case fault.Conflict:
		p.status = http.StatusConflict
	default:
		return err
	}
	if len(e.Fields) == 0 {
		words := Tell(e)
		p.Problem = &words
	}
	return nil
}

// Absent says that the page tells of something that does not exist: its status is
// 404, for a page that can say more than the common one.
func (p *Page) Absent() { p.status = http.StatusNotFound }

// Denied says that the reader may not do what they sent: the page's status is 403, for one
// that can say more than the common one.
func (p *Page) Denied() { p.status = http.StatusForbidden }

// Page starts the view model of the request's page.
func (k *Kit) Page(c *gin.Context, title Words) Page {
	v := visitor(c)
	p := Page{
		Title: title,
		Lang:  v.lang,
		Actor: v.actor,
		Name:  v.name, Unread: v.actor.Unread,
		Path:  c.Request.URL.Path,
		Demo:  k.o.Demo,
		Large: v.large,
		query: c.Request.URL.Query(),
	}
	if k.o.City != nil {
		p.City = k.o.City(c.Request.Context())
	}
	p.Alternate = make([]Alternate, 0, len(i18n.Langs))
	for _, l := range i18n.Langs {
		p.Alternate = append(p.Alternate, Alternate{
			Lang: l, Name: l.Name(), Href: p.with("lang", string(l)), Current: l == v.lang,
		})
	}
	size := "large"
	if v.large {
		size = "normal"
	}
	p.TypeLink = p.with("type", size)
	if k.o.Nav != nil {
		p.Nav = markCurrent(k.o.Nav(c.Request.Context()), p.Path)
	}
	p.Footer = k.o.Footer
	if k.o.Acting != nil {
		p.Acting = k.o.Acting(c.Request.Context(), p.Path)
	}
	return p
}

// Format writes dates and numbers as the pages of one language do.
func (k *Kit) Format(l i18n.Lang) i18n.Format {
	return i18n.Format{Lang: l, Zone: k.o.Zone, ROC: k.o.ROC}
}

// With is the page's own address with one query value changed, for filters,
// sorting and the language switch; an empty value removes it.
func (p *Page) With(name, value string) string { return p.with(name, value) }

func (p *Page) with(name, value string) string {
	q := make(url.Values, len(p.query)+1)
	for n, v := range p.query {
		if n != "lang" && n != "type" {
			q[n] = v
		}
	}
	if value == "" {
		q.Del(name)
	} else {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return p.Path
	}
	return p.Path + "?" + q.Encode()
}

// markCurrent marks the link whose address is the longest beginning of path.
func markCurrent(links []Link, path string) []Link {
	best := -1
	for i, l := range links {
		if under(path, l.Href) && (best < 0 || len(l.Href) > len(links[best].Href)) {
			best = i
		}
	}
	out := make([]Link, len(links))
	copy(out, links)
	for i := range out {
		out[i].Current = i == best
	}
	return out
}

func under(path, href string) bool {
	if path == href {
		return true
	}
	return href != "/" && len(path) > len(href) && path[:len(href)] == href && path[len(href)] == '/'
}
