package enterprise

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// CounterDeps are what the pages of a counter need beside those of applying.
type CounterDeps struct {
	ApplyDeps
	InForce PermitTypes
	People  People
	Once    *cases.Once
}

const (
	counterPath = "/desk/counter"
	counterRoot = counterPath + "/applications"
)

// RegisterCounter mounts the pages on which a clerk writes an application down for who
// comes with papers (行政許可法 art. 26, 29): whom it is for, who came, and from then on
// the pages of applying themselves.
func RegisterCounter(d CounterDeps) {
	g := d.Kit.Group(counterPath)
	often := web.Throttle(120, time.Minute, web.ByActor)
	list := &counterPage{d}
	d.Kit.GET(g, "", access.PermitApply, list.show)
	d.Kit.POST(g, "", access.PermitApply, list.find)
	begin := &comerPage{d}
	d.Kit.GET(g, "/begin/:code", access.PermitApply, begin.show)
	d.Kit.POST(g, "/begin/:code", access.PermitApply, begin.send, web.Keeps(typedAtCounter), often)
	holder, about := &holderPage{d}, &aboutPage{d}
	d.Kit.GET(g, "/permits", access.PermitApply, holder.show)
	d.Kit.POST(g, "/permits", access.PermitApply, holder.find, web.Keeps(typedAtCounter), often)
	d.Kit.GET(g, "/permits/:no", access.PermitApply, about.show)
	d.Kit.POST(g, "/permits/:no", access.PermitApply, about.send, web.Keeps(typedAtCounter), often)
	one := &applicationPage{ApplyDeps: d.ApplyDeps, list: counterPath, root: counterRoot, counter: true,
		steps: []string{stepWho, stepQuestions, stepMaterials, stepCheck}}
	one.register(access.PermitApply)
	here := d.Kit.Group(counterRoot)
	d.Kit.GET(here, "/:id/who", access.PermitApply, one.who)
	d.Kit.POST(here, "/:id/who", access.PermitApply, one.represent, web.Keeps(typedAtCounter))
	d.Kit.GET(here, "/:id/statement.pdf", access.PermitApply, one.statement, web.Throttle(60, time.Minute, web.ByActor))
}

// typedAtCounter labels what a clerk types, for the page that gives it back.
func typedAtCounter(name string) web.Words {
	switch name {
	case "name", "number", "phone", "email", "agent", "authority":
		return web.Say("counter." + name)
	}
	return web.Words{}
}

// counterPage is where a clerk begins: the drafts of the desk, the permits that one can
// apply for, and what the desk has sent.
type counterPage struct{ CounterDeps }

type counterView struct {
	web.Page
	Drafts []applicationRow
	Sent   []applicationRow

	MoreDrafts, MoreSent bool // older ones are not listed
	Types                []permittypes.Type
	CaseNo               web.Field
}

func (p *counterPage) show(c *gin.Context) error { return p.page(c, "", nil) }

func (p *counterPage) page(c *gin.Context, typed string, problem error) error {
	ctx := c.Request.Context()
	v := &counterView{Page: p.Kit.Page(c, web.Say("counter.title"))}
	if rest := v.Fail(problem); rest != nil {
		return rest
	}
	all, err := p.Permits.CounterList(ctx)
	if err != nil {
		return err
	}
	if v.Types, err = p.InForce.Types(ctx); err != nil {
		return err
	}
	v.MoreDrafts, v.MoreSent = all.MoreDrafts, all.MoreSent
	if v.Drafts, err = p.rows(c, v, all.Drafts); err != nil {
		return err
	}
	if v.Sent, err = p.rows(c, v, all.Sent); err != nil {
		return err
	}
	v.CaseNo = v.Bind(web.Field{Name: "case_no", Label: web.Say("counter.find"), Hint: web.Say("counter.find.hint"), Value: typed, Complete: "off", Width: "20"})
	return p.Kit.Show(c, "desk/counter", v)
}

// rows show who applies as the desk shows people: enterprises by name, persons masked.
func (p *counterPage) rows(c *gin.Context, v *counterView, list []permits.Application) (rows []applicationRow, err error) {
	ctx, f := c.Request.Context(), p.Kit.Format(v.Lang)
	var accounts []string
	for i := range list {
		if by := list[i].ChangedByID; by != nil {
			accounts = append(accounts, *by)
		}
	}
	names, err := p.People.Names(ctx, accounts...)
	if err != nil {
		return nil, err
	}
	for i := range list {
		a := &list[i]
		t, err := p.Types.Version(ctx, a.TypeCode, a.TypeVersion)
		if err != nil {
			return nil, err
		}
		who := a.Counter.Applicant
		if a.Counter.Kind != permits.ForEnterprise {
			who = idcode.MaskName(who)
		}
		row := applicationRow{Href: counterRoot + "/" + a.ID, Title: web.Data(t.Name), Chip: stateChip(a.State), Facts: []web.Words{web.Plain(who)}}
		if a.RenewsNo != "" {
			row.Facts = append(row.Facts, web.Say("held.about."+string(a.Purpose), "No", a.RenewsNo))
		}
		switch {
		case a.State != permits.Draft:
			row.Facts = append(row.Facts, web.Plain(a.CaseNo), web.Say("permit.list.received", "Day", web.DayText(*a.ReceivedOn)))
		case a.ChangedByID != nil:
			row.Facts = append(row.Facts, web.Say("counter.changed", "At", f.DateTime(a.UpdatedAt), "Who", names[*a.ChangedByID]))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// find opens what the desk has sent, by the number of its case.
func (p *counterPage) find(c *gin.Context) error {
	var in struct {
		CaseNo string `form:"case_no"`
	}
	if err := web.Decode(c, &in); err != nil {
		return err
	}
	wrong := func(key string) error {
		return p.page(c, in.CaseNo, fault.InvalidInput(fault.Field{Name: "case_no", Key: key}))
	}
	no, err := idcode.ParseCaseNumber(in.CaseNo)
	if err != nil {
		return wrong("access.explain.case_no.form")
	}
	id, err := p.Permits.CounterCase(c.Request.Context(), no.String())
	switch {
	case fault.KindOf(err) == fault.NotFound && err != nil:
		return wrong("counter.find.none")
	case err != nil:
		return err
	}
	c.Redirect(http.StatusSeeOther, counterRoot+"/"+id)
	return nil
}
