package enterprise

import (
	"context"

	"github.com/gin-gonic/gin"

	"minqing/internal/permits"
	"minqing/internal/web"
)

type applicationsPage struct{ ApplyDeps }

type applicationsView struct {
	web.Page
	For   web.Words
	Rows  []applicationRow
	Pager web.Pager
	Empty web.Empty
}

type applicationRow struct {
	Href  string
	Title web.Words
	Chip  web.Chip
	Facts []web.Words
}

// stateChip says how far an application is.
func stateChip(s permits.State) web.Chip {
	tone := web.ToneInfo
	switch s {
	case permits.Correcting:
		tone = web.ToneDue
	case permits.Granted:
		tone = web.ToneDone
	case permits.Refused, permits.NotAccepted:
		tone = web.ToneOver
	case permits.Draft, permits.Withdrawn:
		tone = web.ToneNone
	}
	return web.Chip{Tone: tone, Words: web.Say("permit.state." + string(s))}
}

// bundled is the one row of a draft of several applications.
func (p *applicationsPage) bundled(ctx context.Context, id string) (applicationRow, error) {
	b, err := p.Permits.BundleOf(ctx, id)
	if err != nil {
		return applicationRow{}, err
	}
	return applicationRow{Href: bundlePath(id), Title: web.Say("bundle.list", "Name", b.Event.Name), Chip: stateChip(permits.Draft),
		Facts: []web.Words{web.Say("bundle.list.parts", "Count", len(b.Parts))}}, nil
}

// show lists the applications of whom one acts for, what needs them first.
func (p *applicationsPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	cursor := c.Query("cursor")
	list, next, err := p.Permits.List(ctx, cursor)
	if err != nil {
		return err
	}
	holder, _, err := p.Permits.Applicant(ctx)
	if err != nil {
		return err
	}
	v := &applicationsView{Page: p.Kit.Page(c, web.Say("permit.list.title"))}
	if v.For, err = p.holder(ctx, &v.Page, holder); err != nil {
		return err
	}
	for i := range list {
		row, err := p.row(ctx, &list[i])
		if err != nil {
			return err
		}
		v.Rows = append(v.Rows, row)
	}
	v.Pager = web.Pager{Shown: len(v.Rows)}
	if cursor != "" {
		v.Pager.First = v.With("cursor", "")
	}
	if next != "" {
		v.Pager.Next = v.With("cursor", next)
	}
	v.Empty = web.Empty{Title: web.Say("permit.list.empty"), Words: web.Say("permit.list.empty.words"), Do: &web.Button{Words: web.Say("permit.list.empty.do"), Href: "/permits"}}
	if cursor != "" {
		v.Empty = web.Empty{Title: web.Say("permit.list.end"), Words: web.Say("permit.list.end.words"), Do: &web.Button{Words: web.Say("common.pager.first"), Href: v.Pager.First}}
	}
	return p.Kit.Show(c, "enterprise/applications", v)
}

// row is one application, or the one draft of several.
func (p *applicationsPage) row(ctx context.Context, a *permits.Application) (row applicationRow, err error) {
	if a.State == permits.Draft && a.BundleID != nil {
		return p.bundled(ctx, *a.BundleID)
	}
	t, err := p.Types.Version(ctx, a.TypeCode, a.TypeVersion)
	if err != nil {
		return row, err
	}
	row = applicationRow{Href: "/enterprise/applications/" + a.ID, Title: web.Data(t.Name), Chip: stateChip(a.State)}
	if a.RenewsNo != "" {
		row.Facts = append(row.Facts, web.Say("held.about."+string(a.Purpose), "No", a.RenewsNo))
	}
	if a.ReceivedOn != nil {
		row.Facts = append(row.Facts, web.Plain(a.CaseNo), web.Say("permit.list.received", "Day", web.DayText(*a.ReceivedOn)))
	}
	return row, nil
}
