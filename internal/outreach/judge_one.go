package outreach

import (
	"context"

	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// leavesAtOnce is how many conditions one statement asks: SQLite joins 64 tables at
// most, and a condition joins up to one.
const leavesAtOnce = 24

// Usable reads several definitions for offers as the world stands now, in their
// order. Nil stands in the place of one that can be used no more, because a district
// or a condition of it went or it asks for what an offer may not use.
func (s *Service) Usable(ctx context.Context, roots []*Node) ([]*Terms, error) {
	out := make([]*Terms, len(roots))
	w, err := s.world(ctx)
	if err != nil {
		return nil, err
	}
	for i, root := range roots {
		t, err := w.terms(root)
		switch {
		case err == nil:
			out[i] = t
		case fault.KindOf(err) != fault.Invalid:
			return nil, err
		}
	}
	return out, nil
}

// JudgeOne evaluates several terms for one person, many in one statement, and gives
// what each came to in their order; nil for terms that are nil, and for all when the
// person was erased or merged into another.
func (s *Service) JudgeOne(ctx context.Context, all []*Terms, id string) ([]Verdicts, error) {
	out := make([]Verdicts, len(all))
	var group []int
	var leaves []*Node
	ask := func() error {
		if len(leaves) == 0 {
			return nil
		}
		found, err := s.judge(ctx, all[group[0]].w, leaves, []string{id})
		if v := found[id]; err == nil && v != nil {
			for _, i := range group {
				n := len(all[i].leaves)
				out[i], v = v[:n:n], v[n:]
			}
		}
		group, leaves = nil, nil
		return err
	}
	for i, t := range all {
		if t == nil {
			continue
		}
		if len(leaves)+len(t.leaves) > leavesAtOnce {
			if err := ask(); err != nil {
				return nil, err
			}
		}
		group, leaves = append(group, i), append(leaves, t.leaves...)
	}
	return out, ask()
}

// Met says what terms came to, and in words which of their conditions hold: those
// that somebody may want to have mended in their record.
func (s *Service) Met(t *Terms, v Verdicts, l i18n.Lang) (whole Held, says []string) {
	if len(v) == len(t.leaves) {
		for i, n := range t.leaves {
			if v[i] == Yes && n.Leaf != "kind" { // which they know of themselves
				says = append(says, t.w.sayLeaf(s.Words, l, n))
			}
		}
	}
	return s.Reason(t, v, l).Held, says
}
