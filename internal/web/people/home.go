package people

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/constituents"
	"minqing/internal/record"
	"minqing/internal/web"
)

// homePage finds somebody by a number or an address. There is no list of
// everybody, and what was typed stands in no address: it is sent, not linked.
type homePage struct{ Deps }

type homeView struct {
	web.Page
	Areas []web.Link
	Query web.Field
	Found *web.Table
	More  web.Words // that the search found others too
	Empty *web.Empty
}

type homeInput struct {
	Query string `form:"q"`
}

func (p *homePage) show(c *gin.Context) error { return p.page(c, homeInput{}, nil, nil) }

func (p *homePage) find(c *gin.Context) error {
	var in homeInput
	err := web.Decode(c, &in)
	var found *record.Found
	if err == nil {
		found, err = p.Record.Find(c.Request.Context(), in.Query)
	}
	c.Header("Cache-Control", "no-store")
	return p.page(c, in, found, err)
}

func (p *homePage) page(c *gin.Context, in homeInput, found *record.Found, failed error) error {
	v := &homeView{Page: p.Kit.Page(c, web.Say("people.home.title")), Areas: p.areas(c, "/people")}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	v.Query = v.Bind(web.Field{Name: "q", Label: web.Say("people.find.query"), Hint: web.Say("people.find.hint"), Value: in.Query, Complete: "off", Width: "20"})
	switch {
	case failed != nil || found == nil:
	case len(found.List) == 0:
		v.Empty = &web.Empty{Icon: "search", Title: web.Say("people.find.none"), Words: web.Say("people.find.none.text")}
	default:
		v.Found, v.More = foundTable(found.List), foundMore(found)
	}
	return p.Kit.Show(c, "people/home", v)
}

// foundMore says that a search found others than those it lists.
func foundMore(found *record.Found) web.Words {
	if !found.More {
		return web.Words{}
	}
	return web.Say("people.find.more", "Most", record.FoundMost)
}

// areas leads between the pages that the actor may open.
func (d Deps) areas(c *gin.Context, current string) (links []web.Link) {
	for _, a := range []struct {
		verb access.Verb
		href string
		key  string
	}{
		{access.PeopleRead, "/people", "people.home.title"},
		{access.PeopleMerge, "/people/duplicates", "duplicates.title"},
		{access.EnterpriseVerify, "/people/enterprises", "house.decide.title"},
		{access.SegmentRead, "/people/segments", "segment.list.title"},
		{access.CampaignRead, "/people/campaigns", "campaign.list.title"},
		{access.OfferRead, "/people/offers", "offer.list.title"},
	} {
		if d.Access.Can(c.Request.Context(), a.verb) == nil {
			links = append(links, web.Link{Href: a.href, Words: web.Say(a.key), Current: a.href == current})
		}
	}
	return links
}

func foundTable(found []constituents.View) *web.Table {
	t := &web.Table{ID: "found", Caption: web.Say("people.found"), Columns: []web.Column{{Words: web.Say("people.who")}, {Words: web.Say("people.kind")},
		{Words: web.Say("people.phone")}, {Words: web.Say("people.mail")}}}
	for _, f := range found {
		t.Rows = append(t.Rows, web.Row{Href: "/people/" + f.ID, Cells: []web.Cell{{Words: named(f)}, {Words: web.Say("people.kind." + string(f.Kind))},
			{Words: orNone(f.Phone)}, {Words: orNone(f.Email)}}})
	}
	return t
}

// named is somebody's name as it is shown, or that it is not known.
func named(v constituents.View) web.Words {
	switch {
	case v.Erased:
		return web.Say("people.erased")
	case v.Name == "":
		return web.Say("people.nameless")
	}
	return web.Plain(v.Name)
}

func orNone(s string) web.Words {
	if s == "" {
		return web.Say("people.none")
	}
	return web.Plain(s)
}
