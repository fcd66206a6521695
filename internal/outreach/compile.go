package outreach

import (
	"slices"
	"strconv"
	"strings"

	"minqing/internal/access"
	"minqing/internal/cases"
)

// cond is SQL that is true, false or NULL for a row of constituents x: NULL where
// what it asks for is not known. AND, OR and NOT of SQL carry that on, and only
// true makes a member, so that what is unknown is neither a yes nor a no.
type cond struct {
	sql  string
	args []any
}

// statement is a compiled definition: constituents x with the sets that its
// conditions ask, the condition itself, and who may be counted at all, whoever meets it;
// nothing where that is everybody. It rests on that where its conditions see to it.
type statement struct {
	from  cond
	where cond
	may   cond
	rests bool
}

// alive are the constituents that may be members at all.
const alive = "x.merged_into_id IS NULL AND x.erased_at IS NULL"

// ids selects the members by the rule, under the column id.
func (st statement) ids() (string, []any) {
	sql, args := "SELECT x.id FROM "+st.from.sql+" WHERE "+alive+" AND "+st.where.sql, slices.Concat(st.from.args, st.where.args)
	if st.may.sql == "" || st.rests {
		return sql, args
	}
	return sql + " AND " + st.may.sql, append(args, st.may.args...)
}

// reach is on what its owner may rest a segment: the cases, the permits and the people
// of a scope.
type reach struct {
	scope access.Scope
	whole bool // it holds every unit
	law   bool // nobody's: who is entitled to something by law is, whoever looks
}

// builder gathers the sets that conditions need. A set is made once, whole, and
// joined, or on SQLite looked up in: asked for every person anew it would be read a million times.
type builder struct {
	world
	reach
	only []string // when not nil: these people alone
	sets []cond
}

// compile turns a checked definition into a statement. Every value is bound;
// only text of this package goes into the SQL.
func (w world) compile(root *Node, r reach, only []string) statement {
	b := &builder{world: w, reach: r, only: only}
	st := b.statement(b.node(root))
	st.may, st.rests = b.may(), root.rests()
	return st
}

func (b *builder) statement(where cond) statement {
	st := statement{from: cond{sql: "constituents x"}, where: where}
	for _, set := range b.sets {
		st.from.sql += set.sql
		st.from.args = append(st.from.args, set.args...)
	}
	if b.only != nil {
		in, args := among("x.id", b.only)
		st.where = cond{sql: in + " AND (" + where.sql + ")", args: append(args, where.args...)}
	}
	return st
}

func (b *builder) node(n *Node) cond {
	switch n.Op {
	case Not:
		inner := b.node(n.Of[0])
		return cond{"NOT (" + inner.sql + ")", inner.args}
	case Cond:
		return LeafOf(n.Leaf).sql(b, n.With)
	}
	word := " AND "
	if n.Op == Any {
		word = " OR "
	}
	var parts []string
	var args []any
	for _, part := range n.Of {
		inner := b.node(part)
		parts, args = append(parts, inner.sql), append(args, inner.args...)
	}
	return cond{"(" + strings.Join(parts, word) + ")", args}
}

// set joins a SELECT of people, each once under the column id, and gives the
// name by which conditions speak of it.
func (b *builder) set(sql string, args []any) string {
	name := "s" + strconv.Itoa(len(b.sets)+1)
	b.sets = append(b.sets, cond{" LEFT JOIN (" + sql + ") " + name + " ON " + name + ".id = x.id", args})
	return name
}

// in says that somebody is in a set of our own records, which are complete: no
// entry is a no.
func (b *builder) in(sql string, args []any) cond {
	if !b.hashes {
		return cond{"x.id IN (" + sql + ")", args}
	}
	return cond{sql: b.set(sql, args) + ".id IS NOT NULL"}
}

// told says what somebody told of themselves: yes where the hit of a set is 1, no where it
// is 0, unknown where they are not in it.
func (b *builder) told(sql string, args []any) cond {
	if !b.hashes {
		return cond{"(CASE WHEN x.id IN (SELECT t.id FROM (" + sql + ") t WHERE t.hit = 1) THEN 1 WHEN x.id IN (SELECT t.id FROM (" + sql + ") t) THEN 0 END) = 1", slices.Concat(args, args)}
	}
	return cond{sql: b.set(sql, args) + ".hit = 1"}
}

// among is an IN with a mark for each value; of none it is false.
func among(column string, values []string) (string, []any) {
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	return column + " IN (NULL" + strings.Repeat(", ?", len(values)) + ")", args
}

// filter gathers conditions that all have to hold.
type filter struct {
	parts []string
	args  []any
}

func (f *filter) add(sql string, args ...any) {
	f.parts, f.args = append(f.parts, sql), append(f.args, args...)
}

func (f *filter) among(column string, values []string) {
	sql, args := among(column, values)
	f.add(sql, args...)
}

func (f *filter) where() string { return strings.Join(f.parts, " AND ") }

// who is the person behind a party of a case: one who was merged into another
// counts as the one at the end of the chain.
const who = "COALESCE(m.head_id, cp.constituent_id)"

// narrow keeps to the records m of the people that are asked for, if only some are.
func (b *builder) narrow(f *filter) {
	if b.only == nil {
		return
	}
	own, args := among("m.id", b.only)
	joined, more := among("m.head_id", b.only)
	f.add("("+own+" OR "+joined+")", append(args, more...)...)
}

// filed begins a filter on the cases c that somebody filed, of those that may
// count for the owner, by what conditions on cases have in common.
func (b *builder) filed(with map[string]Values) *filter {
	f := &filter{parts: []string{"cp.role = 'requester'", "cp.constituent_id IS NOT NULL"}}
	b.narrow(f)
	countable, args := cases.Countable(b.scope, b.whole)
	f.add(countable, args...)
	if v := with["matter"]; len(v) > 0 {
		f.among("c.matter_id", b.matters(v))
	}
	if v := with["district"]; len(v) > 0 {
		ids, _ := b.districts(v)
		f.among("c.district_id", ids)
	}
	return f
}

// filers is the FROM of a set over cases.
const filers = " FROM cases c JOIN case_parties cp ON cp.case_id = c.id" + people

// people joins the record m behind a party. merged joins it only where it was merged
// into another, which few were: so that a set of everybody's cases is made without
// reading everybody once more.
const (
	people      = " JOIN constituents m ON m.id = cp.constituent_id"
	merged      = " LEFT JOIN " + underOthers + " m ON m.id = cp.constituent_id"
	underOthers = "(SELECT id, head_id FROM constituents WHERE head_id IS NOT NULL)"
)

// joined is a FROM of a set as it is read for everybody.
func (b *builder) joined(from string) string {
	if b.only != nil { // narrowed by the record itself, which has an index
		return from
	}
	return strings.Replace(from, people, merged, 1)
}
