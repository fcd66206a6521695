package people

import (
	"net/url"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/fault"
	"minqing/internal/outreach"
)

// write puts a rule into a form as the page does.
func (r *rule) write(form url.Values, path string) {
	if r.not {
		form.Set("not."+path, "1")
	}
	if r.op == outreach.Cond {
		form.Set("leaf."+path, r.leaf)
		for name, values := range r.with {
			form[path+"."+name] = values
		}
		return
	}
	form.Set("op."+path, string(r.op))
	for i, part := range r.of {
		part.write(form, path+"."+strconv.Itoa(i))
	}
}

func drawn(t *rapid.T, depth int) *outreach.Node {
	op := outreach.Cond
	if depth > 0 {
		op = rapid.SampledFrom([]outreach.Op{outreach.All, outreach.Any, outreach.Not, outreach.Cond}).Draw(t, "op")
	}
	n := &outreach.Node{Op: op}
	switch op {
	case outreach.Cond:
		n.Leaf, n.With = "age", map[string]outreach.Values{"min": {strconv.Itoa(rapid.IntRange(0, 130).Draw(t, "min"))}}
	case outreach.Not:
		n.Of = []*outreach.Node{drawn(t, depth-1)}
	default:
		for range rapid.IntRange(0, 3).Draw(t, "parts") {
			n.Of = append(n.Of, drawn(t, depth-1))
		}
	}
	return n
}

// plain is a definition without what the form cannot tell apart: groups of one
// part, and "not" turned round twice.
func plain(n *outreach.Node, not bool) string {
	switch n.Op {
	case outreach.Not:
		return plain(n.Of[0], !not)
	case outreach.Cond:
		raw, _ := n.JSON()
		return strconv.FormatBool(not) + raw
	}
	if len(n.Of) == 1 {
		return plain(n.Of[0], not)
	}
	out := strconv.FormatBool(not) + string(n.Op) + "("
	for _, part := range n.Of {
		out += plain(part, false) + ","
	}
	return out + ")"
}

func TestAFormMeansTheDefinitionThatItShows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := drawn(t, 3)
		form := url.Values{}
		rooted(n).write(form, "n")
		paths := map[string]string{}
		back := readRule(form, "n", 1).node("n", "n", paths)
		require.Equal(t, plain(n, false), plain(back, false))
		for at, path := range paths { // every node of the definition has a place in the form
			require.NotEmpty(t, at)
			require.True(t, form.Has("op."+path) || form.Has("leaf."+path), path)
		}
	})
}

func TestErrorsStandWhereTheFormHasThem(t *testing.T) {
	r := &rule{op: outreach.All, of: []*rule{{op: outreach.Cond, leaf: "kind", not: true}, {op: outreach.Any, not: true, of: []*rule{{op: outreach.Cond, leaf: "age"}}}}}
	paths := map[string]string{}
	r.node("n", "n", paths)
	err := moved(fault.InvalidInput(fault.Field{Name: "n.0.0.is"}, fault.Field{Name: "n.1.0.0.min"}, fault.Field{Name: "n.1"}, fault.Field{Name: "name"}), paths)
	e, _ := fault.As(err)
	var names []string
	for _, f := range e.Fields {
		names = append(names, f.Name)
	}
	require.Equal(t, []string{"n.0.is", "n.1.0.min", "n.1", "name"}, names)
}

func TestButtonsChangeTheConditions(t *testing.T) {
	r := &rule{op: outreach.All}
	form := url.Values{"new.n": {"age"}, "new.n.1": {"need"}}
	require.True(t, r.change("add:n", form))
	require.True(t, r.change("group:n", form))
	require.True(t, r.change("add:n.1", form))
	require.Equal(t, "need", r.of[1].of[0].leaf)
	require.Equal(t, outreach.Values{"65"}, r.of[0].with["min"])
	require.True(t, r.change("remove:n.0", form))
	require.Equal(t, outreach.Any, r.of[0].op)
	for _, do := range []string{"", "add", "add:x", "add:n.7", "add:n.-1", "remove:n", "burn:n", "add:n.0.0", "group:n.0.0", "add:n.0.0.0"} {
		require.False(t, r.change(do, form), do)
	}
}

// What nobody narrowed is folded away, unless nothing else is asked; what somebody chose, or
// what is wrong, is in sight.
func TestWhatNarrowsFurtherIsFolded(t *testing.T) {
	away := func(kind string, with map[string]outreach.Values, wrong ...string) (names []string) {
		l := outreach.LeafOf(kind)
		for _, p := range l.Params {
			in := input{How: map[outreach.ParamType]string{outreach.Number: "text", outreach.Word: "text"}[p.Type]}
			if slices.Contains(wrong, p.Name) {
				in.Error = &fault.Field{Name: p.Name}
			}
			if folded(l, p, in, with[p.Name]) {
				names = append(names, p.Name)
			}
		}
		return names
	}
	require.Equal(t, []string{"matter", "district", "kind", "channel", "state", "late", "works"}, away("cases", nil))
	require.Equal(t, []string{"matter", "kind", "channel", "state", "late"}, away("cases", map[string]outreach.Values{"works": {"yes"}}, "district"))
	require.Empty(t, away("permits", nil), "of permits everything may stand alone")
	require.Empty(t, away("age", nil))
}

func FuzzRule(f *testing.F) {
	f.Add("op.n=all&leaf.n.0=age&n.0.min=65&do=add:n&new.n=kind")
	f.Add("op.n=all&op.n.0=any&op.n.0.0=any&op.n.0.0.0=any&op.n.0.0.0.0=all&op.n.0.0.0.0.0=all&op.n.0.0.0.0.0.0=all&do=group:n.0.0.0.0.0.0")
	f.Fuzz(func(t *testing.T, raw string) {
		form, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		r := readRule(form, "n", 1)
		r.change(form.Get("do"), form)
		n := r.node("n", "n", map[string]string{})
		if _, err := n.JSON(); err != nil {
			t.Fatal(err)
		}
	})
}
