package outreach

import (
	"context"
	"fmt"

	"minqing/internal/i18n"
)

// Fits says whether a definition holds for somebody, and in words by which
// of its conditions.
// It may rest on what people are, as an offer of help may, but on no cases: those
// are counted only as far as the owner of a segment may see them.
func (s *Service) Fits(ctx context.Context, personID string, root *Node, l i18n.Lang) (holds bool, says []string, err error) {
	w, err := s.world(ctx)
	if err != nil {
		return false, nil, err
	}
	if err := w.check(root, Offer); err != nil {
		return false, nil, err
	}
	_, leaves := root.Leaves()
	for _, n := range leaves {
		if LeafOf(n.Leaf).Scoped {
			return false, nil, fmt.Errorf("the condition %s rests on cases", n.Leaf)
		}
	}
	verdicts, err := s.verdicts(ctx, w, reach{}, leaves, personID)
	if err != nil {
		return false, nil, err
	}
	for _, n := range leaves {
		if verdicts[n] == Yes && n.Leaf != "kind" { // which they know of themselves
			says = append(says, w.sayLeaf(s.Words, l, n))
		}
	}
	return holding(root, verdicts) == Yes, says, nil
}

func holding(n *Node, verdicts map[*Node]Held) Held {
	if n.Op == Cond {
		return verdicts[n]
	}
	parts := make([]*Reason, len(n.Of))
	for i, part := range n.Of {
		parts[i] = &Reason{Held: holding(part, verdicts)}
	}
	return kleene(n.Op, parts)
}
