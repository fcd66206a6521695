package enterprise

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// bundlePage is several applications in one: one form, one list of papers, one
// signature, and then one page that shows them all.
type bundlePage struct {
	ApplyDeps
	one *applicationPage
}

type bundleView struct {
	applicationView
	Bundle   *permits.OwnBundle
	Groups   []askedGroup
	Timeline []timeRow
}

// askedGroup are questions under a heading: those that several permits ask, or those
// of one.
type askedGroup struct {
	Title web.Words
	Asked []web.Asked
}

// partRow is one application on the pages of its bundle.
type partRow struct {
	Own       *permits.Own
	Href      string
	Unit      web.Words
	Chip      web.Chip
	Complete  web.Words
	Promised  web.Words
	Statutory web.Words
	Law       web.Words      // what the law's own limit is called
	Due       *calendar.Date // the promise, while it runs
	Stands    bool
}

// timeRow is a dated step of one application among those of all.
type timeRow struct {
	nextStep
	Type web.Words
}

// unitOf is who decides on permits of a type.
func (d ApplyDeps) unitOf(ctx context.Context, t *permittypes.Type) (web.Words, error) {
	snap, err := d.Catalogue.Snapshot(ctx)
	if err != nil {
		return web.Words{}, err
	}
	m, err := snap.Matter(t.MatterCode)
	if err != nil || m.UnitID == nil {
		return web.Words{}, nil //nolint:nilerr // a matter that is no more has no unit
	}
	if u, err := snap.Unit(*m.UnitID); err == nil {
		return web.Data(u.Name), nil
	}
	return web.Words{}, nil
}

func (p *bundlePage) load(c *gin.Context, step string) (*bundleView, error) {
	ctx := c.Request.Context()
	o, err := p.Permits.BundleOf(ctx, c.Param("id"))
	if err != nil {
		return nil, err
	}
	title := web.Data(o.Event.Name)
	if step != "" {
		title = web.Say("permit.step." + step)
	}
	v := &bundleView{Bundle: o, applicationView: applicationView{Page: p.Kit.Page(c, title), ID: o.ID, Root: ownRoot, Base: bundlePath(o.ID), Version: o.Version,
		Type: web.Data(o.Event.Name), Steps: len(steps), Step: slices.Index(steps, step) + 1, MayWrite: o.MayWrite, Shown: permits.Statement}}
	if v.For, err = p.holder(ctx, &v.Page, o.HolderID); err != nil {
		return nil, err
	}
	v.Back = &web.Link{Href: "/enterprise/applications", Words: web.Say("permit.list.title")}
	if i := slices.Index(steps, step); i > 0 {
		v.Back = &web.Link{Href: v.path(steps[i-1]), Words: web.Say("portal.back")}
	}
	return v, p.parts(ctx, v)
}

// parts shows each application with its unit and its limits.
func (p *bundlePage) parts(ctx context.Context, v *bundleView) error {
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	for _, o := range v.Bundle.Parts {
		row := partRow{Own: o, Href: "/enterprise/applications/" + o.Application.ID, Chip: stateChip(o.Application.State),
			Complete: limitWords(o.Type.Completeness), Promised: limitWords(o.Type.Promised), Statutory: limitWords(o.Type.Statutory),
			Law: web.Say(lawKey(o.Type, "permit.limit.statutory"))}
		if row.Unit, err = p.unitOf(ctx, o.Type); err != nil {
			return err
		}
		if o.Case != nil {
			if u, err := snap.Unit(o.Case.UnitID); err == nil {
				row.Unit = web.Data(u.Name)
			}
			if !o.Case.Status.Ended() {
				row.Due, row.Stands = o.Case.DueOn, !stands(o).IsZero()
			}
		}
		v.Parts = append(v.Parts, row)
	}
	return nil
}

// draft opens a step of a draft; one that was sent meanwhile is shown instead.
func (p *bundlePage) draft(c *gin.Context, step string) (*bundleView, error) {
	v, err := p.load(c, step)
	if err == nil && v.Bundle.SentAt != nil {
		c.Redirect(http.StatusSeeOther, v.Base)
		return nil, nil //nolint:nilnil // answered
	}
	return v, err
}

// show is the receipt and the timeline of what was sent; a draft begins with its
// questions.
func (p *bundlePage) show(c *gin.Context) error {
	v, err := p.load(c, "")
	if err != nil {
		return err
	}
	if v.Bundle.SentAt == nil {
		c.Redirect(http.StatusSeeOther, v.path(stepQuestions))
		return nil
	}
	return p.showSent(c, v)
}

func (p *bundlePage) showSent(c *gin.Context, v *bundleView) error {
	v.timeline(p.one)
	return p.Kit.Show(c, "enterprise/bundle-sent", v)
}

// timeline fills the page of what was sent with the steps of all of it, by day.
func (v *bundleView) timeline(one *applicationPage) {
	v.Statement = web.Say("permit.statement." + strconv.FormatInt(v.Bundle.Parts[0].Application.Statement, 10))
	v.Own = v.Bundle.Parts[0]
	for i := range v.Parts {
		for _, s := range one.next(v.Parts[i].Own) {
			v.Timeline = append(v.Timeline, timeRow{s, web.Data(v.Parts[i].Own.Type.Name)})
		}
	}
	day := func(r timeRow) calendar.Date {
		if r.By == nil {
			return calendar.Date(1<<31 - 1) // what has no day yet comes last
		}
		return *r.By
	}
	slices.SortStableFunc(v.Timeline, func(a, b timeRow) int { return cmp.Compare(day(a), day(b)) })
}

// questions asks once what several permits want to know, and then what each wants.
func (p *bundlePage) questions(c *gin.Context) error {
	v, err := p.draft(c, stepQuestions)
	if v == nil {
		return err
	}
	return p.ask(c, v, v.Bundle.Values())
}

func (p *bundlePage) ask(c *gin.Context, v *bundleView, values map[string][]string) error {
	at := map[string]int{}
	for _, q := range v.Bundle.Asked(v.Bundle.Spread(values)) {
		group, title := "", web.Say("bundle.shared")
		if !q.Shared {
			for code := range q.Of {
				group, title = code, web.Data(v.Bundle.Part(code).Type.Name)
			}
		}
		i, there := at[group]
		if !there {
			i = len(v.Groups)
			at[group] = i
			v.Groups = append(v.Groups, askedGroup{Title: title})
		}
		v.Groups[i].Asked = append(v.Groups[i].Asked, v.Ask(q.Question, values[q.Name]))
	}
	for _, o := range v.Bundle.Parts {
		v.already(o, v.Bundle.KeyOf(o))
	}
	return p.Kit.Show(c, "enterprise/bundle-questions", v)
}

// answer keeps what was typed, well or not, and goes on when it is well.
func (p *bundlePage) answer(c *gin.Context) error {
	v, err := p.draft(c, stepQuestions)
	if v == nil {
		return err
	}
	var f answerForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	values := v.Bundle.Values()
	for _, q := range v.Bundle.Form {
		if slices.Contains(f.Asked, q.Name) {
			values[q.Name] = web.Sent(c, q.Question)
		}
	}
	err = p.Permits.AnswerBundle(c.Request.Context(), v.ID, f.Version, values)
	for _, o := range v.Bundle.Parts {
		if err == nil || fault.KindOf(err) == fault.Invalid {
			err = graver(err, renamed(p.Permits.Explain(c.Request.Context(), o.Application.ID, reasons(o, v.Bundle.KeyOf(o), c.GetPostForm)), v.Bundle.KeyOf(o)))
		}
	}
	more := slices.ContainsFunc(v.Bundle.Asked(v.Bundle.Spread(values)), func(q permittypes.Joined) bool { return !slices.Contains(f.Asked, q.Name) })
	kept := err == nil || fault.KindOf(err) == fault.Invalid
	switch {
	case more && kept:
		c.Redirect(http.StatusSeeOther, v.path(stepQuestions))
		return nil
	case err == nil:
		c.Redirect(http.StatusSeeOther, v.path(stepMaterials))
		return nil
	case kept:
		v.Version = f.Version + 1
	default:
		now, loadErr := p.load(c, stepQuestions)
		if loadErr != nil {
			return loadErr
		}
		if v = now; v.Bundle.SentAt != nil {
			return p.failSent(c, err)
		}
	}
	if rest := v.Fail(err); rest != nil {
		return rest
	}
	return p.ask(c, v, values)
}

// items is the one list of papers.
func (v *bundleView) items() {
	for _, paper := range v.Bundle.Papers() {
		row := itemView{Item: paper.Item, Key: paper.Code, Anchor: "material." + paper.Code, Part: paper.Keeps.Application.ID}
		row.Name, row.Required = paper.Name, paper.Required
		row.Kinds = paper.Kinds
		for _, w := range paper.Of {
			row.For = append(row.For, v.Bundle.Part(w.Type).Type.Name)
		}
		v.item(paper.Keeps, &row)
		v.Items = append(v.Items, row)
	}
}

func (p *bundlePage) materials(c *gin.Context) error {
	v, err := p.draft(c, stepMaterials)
	if v == nil {
		return err
	}
	v.items()
	return p.Kit.Show(c, "enterprise/materials", v)
}

// attach takes files for one paper of the list, takes one away, or uses an earlier one.
func (p *bundlePage) attach(c *gin.Context) error {
	ctx := c.Request.Context()
	v, err := p.draft(c, stepMaterials)
	if v == nil {
		return err
	}
	var f materialForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	v.items()
	i := slices.IndexFunc(v.Items, func(it itemView) bool { return it.Part == f.Part && it.Code == f.Code })
	if i < 0 {
		return fault.New(fault.NotFound, "permit.material.missing")
	}
	row := v.Items[i]
	switch {
	case f.Remove != "":
		if err = p.Permits.Detach(ctx, f.Part, f.Code, f.Remove); err != nil && fault.KindOf(err) == fault.NotFound {
			err = nil // a colleague was quicker
		}
	case f.Reuse != "":
		err = p.Permits.Reuse(ctx, f.Part, f.Code, f.Reuse)
	default:
		err = p.one.keepAll(c, f.Part, f.Code, row.Anchor)
	}
	if err == nil {
		c.Redirect(http.StatusSeeOther, v.path(stepMaterials)+"#"+web.FieldID("item."+row.Key))
		return nil
	}
	return p.failDraft(c, err)
}

// failDraft shows the list of papers with what was wrong, or what was sent meanwhile.
func (p *bundlePage) failDraft(c *gin.Context, problem error) error {
	v, err := p.load(c, stepMaterials)
	if err != nil {
		return err
	}
	if v.Bundle.SentAt != nil {
		return p.failSent(c, problem)
	}
	if rest := v.Fail(problem); rest != nil {
		return rest
	}
	v.items()
	return p.Kit.Show(c, "enterprise/materials", v)
}

// check shows everything once more, and asks for the one signature.
func (p *bundlePage) check(c *gin.Context) error {
	v, err := p.draft(c, stepCheck)
	if v == nil {
		return err
	}
	name, err := p.Name(c.Request.Context())
	if err != nil {
		return err
	}
	return p.sign(c, v, name, false)
}

func (p *bundlePage) sign(c *gin.Context, v *bundleView, name string, agrees bool) error {
	v.items()
	values := v.Bundle.Values()
	for _, q := range v.Bundle.Asked(v.Bundle.Spread(values)) {
		answers := catalogue.Answers([]catalogue.Question{q.Question}, func(string) []string { return values[q.Name] })
		v.Sections = append(v.Sections, web.SummaryRow{Key: web.Data(q.Title), Value: web.Data(permits.AnswerText(q.Question, answers[q.Name])), Change: v.path(stepQuestions)})
	}
	v.signature(name, agrees)
	return p.Kit.Show(c, "enterprise/check", v)
}

// send signs and sends all of them, or none.
func (p *bundlePage) send(c *gin.Context) error {
	var f signForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	_, err := p.Permits.SubmitBundle(c.Request.Context(), c.Param("id"), f.Version, permits.Signature{Name: f.Name, Agrees: f.Agrees == "yes", Shown: f.Shown}, web.Lang(c))
	if err == nil {
		c.Redirect(http.StatusSeeOther, bundlePath(c.Param("id")))
		return nil
	}
	v, loadErr := p.load(c, stepCheck)
	if loadErr != nil {
		return loadErr
	}
	if v.Bundle.SentAt != nil {
		return p.failSent(c, err)
	}
	if rest := v.Fail(err); rest != nil {
		return rest
	}
	return p.sign(c, v, f.Name, f.Agrees == "yes")
}

// failSent shows what was sent, with what came too late.
func (p *bundlePage) failSent(c *gin.Context, problem error) error {
	v, err := p.load(c, "")
	if err != nil {
		return err
	}
	if rest := v.Fail(problem); rest != nil {
		return rest
	}
	return p.showSent(c, v)
}

// drop throws the draft away, with all its applications.
func (p *bundlePage) drop(c *gin.Context) error {
	version, err := strconv.ParseInt(c.PostForm("version"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	if err := p.Permits.DropBundle(c.Request.Context(), c.Param("id"), version); err != nil {
		return err
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("permit.dropped")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/enterprise/applications")
	return nil
}
