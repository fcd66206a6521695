package seven

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// Keys of groups. The empty key is everybody.
const (
	KindGroup     = "kind:"
	DistrictGroup = "district:"
	SegmentGroup  = "segment:"
)

// KindGroups are people and enterprises.
var KindGroups = []string{KindGroup + "person", KindGroup + "enterprise"}

// Query asks for a page. From and To are days within the first and last month.
type Query struct {
	Page     string
	From, To calendar.Date
	Unit     string // code; empty: the highest that the actor may see
	Group    string // key; empty: everybody
	Matter   string // code; empty: all
	Export   bool   // narrowed to what the actor may take away instead of only read
}

// Group is whom figures may be asked of.
type Group struct {
	Key  string
	Name i18n.Text // of districts and segments
}

// Unit is a unit that the actor may ask of; figures count what stands below it too.
type Unit struct {
	ID, Code, Path string
	Name           i18n.Text
}

// Page is a page of figures with what may be asked for.
type Page struct {
	ID        string
	From, To  calendar.Date // first day of the first month, last day of the last that was counted
	Unit      Unit
	Group     string
	Matter    string
	Units     []Unit
	Groups    []Group
	Matters   map[string]i18n.Text // by code
	Lines     []Line
	Inputs    []Input    // that the figures rest on
	Campaigns []Campaign // of P7, the newest of the period; of a file all
	CountedAt *time.Time
	Version   int

	CampaignsOf int // how many campaigns the period has
}

// Of gives the lines of a figure, that of everything first.
func (p *Page) Of(figure string) (lines []Line) {
	for _, l := range p.Lines {
		if l.Figure == figure {
			lines = append(lines, l)
		}
	}
	return lines
}

// DefinitionVersion is printed on every page and in every export: the sum of the
// versions of all figures, so that it grows with each.
func DefinitionVersion() (n int) {
	for _, f := range Registry {
		n += f.Version
	}
	return n - len(Registry) + 1
}

// reading is a page while it is made.
type reading struct {
	s    *Service
	ctx  context.Context //nolint:containedctx // of one call of Page
	page *Page
	all  bool // the unit is the top of the tree
	in   []Input
	used map[string]Input

	export bool // to be taken away as a file
}

// Page makes a page from what was counted, for a unit within the actor's scope.
func (s *Service) Page(ctx context.Context, q Query) (*Page, error) {
	if !slices.Contains(Pages, q.Page) {
		return nil, fault.New(fault.NotFound, "fault.no_page")
	}
	from, to := firstOfMonth(q.From), firstOfMonth(q.To)
	this := firstOfMonth(s.Today())
	var c fault.Check
	c.That(from <= to, "to", "seven.period.reversed")
	c.That(to <= this, "to", "seven.period.future")
	c.That(from >= monthsBefore(this, Horizon-1), "from", "seven.period.long", "Months", Horizon)
	if err := c.Err(); err != nil {
		return nil, err
	}
	p := &Page{ID: q.Page, From: from, To: min(endOfMonth(to), s.Today()), Group: q.Group, Matter: q.Matter, Version: DefinitionVersion()}
	r := &reading{s: s, ctx: ctx, page: p, used: map[string]Input{}, export: q.Export}
	if err := r.frame(q); err != nil {
		return nil, err
	}
	make := map[string]func() error{Profiling: r.profiling, Persistency: r.persistency, PublicValue: r.value, Promotion: r.promotion}[q.Page]
	if err := make(); err != nil {
		return nil, err
	}
	for _, in := range r.used {
		p.Inputs = append(p.Inputs, in)
	}
	slices.SortFunc(p.Inputs, func(a, b Input) int {
		return cmp.Or(strings.Compare(string(a.Kind)+"|"+a.Item+"|"+a.Part, string(b.Kind)+"|"+b.Item+"|"+b.Part), cmp.Compare(b.AsOf, a.AsOf))
	})
	if q.Export {
		return p, s.exported(ctx, p)
	}
	return p, nil
}

// exported notes who took a page away.
func (s *Service) exported(ctx context.Context, p *Page) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		return s.Audit.Record(ctx, audit.Entry{Action: "export.seven", Kind: "report", ID: p.ID, Fields: []audit.Change{
			{Field: "from", After: p.From.String()}, {Field: "to", After: p.To.String()}, {Field: "unit", After: p.Unit.Code},
			{Field: "group", After: p.Group}, {Field: "matter", After: p.Matter}, {Field: "definitions", After: strconv.Itoa(p.Version)}}})
	})
}

// frame looks up what may be asked for and whether this may.
func (r *reading) frame(q Query) error {
	verb := access.ReportRead
	if q.Export {
		verb = access.ReportExport
	}
	scope, err := r.s.Access.Scope(r.ctx, verb)
	if err != nil {
		return err
	}
	p, reader := r.page, r.s.DB.Reader(r.ctx)
	where, args := scope.Where("path")
	if err := reader.Raw("SELECT CAST(id AS text) AS id, code, path, name FROM units WHERE "+where+" ORDER BY path", args...).Scan(&p.Units).Error; err != nil {
		return fail("read the units of a report", err)
	}
	if len(p.Units) == 0 { // of whistle-blowers' cases alone, which are in no figure here
		return fault.New(fault.Forbidden, "seven.nothing")
	}
	i := 0
	if q.Unit != "" {
		if i = slices.IndexFunc(p.Units, func(u Unit) bool { return u.Code == q.Unit }); i < 0 {
			return fault.New(fault.NotFound, "catalogue.unit.missing")
		}
	}
	p.Unit = p.Units[i]
	r.all = strings.Count(p.Unit.Path, "/") == 1
	if p.Groups, err = r.s.groups(r.ctx, false); err != nil {
		return err
	}
	if q.Group != "" && !slices.ContainsFunc(p.Groups, func(g Group) bool { return g.Key == q.Group }) {
		return fault.New(fault.NotFound, "seven.group.missing")
	}
	if p.Matters, err = r.s.matters(r.ctx); err != nil {
		return err
	}
	if _, ok := p.Matters[q.Matter]; q.Matter != "" && !ok {
		return fault.New(fault.NotFound, "seven.matter.missing")
	}
	st, err := r.s.state(r.ctx)
	if err != nil {
		return err
	}
	p.CountedAt = st.CountedAt
	r.in, err = r.s.inputs(r.ctx)
	return err
}

// groups are people and enterprises, the districts in which they live, and the
// segments, all or those whose figures the actor may read; of ones for planning no
// member is kept, so that nothing can be counted of them.
func (s *Service) groups(ctx context.Context, all bool) ([]Group, error) {
	var out, found []Group
	for _, k := range KindGroups {
		out = append(out, Group{Key: k})
	}
	err := s.DB.Reader(ctx).Raw("SELECT '" + DistrictGroup + "' || code AS key, name FROM districts WHERE level = 'district' AND valid_to IS NULL ORDER BY code").Scan(&found).Error
	if err != nil {
		return nil, fail("read the districts of a report", err)
	}
	out = append(out, found...)
	where, args := "1 = 1", []any(nil)
	if !all {
		scope, err := s.Access.Scope(ctx, access.SegmentFigures)
		if err != nil && fault.KindOf(err) == fault.Forbidden {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		where, args = scope.Where("u.path")
	}
	found = nil
	err = s.DB.Reader(ctx).Raw("SELECT '"+SegmentGroup+"' || CAST(g.id AS text) AS key, g.name FROM segments g JOIN units u ON u.id = g.unit_id WHERE g.retired_at IS NULL AND g.purpose <> 'planning' AND "+
		where+" ORDER BY g.created_at, g.id", args...).Scan(&found).Error
	if err != nil {
		return nil, fail("read the segments of a report", err)
	}
	return append(out, found...), nil
}

// input is the one in force at the end of the period, noted as used; nil when
// nobody entered any.
func (r *reading) input(k Kind, item, part string) *Input {
	for i := range r.in { // the newest first
		in := &r.in[i]
		if in.Kind == k && in.Item == item && in.Part == part && in.AsOf <= r.page.To {
			r.used[in.ID] = *in
			return in
		}
	}
	return nil
}

func (r *reading) say(lines ...Line) { r.page.Lines = append(r.page.Lines, lines...) }

// counts are numbers of cases by measure and item.
type counts map[string]map[string]int64

// sum adds up the measures over the period and the units at or below the page's
// one, of a group.
func (r *reading) sum(group string, measures ...string) (counts, error) {
	all, err := r.each([]string{group}, measures...)
	return all[group], err
}

// each adds up the measures of each group, in one statement however many there are.
func (r *reading) each(groups []string, measures ...string) (map[string]counts, error) {
	var found []struct {
		GroupKey, Measure, Item string
		N                       int64
	}
	within, args := "", []any{groups, measures, r.page.From, firstOfMonth(r.page.To)}
	if !r.all {
		within = " AND unit_id IN (SELECT id FROM units WHERE path >= ? AND path < ?)"
		args = append(args, r.page.Unit.Path, strings.TrimSuffix(r.page.Unit.Path, "/")+"0")
	}
	err := r.s.DB.Reader(r.ctx).Raw("SELECT group_key, measure, item, CAST(SUM(n) AS bigint) AS n FROM seven_cells WHERE group_key IN ? AND measure IN ? AND month BETWEEN ? AND ?"+within+
		" GROUP BY group_key, measure, item", args...).Scan(&found).Error
	if err != nil {
		return nil, fail("read what was counted for 7P", err)
	}
	out := make(map[string]counts, len(groups))
	for _, g := range groups {
		out[g] = counts{}
	}
	for _, f := range found {
		if out[f.GroupKey][f.Measure] == nil {
			out[f.GroupKey][f.Measure] = map[string]int64{}
		}
		out[f.GroupKey][f.Measure][f.Item] = f.N
	}
	return out, nil
}

// different adds up numbers of different people over the period: each counts in the
// month of the period in which they first came.
func (r *reading) different(measure string, groups []string) (map[string]map[string]int64, error) {
	var found []struct {
		GroupKey, Item string
		N              int64
	}
	err := r.s.DB.Reader(r.ctx).Raw("SELECT group_key, item, CAST(SUM(n) AS bigint) AS n FROM seven_cells WHERE group_key IN ? AND measure = ? AND month BETWEEN ? AND ? AND unit_id = ? AND since < ? GROUP BY group_key, item",
		groups, measure, r.page.From, firstOfMonth(r.page.To), r.page.Unit.ID, r.page.From).Scan(&found).Error
	if err != nil {
		return nil, fail("read how many people came", err)
	}
	out := map[string]map[string]int64{}
	for _, f := range found {
		if out[f.GroupKey] == nil {
			out[f.GroupKey] = map[string]int64{}
		}
		out[f.GroupKey][f.Item] = f.N
	}
	return out, nil
}

// total adds up the items of a measure that the page's matter covers; items begin
// with the matter.
func (r *reading) total(of map[string]int64) (n int64) {
	for item, m := range of {
		if r.covers(item) {
			n += m
		}
	}
	return n
}

func (r *reading) covers(item string) bool {
	matter, _, _ := strings.Cut(item, "|")
	return r.page.Matter == "" || matter == r.page.Matter
}

// by adds up the items of a measure by one of their parts, of the page's matter.
func (r *reading) by(of map[string]int64, part int) map[string]int64 {
	out := map[string]int64{}
	for item, n := range of {
		if parts := strings.Split(item, "|"); r.covers(item) && part < len(parts) {
			out[parts[part]] += n
		}
	}
	return out
}

// shares says a figure of everything and of each matter, the most cases first; a
// case without a matter is in the whole only.
func (r *reading) shares(figure string, numerator, denominator map[string]int64) {
	whole := share(figure, "", r.total(numerator), r.total(denominator))
	by, from := r.by(numerator, 0), r.by(denominator, 0)
	lines, people := []Line{}, []int64{}
	for _, m := range largest(from) {
		lines = append(lines, share(figure, m, by[m], from[m]))
		people = append(people, from[m])
	}
	if protect(lines, people) {
		whole = Line{Figure: figure, Suppressed: true}
	}
	r.say(whole)
	for _, l := range lines {
		if l.Item != "" {
			r.say(l)
		}
	}
}

// largest gives the keys by their numbers, the largest first.
func largest(of map[string]int64) []string {
	keys := make([]string, 0, len(of))
	for k := range of {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if of[a] != of[b] {
			return int(of[b] - of[a])
		}
		return strings.Compare(a, b)
	})
	return keys
}
