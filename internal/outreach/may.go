package outreach

import (
	"context"
	"slices"
	"strconv"
)

// may is who may be counted at all for the owner of a segment, whatever its conditions
// ask: everybody where the owner's rights reach over the whole government. Else those
// who have to do with units of theirs: who lives, or sits, in a district of such a unit;
// who filed within the longest window a case that may count there; who holds a permit of
// such a unit. It stands beside the definition, so that a negation finds no others.
func (b *builder) may() cond {
	if b.law || b.whole {
		return cond{}
	}
	if !b.scope.Open() {
		return cond{sql: "1 = 0"}
	}
	filed := b.filed(nil)
	b.window(filed, "c.received_on", map[string]Values{"within": {strconv.Itoa(Window)}})
	held := &filter{}
	b.narrow(held)
	within, args := b.scope.Where("pp.unit_path")
	held.add(within, args...)
	out := cond{"x.id IN (SELECT " + who + b.joined(filers) + " WHERE " + filed.where() + " UNION SELECT " + holder + holders + " WHERE " + held.where() + ")", slices.Concat(filed.args, held.args)}
	if codes := b.home(); len(codes) > 0 {
		in, args := among("x.district_code", codes)
		out = cond{"(" + in + " OR " + out.sql + ")", append(args, out.args...)}
	}
	return out
}

// home are the districts of the owner's units, with all that lies in them.
func (b *builder) home() (codes []string) {
	var ids []string
	for _, u := range b.snap.Units {
		if u.DistrictID != nil && u.On(b.today) && b.scope.Covers(u.Path) {
			ids = append(ids, *u.DistrictID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	for _, d := range b.areas.Districts {
		for _, around := range b.areas.Chain(d) {
			if slices.Contains(ids, around.ID) {
				codes = append(codes, d.Code)
				break
			}
		}
	}
	return codes
}

// rests says that a node holds for nobody who has nothing to do with the owner's units,
// because it asks for a case that counts or a permit of theirs: then nothing more has to
// be asked of whom it finds.
func (n *Node) rests() bool {
	switch n.Op {
	case Cond:
		return LeafOf(n.Leaf).Scoped
	case All:
		return slices.ContainsFunc(n.Of, (*Node).rests)
	case Any:
		return !slices.ContainsFunc(n.Of, func(part *Node) bool { return !part.rests() })
	}
	return false
}

// mayFix says whether the owner of a segment may count somebody at all.
func (s *Service) mayFix(ctx context.Context, g *Segment, personID string) (bool, error) {
	w, err := s.world(ctx)
	if err != nil {
		return false, err
	}
	r, err := s.reach(ctx, g.OwnerID)
	if err != nil {
		return false, err
	}
	may := (&builder{world: w, reach: r, only: []string{personID}}).may()
	if may.sql == "" {
		return true, nil
	}
	var found []string
	if err := s.DB.From(ctx).Raw("SELECT x.id FROM constituents x WHERE x.id = ? AND "+may.sql, append([]any{personID}, may.args...)...).Scan(&found).Error; err != nil {
		return false, fail("ask whether somebody may be counted", err)
	}
	return len(found) > 0, nil
}
