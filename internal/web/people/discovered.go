package people

import (
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
	"minqing/internal/outreach/discover"
	"minqing/internal/web"
)

// discoveredPage shows groups of people who need the same, as drafts to be named.
type discoveredPage struct{ Deps }

type discoveredView struct {
	web.Page
	Areas   []web.Link
	Run     *discover.Run
	Notice  *web.Notice
	Facts   []web.SummaryRow
	Groups  []discoveredGroup
	Running bool
	Empty   *web.Empty
}

type discoveredGroup struct {
	No    int
	Title web.Words
	Size  web.Words
	Marks []web.Words
	Plain bool // nothing marks it
	Make  *web.Button
}

func (p *discoveredPage) show(c *gin.Context) error { return p.page(c, nil) }

func (p *discoveredPage) page(c *gin.Context, failed error) error {
	ctx := c.Request.Context()
	v := &discoveredView{Page: p.Kit.Page(c, web.Say("discover.title")), Areas: p.areas(c, "/people/segments")}
	v.Back = &web.Link{Href: "/people/segments", Words: web.Say("segment.list.title")}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	r, groups, err := p.Discover.Latest(ctx)
	if err != nil {
		return err
	}
	if r == nil {
		v.Empty = &web.Empty{Icon: "users", Title: web.Say("discover.none"), Words: web.Say("discover.none.text")}
		return p.Kit.Show(c, "people/discovered", v)
	}
	f := p.Kit.Format(v.Lang)
	v.Run = r
	switch r.State {
	case discover.Running:
		v.Running = true
		v.Notice = &web.Notice{Tone: web.ToneInfo, Title: web.Say("discover.running"), Words: web.Say("discover.running."+r.Stage, "Percent", r.Percent)}
	case discover.Failed:
		v.Notice = &web.Notice{Tone: web.ToneOver, Title: web.Say("discover.failed"), Words: web.Say("discover.failed.text")}
	default:
		few := r.People > 0 && r.People < outreach.Few
		v.Facts = []web.SummaryRow{{Key: web.Say("discover.window"), Value: web.Say("discover.window.is", "From", civil(r.FromOn.Add(1), f).Plain, "To", civil(r.ToOn, f).Plain)},
			{Key: web.Say("discover.people"), Value: people(r.People, few, f)}, {Key: web.Say("discover.cases"), Value: people(r.Cases, few, f)},
			{Key: web.Say("discover.silhouette"), Value: web.Say("discover.silhouette.is", "Value", f.Decimal(float64(r.Silhouette)/1000, 2))}}
		if len(groups) == 0 {
			v.Empty = &web.Empty{Icon: "users", Title: web.Say("discover.empty"), Words: web.Say("discover.empty.text")}
		}
	}
	for _, g := range groups {
		one, err := p.group(c, &g, f)
		if err != nil {
			return err
		}
		v.Groups = append(v.Groups, one)
	}
	return p.Kit.Show(c, "people/discovered", v)
}

// group shows by what a group stands out; the first of it is its heading until
// somebody names it.
func (p *discoveredPage) group(c *gin.Context, g *discover.Group, f i18n.Format) (discoveredGroup, error) {
	out := discoveredGroup{No: g.No, Title: web.Say("discover.group", "No", g.No), Size: web.Say("discover.size", "People", f.Number(g.People), "Cases", f.Number(g.Cases)), Plain: len(g.Matters) == 0}
	if out.Plain {
		return out, nil
	}
	snap, err := p.Catalogue.Snapshot(c.Request.Context())
	if err != nil {
		return out, err
	}
	for i, m := range g.Matters {
		name := m.MatterID
		if x, err := snap.Matter(m.MatterID); err == nil {
			name = x.Name.In(f.Lang)
		}
		if i == 0 {
			out.Title = web.Say("discover.group.of", "No", g.No, "Matter", name)
		}
		out.Marks = append(out.Marks, web.Say("discover.mark", "Matter", name, "Cases", f.Number(m.Cases), "Times", f.Decimal(m.Value, 1), "Low", f.Decimal(m.Low, 1), "High", f.Decimal(m.High, 1)))
	}
	out.Make = &web.Button{Words: web.Say("discover.make"), Kind: "secondary", Href: "/people/segments/new?group=" + g.ID}
	return out, nil
}

func (p *discoveredPage) start(c *gin.Context) error {
	var in struct{}
	err := web.Decode(c, &in)
	if err == nil {
		_, err = p.Discover.Start(c.Request.Context())
	}
	if err != nil {
		return p.page(c, err)
	}
	return p.done(c, "discover.done", "/people/segments/discovered")
}

// grouped is the rule that a discovered group suggests: cases in one of the
// matters that mark it. Who makes a segment of it changes it as they see fit.
func (d Deps) grouped(c *gin.Context, id string) (*outreach.Node, error) {
	if d.Discover == nil {
		return nil, fault.New(fault.NotFound, "discover.missing")
	}
	ctx := c.Request.Context()
	g, err := d.Discover.Group(ctx, id)
	if err != nil {
		return nil, err
	}
	snap, err := d.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	var codes outreach.Values
	for _, m := range g.Matters[:min(len(g.Matters), outreach.ValuesMost)] { // those that mark it most; a page lists them all
		if x, err := snap.Matter(m.MatterID); err == nil {
			codes = append(codes, x.Code)
		}
	}
	if len(codes) == 0 {
		return nil, fault.New(fault.NotFound, "discover.missing")
	}
	return &outreach.Node{Op: outreach.All, Of: []*outreach.Node{{Op: outreach.Cond, Leaf: "cases",
		With: map[string]outreach.Values{"at_least": {"1"}, "within": {strconv.Itoa(discover.Window)}, "matter": codes}}}}, nil
}
