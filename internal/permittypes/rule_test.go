package permittypes

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/catalogue"
)

func TestRulesHoldForAnswers(t *testing.T) {
	answers := map[string]any{"cooking": true, "lit": false, "form": "kitchen", "area": float64(150), "sport": []any{"diving", "swimming"}, "day": "2026-03-02"}
	for rule, want := range map[Rule]bool{
		"": true, "cooking": true, "not cooking": false, "lit": false, "lit is no": true, "lit is not yes": true,
		"unasked": false, "unasked is no": false, "unasked is not yes": false, "not unasked": true,
		"form is kitchen": true, "form is not kitchen": false, "form in (shop, kitchen)": true, "form in (shop)": false,
		"area > 150": false, "area >= 150": true, "area < 150.5": true, "area is 150": true, "area <= 149": false, "form > 3": false,
		"sport is diving": true, "sport is climbing": false, "sport is not climbing": true,
		"day >= 2026-03-01": true, "day < 2026-03-02": false,
		"cooking and lit or form is kitchen": true, "cooking and (lit or form is shop)": false, `form is "kitchen"`: true,
		"not (lit or cooking)": false, "broken (": true,
	} {
		require.Equal(t, want, rule.Holds(answers), string(rule))
	}
}

func TestWhatIsWrongWithARuleIsToldWithItsPlace(t *testing.T) {
	questions := map[string]catalogue.Question{"cooking": {Name: "cooking", Type: catalogue.QuestionBoolean}, "area": {Name: "area", Type: catalogue.QuestionNumber},
		"form": {Name: "form", Type: catalogue.QuestionChoice, Options: []catalogue.Option{{Value: "shop"}}}}
	for rule, want := range map[Rule]RuleError{
		"cooking &": {9, "sign", "&"}, `form is "shop`: {9, "quote", `"shop`}, "cooking area": {9, "rest", "area"}, "(cooking": {9, "bracket", ""},
		"and": {1, "question", "and"}, "cooking or": {11, "question", ""}, "form in shop": {9, "list", "shop"}, "form is": {8, "value", ""}, "form is not not": {13, "value", "not"},
		"heating": {1, "unknown", "heating"}, "cooking > 3": {1, "order", "cooking"}, "cooking or form is bar": {20, "misfit", "bar"},
		"area > many": {8, "misfit", "many"}, "cooking is maybe": {12, "misfit", "maybe"},
		"not not not not not not not not not not not not cooking": {49, "deep", "cooking"},
	} {
		var bad *RuleError
		require.ErrorAs(t, rule.check(questions), &bad, string(rule))
		want.Key = "permittype.rule." + want.Key
		require.Equal(t, want, *bad, string(rule))
	}
	require.NoError(t, Rule("cooking and not (form is shop or area >= 3)").check(questions))
}

// rules draws rules as trees.
func rules(depth int) *rapid.Generator[*expr] {
	return rapid.Custom(func(t *rapid.T) *expr {
		kind := rapid.IntRange(0, 6).Draw(t, "kind")
		if depth == 0 || kind > 2 {
			q := rapid.SampledFrom([]string{"cooking", "form", "area"}).Draw(t, "question")
			switch rapid.IntRange(0, 3).Draw(t, "test") {
			case 0:
				return &expr{question: q}
			case 1:
				return &expr{question: q, op: rapid.SampledFrom([]string{opIs, opIsNot, "<", ">="}).Draw(t, "op"), values: []string{rapid.SampledFrom([]string{"yes", "3", "a b", "and"}).Draw(t, "value")}}
			}
			return &expr{question: q, op: opIn, values: rapid.SliceOfN(rapid.SampledFrom([]string{"no", "1", "x,y"}), 1, 3).Draw(t, "values")}
		}
		if kind == 0 {
			return &expr{join: "not", parts: []*expr{rules(depth-1).Draw(t, "part")}}
		}
		return &expr{join: []string{"", "and", "or"}[kind], parts: rapid.SliceOfN(rules(depth-1), 2, 3).Draw(t, "parts")}
	})
}

func TestWrittenRulesReadTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := rules(3).Draw(t, "rule")
		text := Rule(e.String())
		read, err := text.parse()
		var bad *RuleError
		if errors.As(err, &bad) && bad.Key == "permittype.rule.long" {
			t.Skip("too long")
		}
		require.NoError(t, err, string(text))
		require.Equal(t, string(text), read.String())
		answers := map[string]any{"cooking": rapid.Bool().Draw(t, "cooking"), "area": rapid.Float64Range(0, 10).Draw(t, "area"), "form": rapid.SampledFrom([]string{"3", "a b", ""}).Draw(t, "form")}
		require.Equal(t, e.holds(answers), text.Holds(answers))
	})
}

func FuzzRule(f *testing.F) {
	for _, s := range []string{"", "a", "not (a or b is \"c\")", "a in (b, c) and d >= 3", "((((", "a is", "\xff", "有人"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := Rule(text)
		e, err := r.parse()
		r.Holds(map[string]any{"a": true})
		var bad *RuleError
		switch {
		case errors.As(err, &bad):
			require.GreaterOrEqual(t, bad.At, 1)
			require.LessOrEqual(t, bad.At, len([]rune(text))+1)
		case e != nil:
			again, err := Rule(e.String()).parse()
			require.True(t, err == nil || len(e.String()) > ruleLongest || errors.As(err, &bad) && bad.Key == "permittype.rule.deep")
			if err == nil {
				require.Equal(t, e.String(), again.String())
			}
		}
	})
}
