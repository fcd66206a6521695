package outreach

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"minqing/internal/calendar"
)

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

// works is a short name of where works are and from when to when: it is another once a permit
// for works was issued, extended, suspended, ended or replaced, and the same after anything
// else. Time alone does not change it; every segment is counted on each day anyway.
func (s *Service) works(ctx context.Context) (string, error) {
	var list []struct {
		District   string
		ValidFrom  calendar.Date
		ValidUntil *calendar.Date
	}
	err := s.DB.From(ctx).Raw("SELECT pw.particulars ->> '" + WorksFact + "' AS district, pw.valid_from, pw.valid_until FROM permits pw WHERE pw.particulars ->> '" + WorksFact + "' IS NOT NULL AND pw.state = 'valid'" +
		" AND NOT EXISTS (SELECT 1 FROM permits pn WHERE pn.replaces_id = pw.id) ORDER BY pw.id").Scan(&list).Error
	if err != nil {
		return "", fail("read where there are works", err)
	}
	sum := sha256.New()
	for _, w := range list {
		until := ""
		if w.ValidUntil != nil {
			until = w.ValidUntil.String()
		}
		fmt.Fprintf(sum, "%s %s %s\n", w.District, w.ValidFrom, until)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
