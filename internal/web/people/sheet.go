package people

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/place"
	"minqing/internal/record"
	"minqing/internal/web"
)

// sheetPage is the record of somebody: who, what is open, what was promised, what
// went wrong before, how to reach them, and their story.
type sheetPage struct{ Deps }

type sheetView struct {
	web.Page
	ID    string
	Chips []web.Chip
	Facts []web.SummaryRow
	Sees  map[string]bool
	Edit  map[string]string // by part, the page on which it is changed
	Open  []caseRow
	Past  []web.SummaryRow // counts of what went wrong
	Wrong []caseRow

	Pending  []caseRow         // what is open besides cases
	PendMore int               // of that, what is not listed
	Awaits   bool              // something besides cases may be shown as open
	All      map[string]string // by part, the page that lists all of it

	OpenMore, WrongMore int // cases that are not listed
	Within              int // the newest cases, in which alone it was looked for what went wrong; 0: in all

	Reach   []pointRow
	Needs   []web.Chip
	Ties    []tieRow
	Numbers []pointRow
	Agreed  []web.SummaryRow
	Notes   []noteRow
	Story   []storyDay
	Pager   web.Pager
	Later   bool // a further page of the story
	Reveal  *web.Field
	Why     string    // where it is said why a benefit is, or is not, for them
	Twins   string    // where records of the same person are looked for
	Stands  web.Words // for how many records this one stands
	Merges  string    // where their merges are taken back
	Clear   bool
}

// wholly are the parts whose lists are shown whole when they are asked for.
var wholly = map[string]record.Part{"open": record.Open, "past": record.Past}

func (p *sheetPage) show(c *gin.Context) error {
	var whole []record.Part
	if part, ok := wholly[c.Query("all")]; ok {
		whole = append(whole, part)
	}
	sheet, err := p.Record.Open(c.Request.Context(), c.Param("id"), whole...)
	if err != nil {
		return err
	}
	if sheet.ID != c.Param("id") { // joined to another: that is the record
		c.Redirect(http.StatusSeeOther, "/people/"+sheet.ID)
		return nil
	}
	return p.page(c, sheet, "", nil)
}

// reveal shows who somebody is and how to reach them in the clear, once, for a
// reason that is written down before.
func (p *sheetPage) reveal(c *gin.Context) error {
	ctx, reason := c.Request.Context(), c.PostForm("reason")
	sheet, err := p.Record.Reveal(ctx, c.Param("id"), reason)
	if err != nil && fault.KindOf(err) == fault.Invalid {
		masked, failed := p.Record.Open(ctx, c.Param("id"))
		if failed != nil {
			return failed
		}
		return p.page(c, masked, reason, err)
	}
	if err != nil {
		return err
	}
	return p.page(c, sheet, "", nil)
}

// masked answers a reload of the revealed page: details are shown once.
func (p *sheetPage) masked(c *gin.Context) error {
	c.Redirect(http.StatusSeeOther, "/people/"+c.Param("id"))
	return nil
}

func (p *sheetPage) page(c *gin.Context, sheet *record.Sheet, reason string, failed error) error {
	ctx := c.Request.Context()
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	v := &sheetView{Page: p.Kit.Page(c, named(sheet.View)), ID: sheet.ID, Clear: sheet.Clear, Sees: map[string]bool{}, Edit: map[string]string{}, All: map[string]string{}}
	v.Wide = true
	v.Back = &web.Link{Href: "/people", Words: web.Say("people.home.title")}
	if p.Access.Can(ctx, access.PeopleMerge) == nil {
		v.Twins, v.Merges = duplicatesPath+"/of/"+sheet.ID, duplicatesPath+"/done?person="+sheet.ID
	}
	if sheet.Explains && p.Offers != nil {
		v.Why = "/people/" + sheet.ID + "/benefits"
	}
	if n := len(sheet.Family); n > 1 {
		v.Stands = web.Say("people.stands", "Count", n)
	}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	for _, part := range sheet.Parts {
		v.Sees[string(part)] = true
	}
	for part, def := range editable {
		if sheet.Writes && sheet.Sees(def.of) {
			v.Edit[part] = "/people/" + sheet.ID + "/" + part
		}
	}
	if sheet.Reveals && !sheet.Clear {
		field := v.Bind(web.Field{Name: "reason", Label: web.Say("desk.reveal.reason"), Value: reason, Max: 500, Complete: "off"})
		v.Reveal = &field
	}
	v.who(sheet, n)
	if err := p.work(ctx, v, sheet, n); err != nil {
		return err
	}
	today := calendar.DateOf(p.Now(), p.Zone)
	v.pending(sheet, func(one *record.Pending) bool { return one.Over(today) })
	for name := range wholly {
		if c.Query("all") != name {
			v.All[name] = "/people/" + sheet.ID + "?all=" + name + "#" + name
		}
	}
	if err := p.told(c, v, sheet); err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	return p.Kit.Show(c, "people/sheet", v)
}

// look is what names things on the pages.
type look struct {
	snap  *catalogue.Snapshot
	areas *place.Map
}

func (d Deps) names(ctx context.Context) (look, error) {
	snap, err := d.Catalogue.Snapshot(ctx)
	if err != nil {
		return look{}, err
	}
	areas, err := d.Places.Map(ctx)
	return look{snap, areas}, err
}

func (n look) district(code string) web.Words {
	if d, err := n.areas.District(code); err == nil {
		up := n.areas.Parent(d)
		if up == nil || d.Level != place.Subdistrict {
			return web.Data(d.Name)
		}
		both := i18n.Text{}
		for _, l := range i18n.Langs {
			both[l] = up.Name.In(l) + " " + d.Name.In(l)
		}
		return web.Data(both)
	}
	return web.Plain(code)
}

func (n look) matter(id *string) web.Words {
	if id != nil {
		if m, err := n.snap.Matter(*id); err == nil {
			return web.Data(m.Name)
		}
	}
	return web.Say("desk.matter.none")
}

func (n look) unit(id *string) web.Words {
	if id != nil {
		if u, err := n.snap.Unit(*id); err == nil {
			return web.Data(u.Name)
		}
	}
	return web.Words{}
}

// registerSheet mounts the record and its parts.
func (d Deps) registerSheet(g gin.IRouter, often web.RouteOption) {
	one := &sheetPage{d}
	d.Kit.GET(g, "/:id", access.PeopleRead, one.show)
	d.Kit.POST(g, "/:id/reveal", access.PeopleReveal, one.reveal, web.Again(), often, web.Keeps(typedOfPart))
	d.Kit.GET(g, "/:id/reveal", access.PeopleRead, one.masked)
	for _, part := range slices.Sorted(maps.Keys(editable)) {
		page := &partPage{d, part}
		d.Kit.GET(g, "/:id/"+part, access.PeopleWrite, page.show)
		d.Kit.POST(g, "/:id/"+part, access.PeopleWrite, page.act, web.Keeps(typedOfPart))
	}
}
