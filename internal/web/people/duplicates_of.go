package people

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/constituents"
	"minqing/internal/web"
)

// ofPage lists who may be the same as one, and compares that one with a record
// that somebody finds by a number or an address: two that have nothing in common
// are proposed by nobody else.
type ofPage struct{ DuplicateDeps }

type ofView struct {
	web.Page
	ID    string
	About web.Words
	Pairs []pairRow
	Empty *web.Empty
	Query web.Field
	Found []pairRow
	More  web.Words  // others were found that it was not compared with
	Rest  web.Words  // what Pairs leave out
	None  *web.Empty // nobody was found to compare with
}

func (p *ofPage) show(c *gin.Context) error { return p.page(c, homeInput{}, compared{}, nil) }

func (p *ofPage) find(c *gin.Context) error {
	var in homeInput
	err := web.Decode(c, &in)
	var found compared
	if err == nil {
		found, err = p.against(c, in.Query)
	}
	return p.page(c, in, found, err)
}

// compared is with whom a record was compared; list is nil before anybody was asked for.
type compared struct {
	list []constituents.Listed
	more web.Words // that others were found too
}

// against compares the record with those that what was typed finds.
func (p *ofPage) against(c *gin.Context, typed string) (compared, error) {
	ctx := c.Request.Context()
	views, err := p.Record.Find(ctx, typed)
	if err != nil {
		return compared{}, err
	}
	ids := make([]string, len(views.List))
	for i, v := range views.List {
		ids[i] = v.ID
	}
	found, err := p.Merging.Against(ctx, c.Param("id"), ids)
	return compared{append([]constituents.Listed{}, found...), foundMore(views)}, err
}

func (p *ofPage) page(c *gin.Context, in homeInput, found compared, failed error) error {
	ctx, id := c.Request.Context(), c.Param("id")
	list, left, err := p.Merging.Candidates(ctx, id)
	if err != nil {
		return err
	}
	who, err := p.Merging.Masked(ctx, id)
	if err != nil {
		return err
	}
	v := &ofView{Page: p.Kit.Page(c, web.Say("duplicates.of.title")), ID: id, About: web.Say("duplicates.of.about"), Pairs: pairRows(list), Found: pairRows(found.list), More: found.more}
	v.Wide, v.Back = true, &web.Link{Href: "/people/" + id, Words: named(who)}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	v.Query = v.Bind(web.Field{Name: "q", Label: web.Say("people.find.query"), Hint: web.Say("people.find.hint"), Value: in.Query, Complete: "off", Width: "20"})
	switch {
	case failed == nil && len(found.list) > 0: // what was asked for, and nothing else
		v.Pairs = nil
	case failed == nil && found.list != nil:
		v.Pairs, v.None = nil, &web.Empty{Icon: "search", Title: web.Say("people.find.none"), Words: web.Say("duplicates.with.none")}
	case left > 0:
		v.Rest = web.Say("duplicates.of.rest", "Most", constituents.CandidatesMost, "Count", left)
	case len(list) == 0:
		v.Empty = &web.Empty{Title: web.Say("duplicates.of.none"), Words: web.Say("duplicates.of.none.text")}
	}
	c.Header("Cache-Control", "no-store")
	return p.Kit.Show(c, "people/of", v)
}
