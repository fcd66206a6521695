package permittypes

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// guides draws guides, sound and broken.
func guides() *rapid.Generator[*Guide] {
	return rapid.Custom(func(t *rapid.T) *Guide {
		n, m := rapid.IntRange(1, 6).Draw(t, "questions"), rapid.IntRange(1, 4).Draw(t, "outcomes")
		var codes []string
		for i := range n {
			codes = append(codes, fmt.Sprintf("q%d", i))
		}
		for i := range m {
			codes = append(codes, fmt.Sprintf("o%d", i))
		}
		g := &Guide{}
		for i := range n {
			to := rapid.SampledFrom(codes[min(i+1, len(codes)-1):])
			if rapid.IntRange(0, 9).Draw(t, "wild") == 0 {
				to = rapid.SampledFrom(append(codes[:len(codes):len(codes)], "nowhere"))
			}
			g.Questions = append(g.Questions, GuideQuestion{Code: codes[i], Yes: to.Draw(t, "yes"), No: to.Draw(t, "no")})
		}
		for i := range m {
			g.Outcomes = append(g.Outcomes, Outcome{Code: codes[n+i]})
		}
		return g
	})
}

// ends walks every path and counts the outcomes; it says whether all ended.
func ends(g *Guide, answers string, met map[string]int) bool {
	p := g.Walk(answers)
	switch {
	case p.Next == nil:
		if p.Outcome == nil {
			return false
		}
		met[p.Outcome.Code]++
		return true
	case len(answers) > len(g.Questions):
		return false
	}
	return ends(g, answers+"y", met) && ends(g, answers+"n", met)
}

func TestAGuideWithoutTroubleAlwaysEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := guides().Draw(t, "guide")
		_, key, _ := g.trouble()
		met := map[string]int{}
		all := ends(g, "", met)
		sound := key == ""
		require.False(t, sound && !all, "%+v", g)
		require.False(t, sound && len(met) < len(g.Outcomes), "%+v", g)
		if key == "circle" || key == "nowhere" {
			require.False(t, all, "%s %+v", key, g)
		}
	})
}

func TestAWalkTakesAnythingFromTheAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := guides().Draw(t, "guide")
		p := g.Walk(rapid.StringMatching(`[ynx]{0,12}`).Draw(t, "answers"))
		require.LessOrEqual(t, len(p.Trail), len(g.Questions))
		require.Len(t, p.Answers, len(p.Trail))
		require.Equal(t, p, g.Walk(p.Answers))
	})
}
