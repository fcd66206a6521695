package demo_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"minqing/internal/catalogue"
	"minqing/internal/db/dbtest"
	"minqing/internal/demo"
	"minqing/internal/i18n"
	"minqing/internal/text"
)

func about() demo.About {
	return demo.About{
		Matter: i18n.Text{i18n.ZhHant: "路燈不亮", i18n.ZhHans: "路灯不亮", i18n.En: "Street light out"}, Code: "street-light", Field: "roads", Kind: "complaint",
		District: i18n.Text{i18n.ZhHant: "鼓城區", i18n.ZhHans: "鼓城区", i18n.En: "Gucheng District"},
		Unit:     i18n.Text{i18n.ZhHant: "照明管理科", i18n.ZhHans: "照明管理科", i18n.En: "the Street Lighting Section"},
	}
}

var leftOver = regexp.MustCompile(`[{}\[\]|]|  |，，|。。|^[，。]`)

func TestEveryMatterHasTextsInThreeLanguages(t *testing.T) {
	snap, _ := load(t, dbtest.New(t))
	w, err := demo.NewWriter()
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(7, 7))
	for _, matter := range snap.Matters {
		if matter.Track == catalogue.TrackPermit {
			continue // nobody writes a text for those
		}
		require.NotEmpty(t, w.Kinds(matter.Code), matter.Code)
		for _, kind := range w.Kinds(matter.Code) {
			assert.True(t, matter.Allows(kind), "%s has texts for %s, which it does not allow", matter.Code, kind)
		}
		for _, kind := range matter.Kinds {
			for _, lang := range i18n.Langs {
				for range 20 {
					got, err := w.Case(r, matter.Code, kind, lang, about())
					require.NoError(t, err)
					for _, s := range []string{got.Title, got.Body, got.Address} {
						require.NotEmpty(t, s, "%s %s %s", matter.Code, kind, lang)
						require.NotRegexp(t, leftOver, s, "%s %s %s", matter.Code, kind, lang)
					}
					require.LessOrEqual(t, len([]rune(got.Title)), 100)
				}
			}
		}
	}
	for _, f := range snap.Fields {
		if f.Code == "permits" {
			continue
		}
		a := about()
		a.Code, a.Field = "", f.Code
		for _, lang := range i18n.Langs {
			for _, outcome := range []string{"resolved", "partly", "unresolved"} {
				for _, kind := range []string{"complaint", "enquiry", "suggestion", "compliment"} {
					a.Kind = kind
					reply, err := w.Reply(r, outcome, "", lang, a)
					require.NoError(t, err, f.Code)
					require.NotRegexp(t, leftOver, reply)
				}
			}
			for grade := 1; grade <= 5; grade++ {
				comment, err := w.Comment(r, grade, lang, a)
				require.NoError(t, err)
				require.NotRegexp(t, leftOver, comment)
			}
			reason, err := w.ReturnReason(r, lang, a)
			require.NoError(t, err)
			require.NotRegexp(t, leftOver, reason)
		}
	}
}

// A simplified text must hold no traditional character, and the other way
// round: a text that was converted badly, or not at all, is found here.
func TestTextsAreWrittenInTheirOwnCharacters(t *testing.T) {
	snap, _ := load(t, dbtest.New(t))
	w, err := demo.NewWriter()
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(3, 3))
	hant, hans := map[rune]bool{}, map[rune]bool{}
	note := func(m map[rune]bool, s string) {
		for _, c := range s {
			if c >= 0x4e00 && c <= 0x9fff {
				m[c] = true
			}
		}
	}
	for _, matter := range snap.Matters {
		if matter.Track == catalogue.TrackPermit {
			continue // nobody writes a text for those
		}
		note(hant, matter.Name[i18n.ZhHant]+matter.Guide[i18n.ZhHant]+matter.Summary[i18n.ZhHant])
		note(hans, matter.Name[i18n.ZhHans]+matter.Guide[i18n.ZhHans]+matter.Summary[i18n.ZhHans])
		for _, kind := range w.Kinds(matter.Code) {
			for range 30 {
				a, err := w.Case(r, matter.Code, kind, i18n.ZhHant, about())
				require.NoError(t, err)
				note(hant, a.Body+a.Title)
				b, err := w.Case(r, matter.Code, kind, i18n.ZhHans, about())
				require.NoError(t, err)
				note(hans, b.Body+b.Title)
			}
		}
	}
	for c := range hans {
		if folded := text.Fold(string(c)); folded != string(c) {
			t.Errorf("%c stands in simplified texts for %s", c, folded)
		}
	}
	for c := range hant {
		if folded := []rune(text.Fold(string(c)))[0]; folded != c && hant[folded] && !both[c] {
			t.Errorf("%c stands in traditional texts beside %c", folded, c)
		}
	}
}

// both are pairs of which traditional Chinese uses either character.
var both = map[rune]bool{
	'裡': true, '託': true, '鬆': true, '週': true, '麵': true, '佔': true,
	'採': true, '颱': true, '餘': true, '隻': true, '製': true, '闆': true, '遊': true,
}

func TestFewCasesShareAText(t *testing.T) {
	snap, _ := load(t, dbtest.New(t))
	w, err := demo.NewWriter()
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(20260, 1))
	filed := slices.DeleteFunc(slices.Clone(snap.Matters), func(m *catalogue.Matter) bool { return m.Track == catalogue.TrackPermit })
	const n = 20_000
	seen := map[string]int{}
	for range n {
		// a few matters make most of the cases, as in any city
		matter := filed[min(int(r.ExpFloat64()*12), len(filed)-1)]
		lang := i18n.ZhHans
		switch p := r.Float64(); {
		case p < 0.25:
			lang = i18n.ZhHant
		case p < 0.33:
			lang = i18n.En
		}
		got, err := w.Case(r, matter.Code, matter.Kinds[r.IntN(len(matter.Kinds))], lang, about())
		require.NoError(t, err)
		seen[got.Body]++
	}
	shared := 0
	for _, times := range seen {
		if times > 1 {
			shared += times
		}
	}
	require.Less(t, float64(shared)/n, 0.02, "%d of %d", shared, n)
	t.Logf("%d of %d share a text", shared, n)
}

func TestTheSameSeedWritesTheSame(t *testing.T) {
	w, err := demo.NewWriter()
	require.NoError(t, err)
	write := func() string {
		r := rand.New(rand.NewPCG(1, 9))
		var b strings.Builder
		for range 50 {
			got, err := w.Case(r, "street-light", "complaint", i18n.ZhHant, about())
			require.NoError(t, err)
			b.WriteString(got.Title + got.Body + got.Address + w.Person(r, i18n.ZhHans, 1).Name)
		}
		return b.String()
	}
	require.Equal(t, write(), write())
}

func TestAnAddressIsTheOneInTheText(t *testing.T) {
	w, err := demo.NewWriter()
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(5, 5))
	for range 200 {
		got, err := w.Case(r, "road-damage", "complaint", i18n.ZhHans, about())
		require.NoError(t, err)
		require.Contains(t, got.Body, got.Address)
	}
}

func TestThereAreThreeHundredBodies(t *testing.T) {
	w, err := demo.NewWriter()
	require.NoError(t, err)
	require.GreaterOrEqual(t, w.Bodies(), 300)
}

func TestEverySlotIsKnown(t *testing.T) {
	w, err := demo.NewWriter()
	require.NoError(t, err)
	require.Empty(t, w.UnknownSlots())
}
