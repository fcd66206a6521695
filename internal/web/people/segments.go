package people

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
	"minqing/internal/web"
)

// counting is how long a page may wait for a definition to be counted.
const counting = 20 * time.Second

func (d Deps) registerSegments(g *gin.RouterGroup) {
	if d.Segments == nil {
		return
	}
	often := web.Throttle(60, time.Minute, web.ByActor)
	list, build, one := &segmentsPage{d}, &buildPage{d}, &segmentPage{d}
	d.Kit.GET(g, "/segments", access.SegmentRead, list.show)
	d.Kit.GET(g, "/segments/new", access.SegmentWrite, build.blank)
	d.Kit.POST(g, "/segments/new", access.SegmentWrite, build.post, web.Timeout(counting), often)
	if d.Discover != nil {
		found := &discoveredPage{d}
		d.Kit.GET(g, "/segments/discovered", access.SegmentWrite, found.show)
		d.Kit.POST(g, "/segments/discovered", access.SegmentWrite, found.start, often)
	}
	d.Kit.POST(g, "/segments/preview", access.SegmentWrite, build.size, web.Timeout(counting), often)
	d.Kit.GET(g, "/segments/:id", access.SegmentRead, one.show)
	d.Kit.POST(g, "/segments/:id", access.SegmentWrite, one.act, web.Timeout(counting))
	d.Kit.GET(g, "/segments/:id/edit", access.SegmentWrite, build.edit, web.Timeout(counting))
	d.Kit.POST(g, "/segments/:id/edit", access.SegmentWrite, build.post, web.Timeout(counting), often)
	d.Kit.GET(g, "/segments/:id/members/:person", access.SegmentRead, one.why, often)
	d.Kit.POST(g, "/segments/:id/members/:person", access.SegmentWrite, one.fix)
}

// segmentsPage lists the segments of the units that the reader answers for.
type segmentsPage struct{ Deps }

type segmentsView struct {
	web.Page
	Areas []web.Link
	New   *web.Button
	Found *web.Link  // groups found in what people asked for
	Ready []web.Link // segments that any authority has use for, to begin with
	List  *web.Table
	Pager web.Pager
	Empty *web.Empty
}

func (p *segmentsPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	v := &segmentsView{Page: p.Kit.Page(c, web.Say("segment.list.title")), Areas: p.areas(c, "/people/segments")}
	list, next, err := p.Segments.List(ctx, c.Query("cursor"))
	if err != nil {
		return err
	}
	if p.Access.Can(ctx, access.SegmentWrite) == nil {
		v.New = &web.Button{Words: web.Say("segment.list.new"), Href: "/people/segments/new"}
		if p.Discover != nil {
			v.Found = &web.Link{Href: "/people/segments/discovered", Words: web.Say("discover.title")}
		}
		for _, one := range outreach.Patterns {
			v.Ready = append(v.Ready, web.Link{Href: "/people/segments/new?pattern=" + one.Code, Words: web.Data(one.Name)})
		}
	}
	if len(list) == 0 {
		v.Empty = &web.Empty{Icon: "users", Title: web.Say("segment.list.none"), Words: web.Say("segment.list.none.text")}
		return p.Kit.Show(c, "people/segments", v)
	}
	f := p.Kit.Format(v.Lang)
	v.List = &web.Table{ID: "segments", Caption: web.Say("segment.list.caption"), Columns: []web.Column{{Words: web.Say("segment.name")}, {Words: web.Say("segment.size"), Numeric: true},
		{Words: web.Say("segment.purpose")}, {Words: web.Say("segment.unit")}, {Words: web.Say("segment.refreshed")}}}
	for _, g := range list {
		v.List.Rows = append(v.List.Rows, web.Row{Href: "/people/segments/" + g.ID, Cells: []web.Cell{{Words: web.Data(g.Name)}, {Words: sized(&g, f)},
			{Words: web.Say("segment.purpose." + string(g.Purpose))}, {Words: p.unit(c, g.UnitID)}, {Words: refreshed(&g, f)}}})
	}
	v.Pager = pager(c, &v.Page, len(list), next)
	return p.Kit.Show(c, "people/segments", v)
}

// unit is what a unit is called.
func (d Deps) unit(c *gin.Context, id string) web.Words {
	snap, err := d.Catalogue.Snapshot(c.Request.Context())
	if err == nil {
		if u, err := snap.Unit(id); err == nil {
			return web.Data(u.Name)
		}
	}
	return web.Plain("")
}

// sized is the size of a segment in words.
func sized(g *outreach.Segment, f i18n.Format) web.Words {
	switch g.State {
	case outreach.Fresh:
		return web.Say("segment.size.waits")
	case outreach.Orphaned:
		return web.Say("segment.size.orphaned")
	}
	return counted(g.Count(), f)
}

func counted(n outreach.Count, f i18n.Format) web.Words {
	if n.Hidden {
		return web.Say("segment.size.few", "Few", outreach.Few)
	}
	return web.Plain(f.Number(n.N))
}

func refreshed(g *outreach.Segment, f i18n.Format) web.Words {
	if g.RefreshedAt == nil {
		return web.Say("segment.refreshed.never")
	}
	return web.Plain(f.DayTime(*g.RefreshedAt))
}

// segmentPage is one segment: what it means, how many it holds and held, and who.
type segmentPage struct{ Deps }

type segmentView struct {
	web.Page
	Segment  *outreach.Segment
	Says     i18n.Text
	Facts    []web.SummaryRow
	Notice   *web.Notice
	Write    bool
	Edit     web.Button
	Tell     *web.Button // begins a campaign for its members
	Days     *web.Table
	Members  *web.Table
	Next     string
	Hidden   web.Words // why nobody is shown
	Fixed    *web.Table
	CaseNo   web.Field
	Way      web.Field
	Reason   web.Field
	Versions *web.Table
	More     map[string]web.Words // by table, what it leaves out
}

func (p *segmentPage) show(c *gin.Context) error { return p.page(c, nil) }

func (p *segmentPage) page(c *gin.Context, failed error) error {
	ctx := c.Request.Context()
	g, err := p.Segments.Get(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	v := &segmentView{Page: p.Kit.Page(c, web.Data(g.Name)), Segment: g, Write: p.Segments.MayWrite(ctx, g), More: map[string]web.Words{}}
	v.Back = &web.Link{Href: "/people/segments", Words: web.Say("segment.list.title")}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	root, err := g.Root()
	if err != nil {
		return err
	}
	if v.Says, err = p.Segments.Sentences(ctx, root); err != nil {
		return err
	}
	f := p.Kit.Format(v.Lang)
	owners, err := p.Accounts.Names(ctx, g.OwnerID)
	if err != nil {
		return err
	}
	v.Facts = []web.SummaryRow{{Key: web.Say("segment.size"), Value: sized(g, f)}, {Key: web.Say("segment.refreshed"), Value: refreshed(g, f)},
		{Key: web.Say("segment.purpose"), Value: web.Say("segment.purpose." + string(g.Purpose))}, {Key: web.Say("segment.basis"), Value: web.Say("segment.basis." + string(g.Basis))},
		{Key: web.Say("segment.basis_text"), Value: web.Data(g.BasisText)}, {Key: web.Say("segment.owner"), Value: web.Plain(owners[g.OwnerID])}, {Key: web.Say("segment.unit"), Value: p.unit(c, g.UnitID)}}
	narrowed, err := p.Segments.Narrowed(ctx, g.OwnerID)
	if err != nil {
		return err
	}
	whose := web.Say("segment.scope.whole")
	if narrowed {
		whose = web.Say("segment.scope.part")
	}
	v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say("segment.scope"), Value: whose})
	if g.State == outreach.Orphaned {
		v.Notice = &web.Notice{Tone: web.ToneDue, Title: web.Say("segment.orphaned"), Words: web.Say("segment.orphaned.text")}
	}
	v.Edit = web.Button{Words: web.Say("segment.edit"), Href: "/people/segments/" + g.ID + "/edit"}
	if p.Campaigns != nil && g.Purpose.Members() && p.Access.CanOn(ctx, access.CampaignWrite, access.Object{UnitPaths: []string{g.UnitPath}}) == nil {
		v.Tell = &web.Button{Words: web.Say("segment.tell"), Href: "/people/campaigns/new?segment=" + g.ID, Kind: "secondary"}
	}
	if err := p.people(c, v, f); err != nil {
		return err
	}
	return p.Kit.Show(c, "people/segment", v)
}

// people fills in the history, and the members where they may be shown.
func (p *segmentPage) people(c *gin.Context, v *segmentView, f i18n.Format) error {
	ctx, g := c.Request.Context(), v.Segment
	days, err := p.Segments.Days(ctx, g.ID)
	if err != nil {
		return err
	}
	days, v.More["days"] = cut(days, outreach.DaysMost, "people.older")
	v.Days = daysTable(days, f)
	versions, err := p.Segments.Versions(ctx, g.ID)
	if err != nil {
		return err
	}
	versions, v.More["versions"] = cut(versions, outreach.VersionsMost, "people.older")
	by := make([]string, len(versions))
	for i, one := range versions {
		by[i] = one.AccountID
	}
	who, err := p.Accounts.Names(ctx, by...)
	if err != nil {
		return err
	}
	v.Versions = &web.Table{ID: "versions", Caption: web.Say("segment.versions"), Columns: []web.Column{{Words: web.Say("segment.version")}, {Words: web.Say("segment.version.at")}, {Words: web.Say("segment.purpose")}, {Words: web.Say("segment.version.says")}, {Words: web.Say("segment.owner")}}}
	for _, one := range versions {
		root, err := outreach.Parse([]byte(one.Definition))
		if err != nil {
			return err
		}
		says, err := p.Segments.Sentences(ctx, root)
		if err != nil {
			return err
		}
		v.Versions.Rows = append(v.Versions.Rows, web.Row{Cells: []web.Cell{{Words: web.Plain(f.Number(one.No))}, {Words: web.Plain(f.DayTime(one.At))}, {Words: web.Say("segment.purpose." + string(one.Purpose))}, {Words: web.Data(says)}, {Words: web.Plain(who[one.AccountID])}}})
	}
	if v.Write && g.Purpose.Members() {
		v.CaseNo = v.Bind(web.Field{Name: "case_no", Label: web.Say("segment.fix.case_no"), Hint: web.Say("segment.fix.case_no.hint"), Value: c.PostForm("case_no"), Width: "20", Complete: "off"})
		v.Way = v.Bind(web.Field{Name: "way", Label: web.Say("segment.fix.what"), Value: c.PostForm("way"), Options: fixWays})
		v.Reason = v.Bind(web.Field{Name: "reason", Label: web.Say("segment.fix.why"), Value: c.PostForm("reason"), Rows: 2})
	}
	switch {
	case !g.Purpose.Members():
		v.Hidden = web.Say("segment.members.planning")
	case g.State != outreach.Counted:
		v.Hidden = web.Say("segment.members.waits")
	case g.Size == 0:
		v.Hidden = web.Say("segment.members.none")
	case !g.Shown():
		v.Hidden = web.Say("segment.members.few", "Few", outreach.Few)
	default:
		return p.members(c, v, f)
	}
	return nil
}

var fixWays = []web.Option{{Value: string(outreach.In), Words: web.Say("segment.fix.in")}, {Value: string(outreach.Out), Words: web.Say("segment.fix.out")}}

func (p *segmentPage) members(c *gin.Context, v *segmentView, f i18n.Format) error {
	ctx, g := c.Request.Context(), v.Segment
	page, err := p.Segments.Members(ctx, g, c.Query("cursor"))
	if err != nil {
		return err
	}
	v.Members = &web.Table{ID: "members", Caption: web.Say("segment.members.about"), Columns: []web.Column{{Words: web.Say("people.who")}, {Words: web.Say("people.kind")}, {Words: web.Say("segment.since")}, {Words: web.Say("segment.how")}}}
	for _, m := range page.Items {
		how := web.Say("segment.how.rule")
		if m.Fixed {
			how = web.Say("segment.how.hand")
		}
		v.Members.Rows = append(v.Members.Rows, web.Row{Href: "/people/segments/" + g.ID + "/members/" + m.ID, Cells: []web.Cell{{Words: named(m.View)}, {Words: web.Say("people.kind." + string(m.Kind))},
			{Words: civil(m.Since, f)}, {Words: how}}})
	}
	if page.Next != "" {
		v.Next = v.With("cursor", page.Next)
	}
	fixed, err := p.Segments.FixedAll(ctx, g)
	if err != nil || len(fixed) == 0 {
		return err
	}
	fixed, v.More["fixed"] = cut(fixed, outreach.FixedMost, "people.older")
	v.Fixed = &web.Table{ID: "fixed", Caption: web.Say("segment.fixed"), Columns: []web.Column{{Words: web.Say("people.who")}, {Words: web.Say("segment.fix.what")}, {Words: web.Say("segment.fix.why")}, {Words: web.Say("segment.version.at")}}}
	for _, x := range fixed {
		v.Fixed.Rows = append(v.Fixed.Rows, web.Row{Href: "/people/segments/" + g.ID + "/members/" + x.ConstituentID, Cells: []web.Cell{{Words: named(x.Person)}, {Words: web.Say("segment.fix." + string(x.Way))},
			{Words: web.Plain(x.Reason)}, {Words: web.Plain(f.DayTime(x.At))}}})
	}
	return nil
}

func civil(d calendar.Date, f i18n.Format) web.Words {
	return web.Plain(i18n.Format{Lang: f.Lang, ROC: f.ROC}.Date(d.UTC()))
}

func daysTable(days []outreach.Day, f i18n.Format) *web.Table {
	if len(days) == 0 {
		return nil
	}
	t := &web.Table{ID: "days", Caption: web.Say("segment.days"), Columns: []web.Column{{Words: web.Say("segment.day")}, {Words: web.Say("segment.size"), Numeric: true}, {Words: web.Say("segment.joined"), Numeric: true}, {Words: web.Say("segment.parted"), Numeric: true}}}
	for _, d := range days {
		n := d.Count()
		joined, parted := web.Plain(f.Number(d.Joined)), web.Plain(f.Number(d.Parted))
		if n.Hidden {
			joined, parted = web.Plain("—"), web.Plain("—")
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Words: civil(d.Day, f)}, {Words: counted(n, f)}, {Words: joined}, {Words: parted}}})
	}
	return t
}

// act counts a segment anew, ends it, or puts somebody in or out by a case.
func (p *segmentPage) act(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	var in struct {
		Do      string `form:"do"`
		Version int64  `form:"version"`
		CaseNo  string `form:"case_no"`
		Way     string `form:"way"`
		Reason  string `form:"reason"`
	}
	if err := web.Decode(c, &in); err != nil {
		return p.page(c, err)
	}
	to, err := "/people/segments/"+id, error(nil)
	switch in.Do {
	case "refresh":
		err = p.Segments.Refresh(ctx, id)
	case "retire":
		if to, err = "/people/segments", p.Segments.Retire(ctx, id, in.Version); err != nil {
			to = ""
		}
	case "fix":
		var who string
		if who, err = p.Segments.ByCase(ctx, in.CaseNo); err == nil {
			err = p.Segments.Fix(ctx, id, who, outreach.Way(in.Way), in.Reason)
		}
	default:
		return errUnknownAct
	}
	if err != nil {
		return p.page(c, err)
	}
	return p.done(c, "segment.done."+in.Do, to)
}

func (d Deps) done(c *gin.Context, key, to string) error {
	if err := d.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say(key)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}
