package outreach

import (
	"context"
	"slices"

	"minqing/internal/calendar"
)

// permitParams narrow the permits that somebody holds: by their types, by how soon they
// end, and by whether they are suspended.
var permitParams = []Param{
	{Name: "type", Type: Permit, Many: true},
	{Name: "ends", Type: Number, Min: 1, Max: Window, Default: "60"},
	{Name: "state", Type: Choice, Choices: []string{"valid", "suspended"}, Words: "segment.permit."},
}

// holders is the FROM of a set over permits: pp what is held, m the record of the
// holder.
const (
	holder  = "COALESCE(m.head_id, pp.holder_id)"
	holders = " FROM permits pp JOIN constituents m ON m.id = pp.holder_id"
)

// permitsWhere is the filter of the condition "permits": those that stand today, that
// nothing has taken the place of, and of units of the owner's scope. Within so many
// days is today and the days after it.
func (b *builder) permitsWhere(with map[string]Values) *filter {
	f := &filter{}
	b.narrow(f)
	states := []string{"valid", "suspended"}
	if v := with["state"]; v.First() != "" {
		states = v
	}
	f.among("pp.state", states)
	if v := with["type"]; len(v) > 0 {
		f.among("pp.type_code", v)
	}
	f.add("pp.valid_from <= ?", b.today)
	if v := with["ends"]; v.First() != "" {
		f.add("pp.valid_until >= ? AND pp.valid_until <= ?", b.today, b.today.Add(number(v)))
	} else {
		f.add("(pp.valid_until IS NULL OR pp.valid_until >= ?)", b.today)
	}
	f.add("NOT EXISTS (SELECT 1 FROM permits nx WHERE nx.replaces_id = pp.id)")
	if !b.whole {
		within, args := b.scope.Where("pp.unit_path")
		f.add(within, args...)
	}
	return f
}

func permitsSQL(b *builder, with map[string]Values) cond {
	f := b.permitsWhere(with)
	return b.in("SELECT DISTINCT "+holder+" AS id"+holders+" WHERE "+f.where(), f.args)
}

// permits lists the permits behind a condition that the reader may read, those that
// end first, and counts the others.
func (e *explainer) permits(ctx context.Context, n *Node, into *Reason) error {
	f := (&builder{world: e.w, reach: e.r, only: []string{e.person}}).permitsWhere(n.With)
	within, args := e.held.Where("pp.unit_path")
	var rows []struct {
		PermitNo, Type  string
		Until           *calendar.Date
		Reads           bool
		Total, Readable int
	}
	sql := countedSQL("SELECT pp.id, pp.permit_no, pp.type_code AS type, pp.valid_until AS until, ("+within+") AS reads"+holders+" WHERE "+f.where(), "x.until IS NULL, x.until, x.id")
	if err := e.s.DB.From(ctx).Raw(sql, slices.Concat(args, f.args)...).Scan(&rows).Error; err != nil {
		return fail("list the permits behind a condition", err)
	}
	for _, r := range rows {
		if r.Reads {
			fact := Fact{PermitNo: r.PermitNo, Until: r.Until}
			if t := e.w.permit(r.Type); t != nil {
				fact.Permit = t.Name
			}
			into.Facts = append(into.Facts, fact)
		}
	}
	if len(rows) > 0 {
		into.More, into.Barred = rows[0].Readable-len(into.Facts), rows[0].Total-rows[0].Readable
	}
	return nil
}
