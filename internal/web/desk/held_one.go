package desk

import (
	"context"
	"maps"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/register"
	"minqing/internal/web"
)

// heldOnePage is one permit of the register, with its life and what can be done.
type heldOnePage struct{ HeldDeps }

type heldOneView struct {
	web.Page
	Permit   *register.Permit
	Version  int64
	Chip     web.Chip
	Ground   web.Words
	Holder   web.Words
	Facts    []web.SummaryRow
	Says     []permits.Fact
	Case     *web.Link
	Waits    *web.Link // a renewal that nobody has decided
	Owed     *web.Link // one that is not accepted, for its applicant owes a correction
	Proposal *heldProposal
	Acts     []heldAct
	Duties   []heldDuty
	Story    []heldStep
}

// heldDuty is what the holder owes, in a list.
type heldDuty struct {
	web.Link
	Chip web.Chip
	On   calendar.Date
}

// heldProposal is what somebody proposed, for who decides.
type heldProposal struct {
	ID      string
	Title   web.Words
	Ground  web.Words
	Reason  string
	On      calendar.Date
	Decides bool
	Own     bool
	Note    web.Field

	Hears     bool           // the holder is heard first
	Told      *calendar.Date // when they were told
	By        web.Words
	AnswerBy  *calendar.Date
	Statement string
	Stated    *time.Time
	Waits     bool       // nobody may agree yet
	Ask       *web.Field // until when they can answer, before they are told
	Enter     *web.Field // what they said at the office or on paper
}

// heldAct is the form of an act.
type heldAct struct {
	Act     register.Act
	Title   web.Words
	Effect  web.Words
	Do      web.Words
	Warns   bool
	Open    bool // it was sent and has to be mended
	Changes bool
	Ground  web.Field
	Reason  web.Field
	Until   web.Field
	Facts   []web.Field
}

type heldStep struct {
	Title  web.Words
	On     calendar.Date
	By     web.Words
	Ground web.Words
	Reason string
	Was    []web.SummaryRow
}

func (p *heldOnePage) show(c *gin.Context) error {
	v, err := p.view(c, nil)
	if err != nil {
		return err
	}
	return p.Kit.Show(c, "desk/held_one", v)
}

// view is the page as the permit stands, with what was typed when it is shown again.
func (p *heldOnePage) view(c *gin.Context, problem error) (*heldOneView, error) {
	ctx := c.Request.Context()
	one, err := p.Register.Read(ctx, c.Param("no"))
	if err != nil {
		return nil, err
	}
	stands := one.On(p.Register.Today())
	v := &heldOneView{Page: p.Kit.Page(c, web.Data(one.TypeName)), Permit: one, Version: one.Version, Chip: heldChip(stands), Holder: web.Plain(one.HolderShown)}
	v.Wide, v.Back = true, &web.Link{Href: "/desk/permits", Words: web.Say("held.desk.title")}
	if err := v.Fail(problem); err != nil {
		return nil, err
	}
	if one.HolderShown == "" {
		v.Holder = web.Say("held.erased")
	}
	if one.Ground != "" && stands == one.State {
		v.Ground = web.Say("held.ground." + one.Ground)
	}
	if v.Says, err = p.Permits.Facts(ctx, one, one.Particulars); err != nil {
		return nil, err
	}
	if err := p.facts(ctx, v); err != nil {
		return nil, err
	}
	owed, err := p.Duties.OfPermits(ctx, []register.Permit{*one})
	if err != nil {
		return nil, err
	}
	for i := range owed[one.ID] {
		d := &owed[one.ID][i]
		v.Duties = append(v.Duties, heldDuty{web.Link{Href: dutyHref(d), Words: web.Data(d.Def.Name)}, dutyChip(d, p.Duties.Today()), d.DueOn})
	}
	if err := p.story(ctx, v); err != nil {
		return nil, err
	}
	return v, p.acts(c, v)
}

func (p *heldOnePage) facts(ctx context.Context, v *heldOneView) error {
	one, f := v.Permit, i18n.Format{Lang: v.Lang}
	row := func(key string, value web.Words) {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say(key), Value: value})
	}
	row("held.holder", v.Holder)
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	if u, err := snap.Unit(one.UnitID); err == nil {
		row("held.unit", web.Data(u.Name))
	}
	row("held.issued", web.Plain(f.Date(one.IssuedOn.UTC())))
	row("held.from", web.Plain(f.Date(one.ValidFrom.UTC())))
	if one.ValidUntil == nil {
		row("held.last", web.Say("held.endless"))
	} else {
		row("held.last", web.Plain(f.Date(one.ValidUntil.UTC())))
	}
	for _, s := range v.Says {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Data(s.Label), Value: web.Data(s.Value)})
	}
	if one.CaseNo != "" {
		v.Case = &web.Link{Href: "/desk/cases/" + one.CaseNo, Words: web.Plain(one.CaseNo)}
	}
	waits, err := p.Permits.Waits(ctx, one.PermitNo)
	if err == nil && waits != nil {
		v.Waits = &web.Link{Href: "/desk/cases/" + waits.CaseNo, Words: web.Plain(waits.CaseNo)}
	}
	if err != nil {
		return err
	}
	owes, err := p.Permits.Owed(ctx, one.PermitNo)
	if err == nil && owes != nil {
		v.Owed = &web.Link{Href: "/desk/cases/" + owes.CaseNo, Words: web.Plain(owes.CaseNo)}
	}
	return err
}

func (p *heldOnePage) story(ctx context.Context, v *heldOneView) error {
	events, err := p.Register.Story(ctx, v.Permit)
	if err != nil {
		return err
	}
	var ids []string
	for _, e := range events {
		if e.AccountID != nil {
			ids = append(ids, *e.AccountID)
		}
	}
	names, err := p.People.Names(ctx, ids...)
	if err != nil {
		return err
	}
	f := i18n.Format{Lang: v.Lang}
	until := ""
	if v.Permit.ValidUntil != nil {
		until = f.Date(v.Permit.ValidUntil.UTC())
	}
	for _, e := range events {
		s := heldStep{Title: web.Say("held.event."+string(e.Act), "Until", until), On: e.OnDay, By: web.Say("held.by.program"), Reason: e.Reason}
		if e.AccountID != nil {
			s.By = web.Plain(names[*e.AccountID])
		}
		if e.Ground != "" {
			s.Ground = web.Say("held.ground." + e.Ground)
		}
		if s.Was, err = p.was(ctx, v, e.Changed); err != nil {
			return err
		}
		v.Story = append(v.Story, s)
	}
	return nil
}

// was says what stood in the permit before a change.
func (p *heldOnePage) was(ctx context.Context, v *heldOneView, changed register.Facts) (rows []web.SummaryRow, err error) {
	left := maps.Clone(changed)
	if day, ok := left["valid_until"]; ok {
		delete(left, "valid_until")
		words := web.Say("held.endless")
		if d, err := calendar.ParseDate(day); err == nil {
			words = web.Plain(i18n.Format{Lang: v.Lang}.Date(d.UTC()))
		}
		rows = append(rows, web.SummaryRow{Key: web.Say("held.last"), Value: words})
	}
	list, err := p.Permits.Facts(ctx, v.Permit, left)
	for _, f := range list {
		value := web.Data(f.Value)
		if left[f.Name] == "" {
			value = web.Say("held.was.nothing")
		}
		rows = append(rows, web.SummaryRow{Key: web.Data(f.Label), Value: value})
	}
	return rows, err
}
