package outreach

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// Held is whether something holds for somebody.
type Held string

// Unknown is neither: what it asks for was never told. Hidden is not for the reader.
const (
	Yes     Held = "yes"
	No      Held = "no"
	Unknown Held = "unknown"
	Hidden  Held = "hidden"
)

// Reason is a part of a definition with what it came to for one person.
type Reason struct {
	Op     Op
	Leaf   string // of a condition, its kind
	Held   Held
	Says   string
	Facts  []Fact
	Behind string // of what facts are: Cases or Permits
	More   int    // how many more of them the reader may read than Facts lists
	Barred int    // how many of them the reader may not read
	Of     []*Reason
}

// Fact is a case behind a condition, of those that the reader may read.
type Fact struct {
	CaseNo string
	Day    calendar.Date
	Grade  int // of an evaluation; 0 without one

	PermitNo string // of a permit, in the place of a case
	Permit   i18n.Text
	Until    *calendar.Date
}

// Why is why somebody is a member, or is not.
type Why struct {
	Member bool
	Since  *calendar.Date
	Person constituents.View
	Root   *Reason
	Fixed  *Fixed // put in or kept out by hand
}

// Why evaluates every condition of a segment for one person. It is asked of those
// who are members or were fixed by hand, and noted in the log of reads.
func (s *Service) Why(ctx context.Context, id, personID string, l i18n.Lang) (*Why, error) {
	g, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !isID(personID) || !g.Shown() {
		return nil, errMissing
	}
	out := &Why{}
	var since []calendar.Date
	if err := s.DB.From(ctx).Raw("SELECT since FROM segment_members WHERE segment_id = ? AND constituent_id = ?", id, personID).Scan(&since).Error; err != nil {
		return nil, fail("read a member", err)
	}
	if len(since) > 0 {
		out.Member, out.Since = true, &since[0]
	}
	if out.Fixed, err = s.fixedOne(ctx, id, personID); err != nil {
		return nil, err
	}
	if !out.Member && out.Fixed == nil {
		return nil, errMissing
	}
	people, err := s.masked(ctx, []string{personID})
	if err != nil {
		return nil, err
	}
	out.Person = people[0]
	root, err := s.reasons(ctx, g, personID, l)
	if err != nil {
		return nil, err
	}
	if out.Root, err = s.shown(ctx, root); err != nil {
		return nil, err
	}
	return out, s.DB.Tx(ctx, func(ctx context.Context) error {
		return s.Audit.Read(ctx, "constituent", personID, []string{"segment"}, g.Name.In(i18n.En))
	})
}

// shown hides what conditions came to of which the reader's role shows nothing on a record.
func (s *Service) shown(ctx context.Context, r *Reason) (*Reason, error) {
	var failed error
	veiled := r.Veiled(func(kind string) bool {
		leaf := LeafOf(kind)
		if leaf == nil {
			return true
		}
		reads, err := s.Reads(ctx, leaf)
		if err != nil {
			failed = err
		}
		return !reads
	})
	return veiled, failed
}

// reasons evaluates a definition for one person as its owner would, and shows of
// the cases behind it those that the reader may read.
func (s *Service) reasons(ctx context.Context, g *Segment, personID string, l i18n.Lang) (*Reason, error) {
	root, err := g.Root()
	if err != nil {
		return nil, err
	}
	w, err := s.world(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.check(root, g.Purpose); err != nil {
		return nil, err
	}
	r, err := s.reach(ctx, g.OwnerID)
	if err != nil {
		return nil, err
	}
	_, leaves := root.Leaves()
	verdicts, err := s.verdicts(ctx, w, r, leaves, personID)
	if err != nil {
		return nil, err
	}
	reads, err := s.Access.Scope(ctx, access.CaseRead)
	if err != nil {
		return nil, err
	}
	held, err := s.Access.Scope(ctx, access.PermitRead)
	if err != nil {
		return nil, err
	}
	e := &explainer{s: s, w: w, r: r, reads: reads, held: held, person: personID, lang: l, verdicts: verdicts}
	return e.node(ctx, root)
}

// verdicts asks every condition for one person, in one statement.
func (s *Service) verdicts(ctx context.Context, w world, r reach, leaves []*Node, personID string) (map[*Node]Held, error) {
	b := &builder{world: w, reach: r, only: []string{personID}}
	var columns []string
	var args []any
	for _, n := range leaves {
		c := b.node(n)
		columns = append(columns, "CASE WHEN "+c.sql+" THEN 1 WHEN NOT ("+c.sql+") THEN 0 ELSE 2 END")
		args = slices.Concat(args, c.args, c.args)
	}
	st := b.statement(cond{sql: "1 = 1"})
	rows, err := s.DB.From(ctx).Raw("SELECT "+strings.Join(columns, ", ")+" FROM "+st.from.sql+" WHERE "+alive+" AND "+st.where.sql,
		slices.Concat(args, st.from.args, st.where.args)...).Rows()
	if err != nil {
		return nil, fail("evaluate a definition for somebody", err)
	}
	defer rows.Close()
	found := make([]int, len(leaves))
	into := make([]any, len(leaves))
	for i := range found {
		found[i], into[i] = 2, &found[i]
	}
	if rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, fail("evaluate a definition for somebody", err)
		}
	}
	out := make(map[*Node]Held, len(leaves))
	for i, n := range leaves {
		out[n] = []Held{No, Yes, Unknown}[found[i]]
	}
	return out, db.Fault(rows.Err(), "", "")
}

type explainer struct {
	s        *Service
	w        world
	r        reach
	reads    access.Scope // cases
	held     access.Scope // permits
	person   string
	lang     i18n.Lang
	verdicts map[*Node]Held
}

func (e *explainer) node(ctx context.Context, n *Node) (*Reason, error) {
	out := &Reason{Op: n.Op}
	if n.Op == Cond {
		out.Leaf, out.Held, out.Says = n.Leaf, e.verdicts[n], e.w.sayLeaf(e.s.Words, e.lang, n)
		var err error
		if LeafOf(n.Leaf).Scoped {
			out.Behind = Cases
			if n.Leaf == "permits" {
				out.Behind = Permits
				err = e.permits(ctx, n, out)
			} else {
				err = e.facts(ctx, n, out)
			}
		}
		return out, err
	}
	for _, part := range n.Of {
		r, err := e.node(ctx, part)
		if err != nil {
			return nil, err
		}
		out.Of = append(out.Of, r)
	}
	out.Held = kleene(n.Op, out.Of)
	return out, nil
}

// Veiled is the reason for somebody who may not know what conditions of some kinds came
// to. What a group came to is still said where the other conditions alone decide it.
func (r *Reason) Veiled(hidden func(leaf string) bool) *Reason {
	out := *r
	if r.Op == Cond {
		if hidden(r.Leaf) {
			out = Reason{Op: Cond, Leaf: r.Leaf, Held: Hidden, Says: r.Says}
		}
		return &out
	}
	out.Of = make([]*Reason, len(r.Of))
	known, veiled := make([]*Reason, len(r.Of)), false
	for i, part := range r.Of {
		out.Of[i] = part.Veiled(hidden)
		known[i] = out.Of[i]
		if out.Of[i].Held == Hidden {
			known[i], veiled = &Reason{Held: Unknown}, true
		}
	}
	if out.Held = kleene(r.Op, known); out.Held == Unknown && veiled {
		out.Held = Hidden
	}
	return &out
}

// kleene puts the parts of a group together as SQL does.
func kleene(op Op, parts []*Reason) Held {
	if op == Not {
		return map[Held]Held{Yes: No, No: Yes, Unknown: Unknown}[parts[0].Held]
	}
	decides, otherwise := No, Yes
	if op == Any {
		decides, otherwise = Yes, No
	}
	for _, p := range parts {
		switch p.Held {
		case decides:
			return decides
		case Unknown:
			otherwise = Unknown
		}
	}
	return otherwise
}

// factsMost is how many of what stands behind a condition are listed; the others are
// counted.
const factsMost = 5

// countedSQL cuts what a query over rows with a column reads finds to what is listed,
// what may be read first. Each row has how many there are in total, and how many of
// them are readable.
func countedSQL(rows, order string) string {
	return "SELECT x.*, COUNT(*) OVER () AS total, COUNT(CASE WHEN x.reads THEN 1 END) OVER () AS readable FROM (" + rows + ") x ORDER BY x.reads DESC, " + order + " LIMIT " + strconv.Itoa(factsMost)
}

// facts lists the cases behind a condition that the reader may read, the newest
// first, and counts the others. A case stands for one, with the lowest grade it got.
func (e *explainer) facts(ctx context.Context, n *Node, into *Reason) error {
	b := &builder{world: e.w, reach: e.r, only: []string{e.person}}
	from, grade, f := filers, "0", (*filter)(nil)
	switch n.Leaf {
	case "graded":
		from, grade, f = judges, "e.grade", b.gradedWhere(n.With)
	case "repeated":
		f = b.repeatedWhere(n.With)
	default:
		f = b.casesWhere(n.With)
	}
	reads, args := cases.Countable(e.reads, false)
	var rows []struct {
		CaseNo          string
		Day             calendar.Date
		Grade           int
		Reads           bool
		Total, Readable int
	}
	sql := countedSQL("SELECT c.id, c.case_no, c.received_on AS day, MIN("+grade+") AS grade, ("+reads+") AS reads"+from+" WHERE "+f.where()+" GROUP BY c.id", "x.id DESC")
	if err := e.s.DB.From(ctx).Raw(sql, slices.Concat(args, f.args)...).Scan(&rows).Error; err != nil {
		return fail("list the cases behind a condition", err)
	}
	for _, r := range rows {
		if r.Reads {
			into.Facts = append(into.Facts, Fact{CaseNo: r.CaseNo, Day: r.Day, Grade: r.Grade})
		}
	}
	if len(rows) > 0 {
		into.More, into.Barred = rows[0].Readable-len(into.Facts), rows[0].Total-rows[0].Readable
	}
	return nil
}

// Day is what a segment was on one day.
type Day struct {
	Day    calendar.Date
	Size   int64
	Joined int64
	Parted int64
}

// Count is the size as it may be shown; Few of a day hides its movements too.
func (d Day) Count() Count { return count(d.Size) }

// Days is the history of a segment, the newest day first: DaysMost, and one more where
// there are more.
func (s *Service) Days(ctx context.Context, id string) (list []Day, err error) {
	err = s.DB.Reader(ctx).Raw("SELECT day, size, joined, parted FROM segment_days WHERE segment_id = ? ORDER BY day DESC LIMIT ?", id, DaysMost+1).Scan(&list).Error
	if err != nil {
		return nil, fail("read the history of a segment", err)
	}
	return list, nil
}

// Member is somebody in a segment.
type Member struct {
	constituents.View
	Since calendar.Date
	Fixed bool
}

// MembersPage is a page of members, who came last first.
type MembersPage struct {
	Items []Member
	Next  string
}

const membersShown = 25

// Members lists who is in a segment; of a small one, or one for planning, nobody.
func (s *Service) Members(ctx context.Context, g *Segment, cursor string) (page MembersPage, err error) {
	if !g.Shown() {
		return page, nil
	}
	after, err := db.DecodeCursor(cursor, 2)
	if err != nil {
		return page, err
	}
	where, args := "segment_id = ?", []any{g.ID}
	if after != nil {
		day, bad := calendar.ParseDate(after[0])
		if bad != nil || !isID(after[1]) {
			return page, fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
		}
		where, args = where+" AND (since < ? OR since = ? AND constituent_id > ?)", append(args, day, day, after[1])
	}
	var rows []struct {
		ConstituentID string
		Since         calendar.Date
		Fixed         bool
	}
	err = s.DB.Reader(ctx).Raw("SELECT constituent_id, since, fixed FROM segment_members WHERE "+where+" ORDER BY since DESC, constituent_id LIMIT "+strconv.Itoa(membersShown+1), args...).Scan(&rows).Error
	if err != nil {
		return page, fail("list the members of a segment", err)
	}
	if len(rows) > membersShown {
		rows = rows[:membersShown]
		last := rows[membersShown-1]
		page.Next = db.EncodeCursor(last.Since.String(), last.ConstituentID)
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ConstituentID
	}
	views, err := s.masked(ctx, ids)
	for i, v := range views {
		page.Items = append(page.Items, Member{View: v, Since: rows[i].Since, Fixed: rows[i].Fixed})
	}
	return page, err
}
