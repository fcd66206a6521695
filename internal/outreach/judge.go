package outreach

import (
	"context"
	"slices"
	"strings"

	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// Terms are a definition that says who is entitled to something. It asks for
// facts about the person or the enterprise only, never for the cases that they
// filed: what somebody may get must not hang on how often they turned to the
// government, nor on what a member of staff may see.
type Terms struct {
	root   *Node
	leaves []*Node
	w      world
}

// Terms reads and checks a definition for an offer as the world stands now.
func (s *Service) Terms(ctx context.Context, root *Node) (*Terms, error) {
	w, err := s.world(ctx)
	if err != nil {
		return nil, err
	}
	return w.terms(root)
}

func (w world) terms(root *Node) (*Terms, error) {
	if root == nil {
		return nil, fault.InvalidInput(fault.Field{Name: "n", Key: "segment.definition.empty"})
	}
	if err := w.check(root, Offer); err != nil {
		return nil, err
	}
	var c fault.Check
	paths, leaves := root.Leaves()
	for i, n := range leaves {
		c.That(!LeafOf(n.Leaf).Scoped, paths[i], "segment.terms.cases")
	}
	return &Terms{root: root, leaves: leaves, w: w}, c.Err()
}

// Entitled selects by SQL who meets the terms, under the column id.
func (t *Terms) Entitled() (sql string, args []any) {
	return t.w.compile(t.root, reach{law: true}, nil).ids()
}

// Verdicts are what the conditions of terms came to for one person, in their order.
type Verdicts []Held

// Judge evaluates every condition for some people at once. Who was erased or
// merged into another is not in the answer.
func (s *Service) Judge(ctx context.Context, t *Terms, ids []string) (map[string]Verdicts, error) {
	return s.judge(ctx, t.w, t.leaves, ids)
}

func (s *Service) judge(ctx context.Context, w world, leaves []*Node, ids []string) (map[string]Verdicts, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	b := &builder{world: w, only: ids}
	columns, args := []string{"x.id"}, []any(nil)
	for _, n := range leaves {
		c := b.node(n)
		columns = append(columns, "CASE WHEN "+c.sql+" THEN 1 WHEN NOT ("+c.sql+") THEN 0 ELSE 2 END")
		args = slices.Concat(args, c.args, c.args)
	}
	st := b.statement(cond{sql: "1 = 1"})
	rows, err := s.DB.From(ctx).Raw("SELECT "+strings.Join(columns, ", ")+" FROM "+st.from.sql+" WHERE "+alive+" AND "+st.where.sql,
		slices.Concat(args, st.from.args, st.where.args)...).Rows()
	if err != nil {
		return nil, fail("evaluate terms for some people", err)
	}
	defer rows.Close()
	out := make(map[string]Verdicts, len(ids))
	for rows.Next() {
		var id string
		found := make([]int, len(leaves))
		into := []any{&id}
		for i := range found {
			into = append(into, &found[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, fail("evaluate terms for some people", err)
		}
		v := make(Verdicts, len(found))
		for i, n := range found {
			v[i] = []Held{No, Yes, Unknown}[n]
		}
		out[id] = v
	}
	if err := rows.Err(); err != nil {
		return nil, fail("evaluate terms for some people", err)
	}
	return out, nil
}

// Reason says in words what every condition came to, and what the whole did.
// Verdicts of other terms count as unknown.
func (s *Service) Reason(t *Terms, v Verdicts, l i18n.Lang) *Reason {
	at := 0
	var of func(n *Node) *Reason
	of = func(n *Node) *Reason {
		out := &Reason{Op: n.Op}
		if n.Op == Cond {
			out.Leaf, out.Held, out.Says = n.Leaf, Unknown, t.w.sayLeaf(s.Words, l, n)
			if at < len(v) && len(v) == len(t.leaves) {
				out.Held = v[at]
			}
			at++
			return out
		}
		for _, part := range n.Of {
			out.Of = append(out.Of, of(part))
		}
		out.Held = kleene(n.Op, out.Of)
		return out
	}
	return of(t.root)
}

// Sentence says what terms mean.
func (s *Service) Sentence(t *Terms, l i18n.Lang) string { return s.sentence(t.w, l, t.root) }
