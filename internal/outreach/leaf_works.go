package outreach

// WorksFact is the name of the fact by which a permit says in which district there are works
// while it is in force: a choice of the codes of districts. Types that ask for it are permits
// for works (docs/permit-types.md). They stand in the public register, so that they count
// whoever owns the segment, and tell of nobody but their holder, who plays no part here.
const WorksFact = "works_district"

// worksSoon are how many days ahead works are announced that have not begun.
const worksSoon = "14"

// worksIn selects a column of the districts in which there are works, or will be within some
// days, with all that lies in them.
func (b *builder) worksIn(column string, soon int) cond {
	return cond{`(WITH works AS (SELECT DISTINCT pw.particulars ->> '` + WorksFact + `' AS code FROM permits pw WHERE pw.particulars ->> '` + WorksFact + `' IS NOT NULL AND pw.state = 'valid' AND pw.valid_from <= ? AND (pw.valid_until IS NULL OR pw.valid_until >= ?)
 AND NOT EXISTS (SELECT 1 FROM permits pn WHERE pn.replaces_id = pw.id)) SELECT wd.` + column + ` FROM districts wd LEFT JOIN districts wp ON wp.id = wd.parent_id LEFT JOIN districts wc ON wc.id = wp.parent_id
 WHERE EXISTS (SELECT 1 FROM works WHERE works.code IN (wd.code, wp.code, wc.code)))`, []any{b.today.Add(soon), b.today}}
}

// worksSQL asks where somebody lives or sits; of whom that is not known, nothing is.
func worksSQL(b *builder, with map[string]Values) cond {
	in := b.worksIn("code", number(with["soon"]))
	return cond{"(CASE WHEN x.district_code IS NOT NULL THEN x.district_code IN " + in.sql + " END)", in.args}
}
