package people

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/constituents"
	"minqing/internal/match"
	"minqing/internal/place"
	"minqing/internal/record"
	"minqing/internal/web"
)

// DuplicateDeps are what the pages about records of the same person need.
type DuplicateDeps struct {
	Kit      *web.Kit
	Merging  *constituents.Merging
	Record   *record.Service
	Access   *access.Service
	Places   *place.Service
	Accounts Accounts
	Zone     *time.Location
}

// RegisterDuplicates mounts the pages.
func RegisterDuplicates(d DuplicateDeps) {
	g := d.Kit.Group("/people/duplicates")
	often := web.Throttle(120, time.Minute, web.ByActor) // what shows people
	queue, of, pair, done := &queuePage{d}, &ofPage{d}, &pairPage{d}, &donePage{d}
	d.Kit.GET(g, "", access.PeopleMerge, queue.show, often)
	d.Kit.GET(g, "/of/:id", access.PeopleMerge, of.show, often)
	d.Kit.POST(g, "/of/:id", access.PeopleMerge, of.find, often)
	d.Kit.GET(g, "/pair/:a/:b", access.PeopleMerge, pair.show, often)
	d.Kit.POST(g, "/pair/:a/:b", access.PeopleMerge, pair.send)
	d.Kit.GET(g, "/done", access.PeopleMerge, done.show, often)
	d.Kit.POST(g, "/done/:id", access.PeopleMerge, done.send)
	d.Kit.GET(g, "/apart", access.PeopleMerge, done.apart, often)
	d.Kit.POST(g, "/apart/:a/:b", access.PeopleMerge, done.again)
}

const duplicatesPath = "/people/duplicates"

func pairPath(a, b string) string { return duplicatesPath + "/pair/" + a + "/" + b }

// tabs leads between what waits, what was merged and what was found apart.
func tabs(current string) (links []web.Link) {
	for _, t := range []struct{ href, key string }{{duplicatesPath, "duplicates.waiting"}, {duplicatesPath + "/done", "duplicates.done"},
		{duplicatesPath + "/apart", "duplicates.apart"}} {
		links = append(links, web.Link{Href: t.href, Words: web.Say(t.key), Current: t.href == current})
	}
	return links
}

// queuePage lists pairs that may be the same.
type queuePage struct{ DuplicateDeps }

type queueView struct {
	web.Page
	Tabs  []web.Link
	About web.Words
	Pairs []pairRow
	Pager web.Pager
	Empty *web.Empty
}

// pairRow is a pair in a list.
type pairRow struct {
	Href  string
	Open  web.Words
	Level web.Chip
	Names []web.Words
	Facts [][]web.SummaryRow
	Says  []web.Chip // what each rule says
}

func (p *queuePage) show(c *gin.Context) error {
	list, next, err := p.Merging.Queue(c.Request.Context(), c.Query("cursor"))
	if err != nil {
		return err
	}
	v := &queueView{Page: p.Kit.Page(c, web.Say("duplicates.title")), Tabs: tabs(duplicatesPath), About: web.Say("duplicates.about")}
	v.Wide = true
	v.Pairs = pairRows(list)
	if c.Query("cursor") != "" {
		v.Pager.First = duplicatesPath
	}
	if next != "" {
		v.Pager.Next = duplicatesPath + "?cursor=" + next
	}
	if len(list) == 0 {
		v.Empty = &web.Empty{Title: web.Say("duplicates.none"), Words: web.Say("duplicates.none.text")}
	}
	return p.Kit.Show(c, "people/duplicates", v)
}

func pairRows(list []constituents.Listed) (rows []pairRow) {
	for _, l := range list {
		r := pairRow{Href: pairPath(l.Pair.A, l.Pair.B), Open: web.Say("duplicates.open", "A", argument(named(l.A)), "B", argument(named(l.B))), Level: level(l.Verdict), Names: []web.Words{named(l.A), named(l.B)}}
		for _, s := range []constituents.View{l.A, l.B} {
			r.Facts = append(r.Facts, []web.SummaryRow{{Key: web.Say("people.phone"), Value: orNone(s.Phone)}, {Key: web.Say("people.mail"), Value: orNone(s.Email)},
				{Key: web.Say("duplicates.field.address"), Value: orNone(s.Address)}})
		}
		for _, f := range l.Findings {
			if f.How == match.Equal || f.How == match.Differ {
				r.Says = append(r.Says, finding(f))
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// level says how likely two are the same, by their points.
func level(v match.Verdict) web.Chip {
	switch {
	case v.Score >= match.Certain:
		return web.Chip{Tone: web.ToneDone, Words: web.Say("duplicates.level.certain", "Points", v.Score)}
	case v.Score >= match.Likely:
		return web.Chip{Tone: web.ToneInfo, Words: web.Say("duplicates.level.likely", "Points", v.Score)}
	case v.Score >= match.Possible:
		return web.Chip{Words: web.Say("duplicates.level.possible", "Points", v.Score)}
	}
	return web.Chip{Words: web.Say("duplicates.level.hardly", "Points", v.Score)}
}

func finding(f match.Finding) web.Chip {
	chip := web.Chip{Words: web.Say("duplicates.rule."+string(f.Rule)+"."+string(f.How), "Points", fmt.Sprintf("%+d", f.Weight))}
	switch f.How {
	case match.Equal:
		chip.Tone = web.ToneDone
	case match.Differ:
		chip.Tone = web.ToneDue
	}
	return chip
}

// told keeps a notice for the page after the redirect.
func (d DuplicateDeps) told(c *gin.Context, key, to string) error {
	if err := d.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say(key)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}
