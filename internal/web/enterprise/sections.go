package enterprise

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/enterprises"
	"minqing/internal/i18n"
	"minqing/internal/nextstep"
	"minqing/internal/notify"
	"minqing/internal/permits"
	"minqing/internal/register"
	"minqing/internal/satisfaction"
	"minqing/internal/web"
)

// SectionDeps are what the parts of the home are read from.
type SectionDeps struct {
	Enterprises *enterprises.Service
	Permits     *permits.Service
	Types       permits.Types
	Register    *register.Service
	Cases       *cases.Service
	Notify      *notify.Service
	Next        *nextstep.Service
	Now         func() time.Time
}

// Sections are the parts of the home, what needs somebody first.
func Sections(d SectionDeps) []Section {
	return []Section{needs{d}, entitled{d}, applications{d}, issued{d}, told{d}, unjudged{d}}
}

const (
	partMost   = 8  // rows that a part shows
	casesMost  = 50 // current cases that are looked at
	judgedDays = 30 // how long the home asks for a judgement
)

// needs is what waits for the enterprise: a correction, an answer, a word before a permit is
// revoked or a right to a hearing lapses, a fee, a duty, a draft,
// an enterprise that somebody is to take over.
type needs struct{ SectionDeps }

// pressing is a row with the day by which it has to be done; 0 where no day is set.
type pressing struct {
	row Row
	by  calendar.Date
}

// day sorts what has none behind the rest.
func (p pressing) day() calendar.Date {
	if p.by == 0 {
		return math.MaxInt32
	}
	return p.by
}

// Section shows first what has a day, the nearest first, then what has none, and at
// last the drafts, which nobody waits for.
func (s needs) Section(ctx context.Context, m *enterprises.Membership, f i18n.Format) (*Part, error) {
	part := &Part{ID: "needs", Title: web.Say("house.needs"), None: web.Say("house.needs.none")}
	list, next, err := s.Permits.List(ctx, "")
	if err != nil {
		return nil, err
	}
	all, drafts, err := s.begun(ctx, list, f)
	if err != nil {
		return nil, err
	}
	if next != "" && list[len(list)-1].Waits() { // more wait than are shown
		part.More = &web.Link{Href: "/enterprise/applications", Words: web.Say("house.needs.more")}
	}
	off, err := s.Next.Offs(ctx)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc([]string{"answer", nextstep.Speak, nextstep.Pay, nextstep.Meet}, off.Hides) { // nobody is told that nothing waits
		part.None, part.More = web.Say("house.off"), why()
	}
	for _, more := range []func() ([]pressing, error){
		func() ([]pressing, error) { return s.unanswered(ctx, off) },
		func() ([]pressing, error) { return s.owed(ctx, off, f) },
		func() ([]pressing, error) { return s.offered(ctx, m, f) },
	} {
		found, err := more()
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	slices.SortStableFunc(all, func(x, y pressing) int { return cmp.Compare(x.day(), y.day()) })
	for _, one := range all {
		part.Rows = append(part.Rows, one.row)
	}
	part.Rows = append(part.Rows, drafts...)
	return part, nil
}

// begun are the corrections that are asked for, and the drafts.
func (s needs) begun(ctx context.Context, list []permits.Application, f i18n.Format) (asked []pressing, drafts []Row, err error) {
	bundles := map[string]bool{}
	for i := range list {
		a := &list[i]
		if a.State != permits.Draft && a.State != permits.Correcting {
			continue
		}
		if a.State == permits.Draft && a.BundleID != nil {
			if bundles[*a.BundleID] {
				continue
			}
			bundles[*a.BundleID] = true
		}
		row, err := s.row(ctx, a)
		if err != nil {
			return nil, nil, err
		}
		if a.State == permits.Draft {
			row.Facts = []web.Words{web.Say("house.needs.draft", "Day", f.Date(a.UpdatedAt))}
			drafts = append(drafts, row)
			continue
		}
		o, err := s.Permits.Own(ctx, a.ID)
		if err != nil {
			return nil, nil, err
		}
		one := pressing{row: row}
		if n := o.Open(); n != nil {
			one.by = n.DueOn
			one.row.Facts = append(one.row.Facts, web.Say("house.needs.correct", "Count", n.Count(), "Day", web.DayText(n.DueOn)))
		}
		asked = append(asked, one)
	}
	return asked, drafts, nil
}

// unanswered are the questions of cases that are no applications.
func (s needs) unanswered(ctx context.Context, off nextstep.Offs) (rows []pressing, err error) {
	if off.Hides("answer") {
		return nil, nil
	}
	current, err := s.Cases.Current(ctx, s.Now().AddDate(0, 0, -judgedDays), nil, casesMost)
	for i := range current {
		if c := &current[i]; c.Status == cases.NeedInfo && c.Track != catalogue.TrackPermit {
			rows = append(rows, pressing{row: Row{Href: "/cases/" + c.CaseNo, Title: web.Plain(c.Title), Chip: web.Chip{Tone: web.ToneDue, Words: web.Say("case.status.need_info")}, Facts: []web.Words{web.Plain(c.CaseNo)},
				Why: web.WhyOfRule("answer", web.Plain(c.Title), homePath, web.Say("next.fact.case", "Value", c.CaseNo))}})
		}
	}
	return rows, err
}

// owed are what the enterprise can still say before something is decided against it, the
// fees that nobody has paid, and the duties of permits that are due soon or
// should have been met: what the authority of an agent names of them.
func (s needs) owed(ctx context.Context, off nextstep.Offs, f i18n.Format) (rows []pressing, err error) {
	list, err := s.Next.Owed(ctx, off)
	for i := range list {
		t := &list[i]
		rows = append(rows, pressing{by: *t.By, row: Row{Href: t.Href, Title: web.StepTitle(t), Chip: web.OwedChip(t), Facts: web.OwedFacts(t, f), Why: web.WhyOf(t, f, homePath)}})
	}
	return rows, err
}

// offered asks whom an owner wishes to hand the enterprise over to.
func (s needs) offered(ctx context.Context, m *enterprises.Membership, f i18n.Format) (rows []pressing, err error) {
	if m.Agent {
		return nil, nil
	}
	list, err := s.Enterprises.Handovers(ctx, m.EnterpriseID)
	for i := range list {
		if h := &list[i]; h.ToID == me(ctx) {
			rows = append(rows, pressing{row: Row{Href: "/enterprise/handover", Title: web.Say("house.needs.handover"), Chip: web.Chip{Tone: web.ToneDue, Words: web.Say("house.handover.waits")},
				Facts: []web.Words{web.Say("house.handover.since", "Day", f.Date(h.CreatedAt))}}})
		}
	}
	return rows, err
}

func (d SectionDeps) row(ctx context.Context, a *permits.Application) (Row, error) {
	t, err := d.Types.Version(ctx, a.TypeCode, a.TypeVersion)
	if err != nil {
		return Row{}, err
	}
	row := Row{Href: "/enterprise/applications/" + a.ID, Title: web.Data(t.Name), Chip: stateChip(a.State)}
	if a.State == permits.Draft && a.BundleID != nil {
		b, err := d.Permits.BundleOf(ctx, *a.BundleID)
		if err != nil {
			return Row{}, err
		}
		row.Href, row.Title = bundlePath(b.ID), web.Say("bundle.list", "Name", b.Event.Name)
	}
	if a.CaseNo != "" {
		row.Facts = []web.Words{web.Plain(a.CaseNo)}
	}
	return row, nil
}

// applications are those that the government has, what is due first before the rest.
type applications struct{ SectionDeps }

func (s applications) Section(ctx context.Context, _ *enterprises.Membership, _ i18n.Format) (*Part, error) {
	part := &Part{ID: "applications", Title: web.Say("house.applications"), None: web.Say("house.applications.none"),
		More: &web.Link{Href: "/permits", Words: web.Say("permit.list.empty.do")}}
	list, err := s.Permits.Pending(ctx, partMost)
	if err != nil {
		return nil, err
	}
	for i := range list {
		a := &list[i]
		row, err := s.row(ctx, a)
		if err != nil {
			return nil, err
		}
		c, err := s.Cases.ByID(ctx, *a.CaseID)
		if err != nil {
			return nil, err
		}
		switch {
		case c.SuspendedAt != nil:
			row.Facts = append(row.Facts, web.Say("follow.stands.row"))
		case c.DueAt != nil:
			left, err := s.Cases.DaysLeft(ctx, c)
			if err != nil {
				return nil, err
			}
			key, args := i18n.DaysLeft(left)
			row.Facts = append(row.Facts, web.Words{Key: key, Args: args})
		}
		part.Rows = append(part.Rows, row)
	}
	some, _, err := s.Permits.List(ctx, "")
	if len(some) > 0 {
		part.More = &web.Link{Href: "/enterprise/applications", Words: web.Say("house.applications.all")}
	}
	return part, err
}

// issued are the permits, those first that end first.
type issued struct{ SectionDeps }

var permitTones = map[register.State]web.Tone{register.Valid: web.ToneDone, register.Future: web.ToneInfo, register.Suspended: web.ToneDue, register.Revoked: web.ToneOver, register.Expired: web.ToneNone, register.Cancelled: web.ToneNone}

// soonDays is from when on the end of a permit is near: when the holder is first told.
const soonDays = 90

func (s issued) Section(ctx context.Context, m *enterprises.Membership, _ i18n.Format) (*Part, error) {
	part := &Part{ID: "permits", Title: web.Say("house.permits"), None: web.Say("house.permits.none"), More: &web.Link{Href: "/me/permits", Words: web.Say("house.permits.all")}}
	ids, err := s.Cases.Selves(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.Register.OfHolder(ctx, ids)
	if err != nil {
		return nil, err
	}
	today := s.Register.Today()
	for i := range list {
		p := &list[i]
		if !m.Covers(p.TypeCode) || len(part.Rows) == partMost {
			continue
		}
		part.Rows = append(part.Rows, permitRow(p, today))
	}
	return part, nil
}

func permitRow(p *register.Permit, today calendar.Date) Row {
	on := p.On(today)
	row := Row{Title: web.Data(p.TypeName), Href: "/me/permits/" + p.PermitNo, Chip: web.Chip{Tone: permitTones[on], Words: web.Say("house.permit." + string(on))}, Facts: []web.Words{web.Plain(p.PermitNo)}}
	switch {
	case p.ValidUntil == nil:
		row.Facts = append(row.Facts, web.Say("house.permit.endless"))
	case on == register.Valid && *p.ValidUntil <= today.Add(soonDays):
		row.Chip = web.Chip{Tone: web.ToneDue, Words: web.Say("house.permit.soon")}
		fallthrough
	default:
		row.Facts = append(row.Facts, web.Say("house.permit.until", "Day", web.DayText(*p.ValidUntil)))
	}
	return row
}

// told are the latest messages. They are the house's: agents are told apart.
type told struct{ SectionDeps }

func (s told) Section(ctx context.Context, m *enterprises.Membership, f i18n.Format) (*Part, error) {
	if m.Agent {
		return nil, nil //nolint:nilnil // nothing is shown
	}
	part := &Part{ID: "messages", Title: web.Say("house.messages"), None: web.Say("house.messages.none"), More: &web.Link{Href: "/me/messages", Words: web.Say("house.messages.all")}}
	ids, err := s.Cases.Selves(ctx)
	if err != nil {
		return nil, err
	}
	notes, _, err := s.Notify.Inbox(ctx, ids, "")
	if err != nil {
		return nil, err
	}
	notes = notes[:min(len(notes), partMost)]
	var about []string
	for _, n := range notes {
		if n.CaseID != "" {
			about = append(about, n.CaseID)
		}
	}
	labels, err := s.Cases.Labels(ctx, about)
	if err != nil {
		return nil, err
	}
	lines, err := s.Notify.Lines(ctx, f.Lang, notes, cases.Numbers(labels))
	if err != nil {
		return nil, err
	}
	for i, n := range notes {
		line := lines[i]
		row := Row{Href: "/me/messages/" + n.ID, Title: web.Plain(line.Subject), Chip: web.Chip{Tone: web.ToneInfo, Words: web.Say("house.message.new")}}
		if what := cmp.Or(line.About, labels[n.CaseID].Title); what != "" {
			row.Facts = append(row.Facts, web.Plain(what))
		}
		row.Facts = append(row.Facts, web.Plain(f.DayTime(n.CreatedAt)))
		if n.Read {
			row.Chip = web.Chip{Icon: "circle-check", Words: web.Say("house.message.read")}
		}
		part.Rows = append(part.Rows, row)
	}
	return part, nil
}

// unjudged are cases whose outcome the enterprise may judge.
type unjudged struct{ SectionDeps }

func (s unjudged) Section(ctx context.Context, m *enterprises.Membership, f i18n.Format) (*Part, error) {
	if !m.Role.May(enterprises.Apply) {
		return nil, nil //nolint:nilnil // readers judge nothing
	}
	list, err := s.Cases.Current(ctx, s.Now().AddDate(0, 0, -judgedDays), nil, casesMost)
	if err != nil {
		return nil, err
	}
	part := &Part{ID: "judge", Title: web.Say("house.judge"), None: web.Say("house.judge.none")}
	off, err := s.Next.Offs(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range satisfaction.Unjudged(list) {
		rule := "judge"
		if c.Judging() == cases.Rounds {
			rule = "judge_again"
		}
		part.More = why()
		if off.Hides(rule) {
			part.None = web.Say("house.off")
			continue
		}
		row := Row{Href: "/cases/" + c.CaseNo, Title: web.Plain(c.Title), Chip: web.Chip{Tone: web.ToneWatch, Words: web.Say("house.judge.chip")}, Facts: []web.Words{web.Plain(c.CaseNo)},
			Why: web.WhyOfRule(rule, web.Plain(c.Title), homePath, web.Say("next.fact.case", "Value", c.CaseNo))}
		if c.ConcludedAt != nil {
			row.Facts = append(row.Facts, web.Say("house.judge.since", "Day", f.Date(*c.ConcludedAt)))
		}
		part.Rows = append(part.Rows, row)
	}
	return part, nil
}
