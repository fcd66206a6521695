package outreach

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/i18n"
	"pgregory.net/rapid"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/place"
)

// keys are the messages of the fields that an error names.
func keys(t testing.TB, err error) (out []string) {
	t.Helper()
	e, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, fault.Invalid, e.Kind)
	for _, f := range e.Fields {
		out = append(out, f.Key)
	}
	return out
}

func bare() world {
	return world{snap: &catalogue.Snapshot{}, areas: &place.Map{}, today: calendar.NewDate(2026, 11, 24)}
}

func TestWhatIsNoDefinitionIsRefusedWithItsReason(t *testing.T) {
	deep := strings.Repeat(`{"op":"not","of":[`, 40) + `{"op":"cond","leaf":"age","with":{"min":65}}` + strings.Repeat("]}", 40)
	many := `{"op":"all","of":[` + strings.TrimSuffix(strings.Repeat(`{"op":"cond","leaf":"age","with":{"min":65}},`, 31), ",") + "]}"
	for raw, key := range map[string]string{
		"":                                     "segment.definition.json",
		"null":                                 "segment.definition.json",
		"[]":                                   "segment.definition.json",
		`{"op":"all"`:                          "segment.definition.json",
		`{"op":"all","of":[]} x`:               "segment.definition.json",
		"\xff":                                 "segment.definition.json",
		`{"op":"cond","leaf":"age","sql":"1"}`: "segment.definition.unknown",
		`{"op":"cond","leaf":"age","with":{"min":{}}}`:     "segment.definition.json",
		`{"op":"cond","leaf":"age","with":{"min":[null]}}`: "segment.definition.json",
		`{"op":"cond","leaf":"age","with":{"min":1.5}}`:    "segment.definition.json",
		`{"op":"all"}`:             "segment.definition.empty",
		`{"op":"all","of":[null]}`: "segment.definition.empty",
		`{"op":"not","of":[{"op":"cond","leaf":"age"},{"op":"cond","leaf":"age"}]}`: "segment.definition.not",
		`{"op":"cond","leaf":"age","of":[{"op":"cond"}]}`:                           "segment.definition.mixed",
		`{"op":"all","leaf":"age","of":[{"op":"cond"}]}`:                            "segment.definition.mixed",
		`{"op":"DROP TABLE segments"}`:                                              "segment.definition.op",
		deep:                                                                        "segment.definition.deep",
		many:                                                                        "segment.definition.many",
		`{"op":"cond","leaf":"` + strings.Repeat("a", BytesMost) + `"}`: "segment.definition.large",
	} {
		_, err := Parse([]byte(raw))
		require.Error(t, err, raw)
		require.Contains(t, keys(t, err), key, raw[:min(80, len(raw))])
	}
}

func TestConditionsAreCheckedAgainstTheRegistry(t *testing.T) {
	for raw, key := range map[string]string{
		`{"op":"cond","leaf":"worth","with":{"min":1}}`:                                   "segment.leaf.unknown",
		`{"op":"cond","leaf":"age","with":{"min":"65 OR 1=1"}}`:                           "segment.param.number",
		`{"op":"cond","leaf":"age","with":{"min":"065"}}`:                                 "segment.param.number",
		`{"op":"cond","leaf":"age","with":{"min":131}}`:                                   "segment.param.number",
		`{"op":"cond","leaf":"age","with":{"min":[1,2]}}`:                                 "segment.param.many",
		`{"op":"cond","leaf":"age","with":{"min":70,"max":60}}`:                           "segment.param.reversed",
		`{"op":"cond","leaf":"age"}`:                                                      "segment.param.none",
		`{"op":"cond","leaf":"age","with":{"x); DROP TABLE segments; --":1}}`:             "segment.param.unknown",
		`{"op":"cond","leaf":"kind","with":{"is":"person' OR '1'='1"}}`:                   "segment.param.choice",
		`{"op":"cond","leaf":"kind"}`:                                                     "segment.param.required",
		`{"op":"cond","leaf":"district","with":{"in":"no-such-place"}}`:                   "segment.param.choice",
		`{"op":"cond","leaf":"cases","with":{"within":90,"matter":"nothing"}}`:            "segment.param.choice",
		`{"op":"cond","leaf":"permits","with":{"type":["drainage","drainage') OR 1=1"]}}`: "segment.param.choice",
		`{"op":"cond","leaf":"industry","with":{"is":"` + strings.Repeat("字", 65) + `"}}`: "segment.param.choice",
	} {
		n, err := Parse([]byte(raw))
		require.NoError(t, err, raw)
		require.Contains(t, keys(t, bare().check(n, Offer)), key, raw)
	}
}

func TestAPurposeRefusesWhatItDoesNotCover(t *testing.T) {
	for _, l := range Leaves {
		require.NotEmpty(t, l.Purposes, l.Kind)
		for _, p := range Purposes {
			n := &Node{Op: Cond, Leaf: l.Kind}
			refused := strings.Contains(strings.Join(keys(t, bare().check(n, p)), " "), "segment.leaf.purpose")
			require.Equal(t, !l.For(p), refused, "%s for %s", l.Kind, p)
		}
	}
	require.False(t, LeafOf("graded").For(Offer), "what somebody thinks of us decides about no offer")
	require.False(t, LeafOf("need").For(Planning), "needs are told in confidence")
}

func TestADefinitionMayNotCostTooMuch(t *testing.T) {
	n := &Node{Op: All}
	for range 8 {
		n.Of = append(n.Of, &Node{Op: Cond, Leaf: "repeated", With: map[string]Values{"within": {"90"}}})
	}
	require.Equal(t, []string{"segment.definition.cost"}, keys(t, bare().check(n, FollowUp)))
	n.Of = n.Of[:7]
	require.NoError(t, bare().check(n, FollowUp))
}

// tree draws a definition of conditions that need no catalogue.
func tree(t *rapid.T, depth int) *Node {
	op := Cond
	if depth > 0 {
		op = rapid.SampledFrom([]Op{All, Any, Not, Cond, Cond}).Draw(t, "op")
	}
	n := &Node{Op: op}
	switch op {
	case Cond:
		n = rapid.SampledFrom(samples).Draw(t, "leaf")
		return &Node{Op: Cond, Leaf: n.Leaf, With: n.With}
	case Not:
		n.Of = []*Node{tree(t, depth-1)}
	default:
		for range rapid.IntRange(1, 3).Draw(t, "parts") {
			n.Of = append(n.Of, tree(t, depth-1))
		}
	}
	return n
}

func leaf(kind string, pairs ...string) *Node {
	n := &Node{Op: Cond, Leaf: kind, With: map[string]Values{}}
	for i := 0; i < len(pairs); i += 2 {
		n.With[pairs[i]] = strings.Split(pairs[i+1], ",")
	}
	return n
}

// samples are conditions of every kind with which the demo city has both people
// who meet them and people who do not.
var samples = []*Node{
	leaf("kind", "is", "person"), leaf("kind", "is", "enterprise"), leaf("age", "min", "65"), leaf("age", "min", "30", "max", "50"),
	leaf("language", "in", "en,zh-Hans"), leaf("need", "in", "phone_only,large_type"), leaf("relation", "is", "guardian,has_member"), leaf("relation", "is", "household"),
	leaf("stage", "in", "set_up"), leaf("industry", "is", "餐飲"), leaf("established", "within", "90"),
	leaf("works", "soon", "14"), leaf("cases", "within", "400", "works", "yes"), leaf("permits", "ends", "60"), leaf("permits", "state", "suspended"), leaf("permits", "ends", "30", "state", "valid"),
	leaf("permits", "type", "drainage"), leaf("permits", "type", "outdoor-sign,food-business", "ends", "60"), leaf("cases", "within", "60"),
	leaf("cases", "within", "90", "at_least", "2"), leaf("cases", "within", "400", "state", "open", "kind", "complaint,help_request"),
	leaf("cases", "within", "400", "late", "yes"), leaf("cases", "within", "400", "late", "no", "state", "ended", "channel", "phone"), leaf("repeated", "within", "365"), leaf("graded", "within", "365", "max", "2"),
	leaf("graded", "within", "365", "min", "4", "contact", "some"), leaf("graded", "within", "365", "max", "2", "contact", "none"),
}

func TestADefinitionIsTheSameInJSONAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := tree(t, 3)
		raw, err := n.JSON()
		require.NoError(t, err)
		back, err := Parse([]byte(raw))
		require.NoError(t, err)
		again, err := back.JSON()
		require.NoError(t, err)
		require.Equal(t, raw, again)
	})
}

func TestTheRegistryIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range Leaves {
		require.False(t, seen[l.Kind], l.Kind)
		seen[l.Kind] = true
		require.Contains(t, Sections, l.Section, l.Kind)
		require.Positive(t, l.Cost, l.Kind)
		require.NotNil(t, l.sql, l.Kind)
		sampled := false
		for _, n := range samples {
			sampled = sampled || n.Leaf == l.Kind
		}
		require.True(t, sampled || l.Kind == "district", "%s is never tried", l.Kind)
	}
}

// FuzzDefinition feeds the parser and the compiler anything: neither breaks, and
// no value finds its way into the SQL unbound.
func FuzzDefinition(f *testing.F) {
	for _, n := range samples {
		raw, err := json.Marshal(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"op":"any","of":[{"op":"not","of":[{"op":"cond","leaf":"age","with":{"min":"65'--"}}]},{"op":"cond","leaf":"industry","with":{"is":"'; DROP TABLE segments; --"}}]}`))
	f.Add([]byte(`{"op":"cond","leaf":"cases","with":{"within":[90],"matter":["x"],"kind":["a","b"]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		n, err := Parse(raw)
		if err != nil {
			require.Equal(t, fault.Invalid, fault.KindOf(err))
			return
		}
		w := bare()
		for _, p := range Purposes {
			if err := w.check(n, p); err != nil {
				require.Equal(t, fault.Invalid, fault.KindOf(err))
				continue
			}
			sql, args := w.compile(n, reach{scope: access.Scope{Everything: true}, whole: true}, []string{"a"}).ids()
			require.Equal(t, strings.Count(sql, "?"), len(args))
			_, leaves := n.Leaves()
			for _, l := range leaves {
				if l.Leaf == "industry" && strings.ContainsAny(l.With["is"].First(), "';-") {
					require.NotContains(t, sql, l.With["is"].First())
				}
			}
		}
	})
}

// What is offered to begin with can be used for its purpose as it stands, or lacks but
// what has to be chosen.
func TestPatternsAreDefinitionsThatTheirPurposeCovers(t *testing.T) {
	seen := map[string]bool{}
	for _, one := range Patterns {
		require.False(t, seen[one.Code], one.Code)
		seen[one.Code] = true
		for _, l := range i18n.Langs {
			require.NotEmpty(t, one.Name[l], one.Code)
		}
		d, err := one.Draft()
		require.NoError(t, err, one.Code)
		require.Contains(t, Bases, d.Basis, one.Code)
		require.True(t, d.BasisText.Complete(), one.Code)
		if err := bare().check(d.Root, d.Purpose); d.Root.Filled() {
			require.NoError(t, err, one.Code)
		} else {
			require.Equal(t, []string{"segment.param.required"}, keys(t, err), one.Code)
		}
	}
}
