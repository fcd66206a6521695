package editor

import (
	"encoding/json"
	"fmt"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/catalogue"
	"minqing/internal/demo"
	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/permittypes"
)

// whole is a type with everything in it that versions may differ in.
type whole struct {
	*permittypes.Type
	Ask []catalogue.Question `json:"questions"`
}

func read(t *testing.T, raw []byte) (*file, error) {
	t.Helper()
	w := whole{Type: &permittypes.Type{}}
	err := json.Unmarshal(raw, &w)
	return &file{Type: *w.Type, Ask: w.Ask}, err
}

// places are those in lists: what is true of one thing is true of the others.
var places = regexp.MustCompile(`\.[0-9]+`)

// alter changes one leaf of the tree after the other, and says what it is.
func alter(v any, at string, set func(any), look func(path string)) {
	switch v := v.(type) {
	case map[string]any:
		for name, one := range v {
			alter(one, at+"."+name, func(n any) { v[name] = n }, look)
		}
	case []any:
		for i, one := range v {
			alter(one, fmt.Sprint(at, ".", i), func(n any) { v[i] = n }, look)
		}
	case string:
		for _, n := range []string{v + "x", v + " 1", "98wd"} {
			set(n)
			look(at)
		}
		set(v)
	case float64:
		set(v + 100)
		look(at)
		set(v)
	case bool:
		set(!v)
		look(at)
		set(v)
	}
}

// Whatever is changed of a type, whoever approves it sees it: the forms leave nothing
// out, and a rule is never shown as it is written.
func TestEveryChangeOfATypeIsShown(t *testing.T) {
	words, err := i18ntest.Words()
	require.NoError(t, err)
	types, err := demo.PermitTypes()
	require.NoError(t, err)
	r, parts := reader{words, i18n.En}, partsOf(references{words: words})
	require.Greater(t, len(types), 7)
	looked := map[string]bool{}
	for _, one := range types {
		ask, err := catalogue.QuestionsOf(one.Questions)
		require.NoError(t, err)
		raw, err := json.Marshal(whole{one, ask})
		require.NoError(t, err)
		same, err := read(t, raw)
		require.NoError(t, err)
		again, err := read(t, raw)
		require.NoError(t, err)
		require.Empty(t, differ(r, parts, same, again), one.Code)
		var tree any
		require.NoError(t, json.Unmarshal(raw, &tree))
		alter(tree, "", nil, func(path string) {
			place := places.ReplaceAllString(path, "")
			if looked[place] || place == ".inspection" || place == ".code" { // the checklist says the one, the other never changes
				return
			}
			changedRaw, err := json.Marshal(tree)
			require.NoError(t, err)
			after, err := read(t, changedRaw)
			if err != nil {
				return // no type any more
			}
			before, err := read(t, raw)
			require.NoError(t, err)
			looked[place] = true
			require.NotEmpty(t, differ(r, parts, before, after), one.Code+path)
		})
	}
	require.Greater(t, len(looked), 80)
}

func TestARuleAndAFeeAreComparedInWords(t *testing.T) {
	words, err := i18ntest.Words()
	require.NoError(t, err)
	r, parts := reader{words, i18n.En}, partsOf(references{words: words})
	make := func(rule permittypes.Rule, fee int64) *file {
		return &file{Type: permittypes.Type{Materials: []permittypes.Material{{Code: "plan", Name: i18n.Text{i18n.En: "Fire plan"}, If: rule}},
			Fees: []permittypes.Fee{{Code: "fee", Name: i18n.Text{i18n.En: "Fee"}, Amount: fee, Currency: "CNY"}}},
			Ask: []catalogue.Question{{Name: "act", Title: i18n.Text{i18n.En: "What is it?"}, Type: catalogue.QuestionChoice,
				Options: []catalogue.Option{{Value: "fire", Label: i18n.Text{i18n.En: "Fire"}}, {Value: "music", Label: i18n.Text{i18n.En: "Music"}}}}}}
	}
	got := differ(r, parts, make("act is fire", 1250), make("act is music", 1500))
	require.Len(t, got, 2)
	require.Equal(t, []changedRow{{Field: "Rule", Before: "Only if “What is it?” is answered “Fire”", After: "Only if “What is it?” is answered “Music”"}}, got[0].Rows)
	require.Equal(t, []changedRow{{Field: "Amount", Before: "12.50", After: "15.00"}}, got[1].Rows)

	both := make("", 100)
	both.Materials = append(both.Materials, permittypes.Material{Code: "deed", Name: i18n.Text{i18n.En: "Deed"}})
	turned := make("", 100)
	turned.Materials = []permittypes.Material{both.Materials[1], both.Materials[0]}
	require.Equal(t, []changedRow{{Field: "Order", Before: "Fire plan → Deed", After: "Deed → Fire plan"}}, differ(r, parts, both, turned)[0].Rows)
}
