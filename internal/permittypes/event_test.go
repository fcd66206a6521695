package permittypes_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/permittypes"
)

// One guide for all: a condition that two types ask is asked once, and what the event
// itself says is not asked.
func TestAnEventAsksTheUnionOfTheConditionsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		e, err := w.Event(t.Context(), "open-restaurant")
		require.NoError(t, err)
		types, questions, needed := map[string]*permittypes.Type{}, map[string][]catalogue.Question{}, map[string][]permittypes.Material{}
		for _, et := range e.Types {
			one, err := w.Type(t.Context(), et.Code)
			require.NoError(t, err)
			types[et.Code] = one
			questions[et.Code], err = catalogue.QuestionsOf(one.Questions)
			require.NoError(t, err)
			needed[et.Code] = one.Needed(map[string]any{})
		}
		var asked []string
		answers := ""
		for p := e.Walk(types, answers); p.Next != nil; p = e.Walk(types, answers) {
			require.NotContains(t, asked, p.Next.Code, "nothing is asked twice")
			require.True(t, p.Next.Text.Complete())
			asked = append(asked, p.Next.Code)
			answers += "y"
		}
		require.Equal(t, []string{"food-business.packed"}, asked[:1])
		require.Contains(t, asked, "lit")
		require.NotContains(t, asked, "outdoor-sign.lit")
		require.NotContains(t, asked, "fire-check.crowd", "the event says so")
		p := e.Walk(types, "n"+"y"+"y"+"y") // not packed, lit, large, sewer
		require.Nil(t, p.Next)
		require.Equal(t, []string{"food-business", "fire-check", "drainage", "outdoor-sign"}, p.Needs)
		require.Len(t, p.Reasons, 4)
		require.Len(t, e.Walk(types, "nyny").Needs, 3, "a small place needs no fire check")
		require.NotNil(t, e.Walk(types, "nx").Next, "an unreadable answer is none")

		codes := p.Needs
		form := e.Form(codes, questions)
		require.Equal(t, "address", form[0].Name)
		require.Len(t, form[0].Of, 4)
		n := 0
		for _, q := range questions {
			n += len(q)
		}
		require.Len(t, form, n-3, "the address is asked once instead of four times")
		alone := e.Form(codes[:1], questions)
		require.False(t, alone[0].Shared, "what one type alone asks keeps its own words")
		papers := e.Papers(codes, needed)
		require.Equal(t, "company", papers[0].Code)
		require.Len(t, papers[0].Of, 3)

		bad := *e
		bad.Types = append([]permittypes.EventType{{Code: "no-such"}}, e.Types...)
		bad.Questions = []permittypes.Same{{Key: "area", Of: map[string]string{"food-business": "area", "fire-check": "gas"}}}
		bad.Summary = nil
		fields := map[string]bool{}
		fe, _ := fault.As(w.CheckEvent(t.Context(), &bad))
		for _, f := range fe.Fields {
			fields[f.Name] = true
		}
		require.True(t, fields["summary"] && fields["type.no-such"], "%v", fields)
		require.True(t, fields["question.area.fire-check"] || fields["question.area.food-business"], "of another kind: %v", fields)
	})
}
