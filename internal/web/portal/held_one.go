package portal

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/register"
	"minqing/internal/text"
	"minqing/internal/web"
)

// heldOnePage is one permit, for its holder.
type heldOnePage struct{ HeldDeps }

type heldOneView struct {
	web.Page
	Permit   *register.Permit
	Chip     web.Chip
	For      web.Words
	Until    web.Words
	Left     *web.Words
	Facts    []web.SummaryRow
	Said     *web.Notice // what it stands under: suspended, revoked
	Renewal  web.Words   // when it can be renewed, and what asking late means
	Tone     web.Tone
	Renews   bool
	Changes  bool
	Pending  *web.Link // the application under way
	Waits    bool      // for a fee, before its document is handed out
	Duties   []mineRow
	Hearing  *heldHearing // it is intended to revoke the permit
	Story    []heldStep
	Remedies string
}

// heldHearing is what is intended, and what the holder has to say to it.
type heldHearing struct {
	ID       string
	Ground   web.Words
	Reason   string
	AnswerBy calendar.Date
	Said     string
	Words    *web.Field // nil: they have said it, or may only read
}

type heldStep struct {
	Title  web.Words
	On     calendar.Date
	Ground web.Words
	Reason string
	Was    []web.SummaryRow
}

func (p *heldOnePage) show(c *gin.Context) error { return p.page(c, nil) }

func (p *heldOnePage) page(c *gin.Context, failed error) error {
	ctx := c.Request.Context()
	m, err := p.Permits.Permit(ctx, c.Param("no"))
	if err != nil {
		return err
	}
	v := &heldOneView{Page: p.Kit.Page(c, web.Data(m.TypeName)), Permit: &m.Permit, Chip: heldChip(m.Stands), Renews: m.Renews(), Changes: m.Changes()}
	v.Back = &web.Link{Href: "/me/permits", Words: web.Say("held.title")}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	if v.For, err = p.holder(ctx, &v.Page, m.HolderID); err != nil {
		return err
	}
	v.Until = endWords(v.Lang, m)
	if live(m.Stands) && m.ValidUntil != nil {
		left := daysLeft(int(*m.ValidUntil - p.Register.Today()))
		v.Left = &left
	}
	if err := p.facts(c, v); err != nil {
		return err
	}
	if m.CaseID != nil {
		if v.Waits, err = p.Waits(ctx, *m.CaseID); err != nil {
			return err
		}
	}
	p.renewal(v, m)
	if err := p.hearing(c, v, m); err != nil {
		return err
	}
	owed, err := p.Duties.OfPermits(ctx, []register.Permit{m.Permit})
	if err != nil {
		return err
	}
	for i := range owed[m.ID] {
		v.Duties = append(v.Duties, dutyRow(v.Lang, &owed[m.ID][i], p.Duties.Today()))
	}
	return p.rest(c, v, m)
}

func (p *heldOnePage) facts(c *gin.Context, v *heldOneView) error {
	ctx := c.Request.Context()
	row := func(key string, value web.Words) {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say(key), Value: value})
	}
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	if u, err := snap.Unit(v.Permit.UnitID); err == nil {
		row("held.unit", web.Data(u.Name))
	}
	row("held.from", web.Plain(localDay(v.Lang, &v.Permit.ValidFrom)))
	row("held.issued", web.Plain(localDay(v.Lang, &v.Permit.IssuedOn)))
	list, err := p.Permits.Facts(ctx, v.Permit, v.Permit.Particulars)
	for _, f := range list {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Data(f.Label), Value: web.Data(f.Value)})
	}
	return err
}

// hearing tells of a proposal to revoke the permit, once the holder was told of it.
func (p *heldOnePage) hearing(c *gin.Context, v *heldOneView, m *permits.Mine) error {
	one, err := p.Register.Open(c.Request.Context(), &m.Permit)
	if err != nil || one == nil || one.ToldAt == nil {
		return err
	}
	v.Hearing = &heldHearing{ID: one.ID, Ground: web.Say("held.ground." + one.Ground), Reason: one.Reason, AnswerBy: *one.AnswerBy, Said: one.Statement}
	if one.StatedAt == nil && m.Writes {
		f := v.Bind(web.Field{Name: "statement", Label: web.Say("held.hear.own"), Hint: web.Say("held.hear.own.hint"), Value: c.PostForm("statement"), Rows: 5, Max: 1000})
		v.Hearing.Words = &f
	}
	return nil
}

// renewal says when a renewal can be asked for, and what asking late means.
func (p *heldOnePage) renewal(v *heldOneView, m *permits.Mine) {
	day := func(d calendar.Date) string { return i18n.Format{Lang: v.Lang}.Date(d.UTC()) }
	switch {
	case m.Pending != nil:
		v.Pending = &web.Link{Href: "/enterprise/applications/" + m.Pending.ID, Words: web.Say("held.pending." + string(m.Pending.Purpose))}
		if m.Pending.State == permits.Draft {
			v.Pending.Words = web.Say("held.pending.draft." + string(m.Pending.Purpose))
		}
		owes := m.Pending.Purpose == permits.ForRenewal && m.Pending.Owes() && m.Window != nil
		if owes && live(m.Stands) && !m.Window.Silence {
			v.Renewal, v.Tone = web.Say("held.renewal.owed.tw", "Ends", day(m.Window.Ends)), web.ToneDue
		} else if owes && live(m.Stands) {
			v.Renewal, v.Tone = web.Say("held.renewal.owed", "Ends", day(m.Window.Ends)), web.ToneDue
		} else if owes {
			v.Renewal, v.Tone = web.Say("held.renewal.uncorrected"), web.ToneOver
		}
	case m.Next != "":
		v.Pending = &web.Link{Href: "/me/permits/" + m.Next, Words: web.Say("held.next", "No", m.Next)}
	case !live(m.Stands):
	case m.Window == nil:
		v.Renewal = web.Say("held.renewal.never")
	case m.Timing == permits.Early:
		v.Renewal = web.Say("held.renewal.early", "Opens", day(m.Window.Opens), "AskBy", day(m.Window.AskBy))
	case m.Timing == permits.Open && !m.Window.Silence:
		v.Renewal, v.Tone = web.Say("held.renewal.open.tw", "Ends", day(m.Window.Ends)), web.ToneDue
	case m.Timing == permits.Open:
		v.Renewal, v.Tone = web.Say("held.renewal.open", "AskBy", day(m.Window.AskBy)), web.ToneDue
	case m.Timing == permits.Late:
		v.Renewal, v.Tone = web.Say("held.renewal.late", "AskBy", day(m.Window.AskBy), "Ends", day(m.Window.Ends)), web.ToneDue
	}
}

// rest is the story, and what can be done against what was done.
func (p *heldOnePage) rest(c *gin.Context, v *heldOneView, m *permits.Mine) error {
	ctx := c.Request.Context()
	events, err := p.Register.Story(ctx, &m.Permit)
	if err != nil {
		return err
	}
	for _, e := range events {
		if e.Act == register.Alarmed { // of the unit alone
			continue
		}
		s := heldStep{Title: web.Say("held.event."+string(e.Act), "Until", localDay(v.Lang, m.ValidUntil)), On: e.OnDay, Reason: e.Reason}
		if e.Ground != "" {
			s.Ground = web.Say("held.ground." + e.Ground)
		}
		if s.Was, err = was(ctx, p.Permits, &m.Permit, e.Changed, v.Lang); err != nil {
			return err
		}
		v.Story = append(v.Story, s)
	}
	if m.Stands == register.Suspended || m.Stands == register.Revoked || m.Stands == register.Cancelled {
		v.Said = &web.Notice{Tone: web.ToneOver, Title: web.Say("held.said." + string(m.Stands)), Words: web.Say("held.ground." + m.Ground)}
		if m.Stands == register.Suspended {
			v.Said.Tone = web.ToneDue
		}
		if m.Type != nil && m.Ground != register.GroundReplaced {
			v.Remedies = m.Type.Remedies.In(v.Lang)
		}
	}
	return p.Kit.Show(c, "portal/held_one", v)
}

// ask begins an application to renew or to change the permit.
func (p *heldOnePage) ask(c *gin.Context) error {
	m, err := p.Permits.Permit(c.Request.Context(), c.Param("no"))
	if err != nil {
		return err // whatever was sent
	}
	if c.PostForm("do") == "state" {
		return p.state(c, m)
	}
	purpose := permits.Purpose(c.PostForm("do"))
	if purpose != permits.ForRenewal && purpose != permits.ForChange {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	a, err := p.Permits.About(c.Request.Context(), c.Param("no"), purpose)
	if fault.KindOf(err) == fault.Conflict && err != nil {
		return p.page(c, err)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/enterprise/applications/"+a.ID+"/questions")
	return nil
}

// state keeps what the holder has to say before the permit is revoked.
func (p *heldOnePage) state(c *gin.Context, m *permits.Mine) error {
	if !m.Writes {
		return fault.New(fault.Forbidden, "access.forbidden")
	}
	err := p.Register.Answer(c.Request.Context(), &m.Permit, c.PostForm("proposal"), text.Lines(c.PostForm("statement")))
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.Conflict) {
		return p.page(c, err)
	}
	if err != nil {
		return err
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("held.hear.own.done")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/me/permits/"+m.PermitNo)
	return nil
}
