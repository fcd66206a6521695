package outreach

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"minqing/internal/cases"
)

func number(v Values) int {
	n, _ := strconv.Atoi(v.First()) // check has looked at it
	return n
}

func kindSQL(_ *builder, with map[string]Values) cond {
	return cond{"x.kind = ?", []any{with["is"].First()}}
}

// ageSQL goes by the year alone: everybody who turns that old in this year.
func ageSQL(b *builder, with map[string]Values) cond {
	var f filter
	if v := with["min"].First(); v != "" {
		f.add("x.birth_year <= ?", b.today.Year()-number(with["min"]))
	}
	if v := with["max"].First(); v != "" {
		f.add("x.birth_year >= ?", b.today.Year()-number(with["max"]))
	}
	return cond{"(" + f.where() + ")", f.args}
}

func oneOf(column string, values []string) cond {
	sql, args := among(column, values)
	if len(values) > 0 { // without the NULL, which would make every other value unknown
		sql = strings.Replace(sql, "NULL, ", "", 1)
	}
	return cond{sql, args}
}

func districtSQL(b *builder, with map[string]Values) cond {
	_, codes := b.districts(with["in"])
	return oneOf("x.district_code", codes)
}

func languageSQL(_ *builder, with map[string]Values) cond { return oneOf("x.locale", with["in"]) }

func stageSQL(_ *builder, with map[string]Values) cond { return oneOf("x.stage", with["in"]) }

func industrySQL(_ *builder, with map[string]Values) cond {
	return cond{"x.industry = ?", []any{with["is"].First()}}
}

func establishedSQL(b *builder, with map[string]Values) cond {
	return cond{"(x.established_on > ? AND x.established_on <= ?)", []any{b.today.Add(-number(with["within"])), b.today}}
}

// said is a set of what people told of themselves one by one: hit is 1 where one
// of the values was told, 0 where only others were, and there is no row, so
// nothing known, of people who told nothing. What was told under a record that was
// merged counts for the one that stands for it. With other, the column of whom it is
// about too: what two records of one person are to each other is nothing.
func (b *builder) said(table, person, other string, hit cond) cond {
	f := &filter{parts: []string{"t.valid_to IS NULL"}}
	of := "COALESCE(m.head_id, t." + person + ")"
	from := table + " t LEFT JOIN " + underOthers + " m ON m.id = t." + person
	if b.only != nil {
		from = table + " t JOIN constituents m ON m.id = t." + person
		b.narrow(f)
	}
	if other != "" {
		from += " LEFT JOIN " + underOthers + " o ON o.id = t." + other
		f.add(of + " <> COALESCE(o.head_id, t." + other + ")")
	}
	sql := "SELECT " + of + " AS id, MAX(CASE WHEN " + hit.sql + " THEN 1 ELSE 0 END) AS hit FROM " + from + " WHERE " + f.where() + " GROUP BY " + of
	return cond{sql, slices.Concat(hit.args, f.args)}
}

func needSQL(b *builder, with map[string]Values) cond {
	set := b.said("constituent_needs", "constituent_id", "", oneOf("t.kind", with["in"]))
	return b.told(set.sql, set.args)
}

// relationSQL reads relations from both of their ends.
func relationSQL(b *builder, with map[string]Values) cond {
	var from, to []string
	for _, v := range with["is"] {
		if kind, has := strings.CutPrefix(v, "has_"); has {
			to = append(to, kind)
		} else {
			from = append(from, v)
		}
		if v == "household" {
			to = append(to, v)
		}
	}
	side := func(column, other string, kinds []string) cond {
		hit := cond{sql: "1 = 0"}
		if len(kinds) > 0 {
			hit = oneOf("t.kind", kinds)
		}
		return b.said("constituent_relations", column, other, hit)
	}
	one, other := side("from_id", "to_id", from), side("to_id", "from_id", to)
	sql := "SELECT u.id, MAX(u.hit) AS hit FROM (" + one.sql + " UNION ALL " + other.sql + ") u GROUP BY u.id"
	return b.told(sql, slices.Concat(one.args, other.args))
}

func (b *builder) window(f *filter, column string, with map[string]Values) {
	f.add(column+" > ? AND "+column+" <= ?", b.today.Add(-number(with["within"])), b.today)
}

// casesWhere is the filter of the condition "cases", which the reasons use too.
func (b *builder) casesWhere(with map[string]Values) *filter {
	f := b.filed(with)
	b.window(f, "c.received_on", with)
	if v := with["kind"]; len(v) > 0 {
		f.among("c.kind", v)
	}
	if v := with["channel"]; len(v) > 0 {
		f.among("c.channel", v)
	}
	switch with["state"].First() {
	case "open":
		f.add("NOT " + cases.Ended)
	case "ended":
		f.add(cases.Ended)
	}
	switch with["late"].First() {
	case "yes":
		f.add(cases.RunsLate, b.now)
	case "no":
		f.add("NOT "+cases.RunsLate, b.now)
	}
	if with["works"].First() == "yes" {
		in := b.worksIn("id", number(Values{worksSoon}))
		f.add("c.district_id IN "+in.sql, in.args...)
	}
	return f
}

func casesSQL(b *builder, with map[string]Values) cond {
	f := b.casesWhere(with)
	least := cmp.Or(number(with["at_least"]), 1)
	return b.in("SELECT "+who+" AS id"+b.joined(filers)+" WHERE "+f.where()+" GROUP BY "+who+" HAVING COUNT(*) >= ?", append(f.args, least))
}

func (b *builder) repeatedWhere(with map[string]Values) *filter {
	f := b.filed(with)
	b.window(f, "c.received_on", with)
	f.add("c.matter_id IS NOT NULL")
	return f
}

func repeatedSQL(b *builder, with map[string]Values) cond {
	f := b.repeatedWhere(with)
	least := cmp.Or(number(with["at_least"]), 2)
	return b.in("SELECT DISTINCT r.id FROM (SELECT "+who+" AS id, c.matter_id"+b.joined(filers)+" WHERE "+f.where()+" GROUP BY "+who+", c.matter_id HAVING COUNT(*) >= ?) r",
		append(f.args, least))
}

// answered says that after an evaluation e somebody of the government wrote or
// spoke to the person about the case, or mended what was judged.
const answered = `(e.mended_at IS NOT NULL OR EXISTS (SELECT 1 FROM case_messages o WHERE o.case_id = e.case_id AND o.direction = 'out' AND o.published AND o.at > e.evaluated_at)
 OR EXISTS (SELECT 1 FROM callbacks k JOIN callback_attempts a ON a.callback_id = k.id WHERE k.case_id = e.case_id AND a.outcome IN ('judged', 'refused') AND a.at > e.evaluated_at))`

func (b *builder) gradedWhere(with map[string]Values) *filter {
	f := b.filed(with)
	b.window(f, "e.evaluated_on", with)
	f.add("NOT e.excluded")
	if v := with["min"].First(); v != "" {
		f.add("e.grade >= ?", number(with["min"]))
	}
	if v := with["max"].First(); v != "" {
		f.add("e.grade <= ?", number(with["max"]))
	}
	switch with["contact"].First() {
	case "none":
		f.add("NOT " + answered)
	case "some":
		f.add(answered)
	}
	return f
}

const judges = " FROM evaluations e JOIN cases c ON c.id = e.case_id JOIN case_parties cp ON cp.case_id = c.id" + people

func gradedSQL(b *builder, with map[string]Values) cond {
	f := b.gradedWhere(with)
	return b.in("SELECT DISTINCT "+who+" AS id"+b.joined(judges)+" WHERE "+f.where(), f.args)
}
