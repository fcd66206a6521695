package outreach

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// whole puts a reason together again with what its hidden conditions may have been.
func whole(r *Reason, hidden map[*Reason]Held) Held {
	if r.Op == Cond {
		if h, ok := hidden[r]; ok {
			return h
		}
		return r.Held
	}
	parts := make([]*Reason, len(r.Of))
	for i, part := range r.Of {
		parts[i] = &Reason{Held: whole(part, hidden)}
	}
	return kleene(r.Op, parts)
}

// TestWhatIsHiddenCannotBeReadOffTheRest draws reasons, hides some conditions, and gives
// these any other outcome: what is still said holds whatever they were.
func TestWhatIsHiddenCannotBeReadOffTheRest(t *testing.T) {
	var draw func(t *rapid.T, depth int) *Reason
	draw = func(t *rapid.T, depth int) *Reason {
		op := Cond
		if depth > 0 {
			op = rapid.SampledFrom([]Op{All, Any, Not, Cond}).Draw(t, "op")
		}
		if op == Cond {
			return &Reason{Op: Cond, Leaf: rapid.SampledFrom([]string{"age", "relation"}).Draw(t, "leaf"), Held: rapid.SampledFrom([]Held{Yes, No, Unknown}).Draw(t, "held"),
				Says: "x", More: 1, Facts: []Fact{{CaseNo: "1"}}}
		}
		n := 1
		if op != Not {
			n = rapid.IntRange(1, 3).Draw(t, "parts")
		}
		r := &Reason{Op: op}
		for range n {
			r.Of = append(r.Of, draw(t, depth-1))
		}
		r.Held = kleene(op, r.Of)
		return r
	}
	rapid.Check(t, func(t *rapid.T) {
		r := draw(t, 3)
		shown := r.Veiled(func(leaf string) bool { return leaf == "relation" })
		require.Equal(t, r, r.Veiled(func(string) bool { return false }), "nothing hidden, nothing changed")
		other := map[*Reason]Held{}
		var walk func(a, b *Reason)
		walk = func(a, b *Reason) {
			if a.Op == Cond && a.Leaf == "relation" {
				require.Equal(t, &Reason{Op: Cond, Leaf: "relation", Held: Hidden, Says: "x"}, b, "nothing stands behind it either")
				other[a] = rapid.SampledFrom([]Held{Yes, No, Unknown}).Draw(t, "other")
			} else if a.Op == Cond {
				require.Equal(t, a, b)
			}
			for i := range a.Of {
				walk(a.Of[i], b.Of[i])
			}
		}
		walk(r, shown)
		if shown.Held != Hidden {
			require.Equal(t, shown.Held, whole(r, other))
			require.Equal(t, shown.Held, r.Held)
		}
	})
}
