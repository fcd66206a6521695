package outreach

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/i18n"
)

// A preview shows people by lot: the same for the same definition, anybody sooner or later, and
// not those whose records are the oldest.
func TestTheSampleOfAPreviewIsDrawnByLot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 0)
		for i := range 40 {
			id, err := c.Constituents.Create(system(), constituents.Contact{Name: "林小雨"}, "zh-Hant")
			require.NoError(t, err)
			c.exec("UPDATE constituents SET birth_year = ? WHERE id = ?", 1900+i, id)
		}
		all := c.list("SELECT id FROM constituents WHERE birth_year IS NOT NULL ORDER BY id")
		owner := c.staff("outreach_officer", "LJ")
		seen, lowest := map[string]bool{}, 0
		for least := range 60 {
			root := draft(Offer, leaf("age", "min", strconv.Itoa(1+least))).Root
			sample := func() (ids []string) {
				p, err := c.Preview(as(owner), root, Offer, i18n.En)
				require.NoError(t, err)
				for _, v := range p.Sample {
					ids = append(ids, v.ID)
				}
				return ids
			}
			got := sample()
			require.Equal(t, got, sample(), "looked at again it is the same")
			text, err := root.JSON()
			require.NoError(t, err)
			sum := sha256.Sum256([]byte(text))
			begin := hex.EncodeToString(sum[:6])
			want := slices.Clone(all)
			slices.SortFunc(want, func(a, b string) int {
				after := func(id string) int {
					if id[24:] < begin {
						return 1
					}
					return 0
				}
				if after(a) != after(b) {
					return after(a) - after(b)
				}
				return slices.Compare([]byte(a[24:]), []byte(b[24:]))
			})
			require.Equal(t, want[:sampleSize], got)
			for _, id := range got {
				seen[id] = true
			}
			if slices.Equal(got, all[:sampleSize]) {
				lowest++
			}
		}
		require.Greater(t, len(seen), 30, "of 40")
		require.Zero(t, lowest)
	})
}

// A sentence speaks of people, of enterprises, or of both, as its conditions say.
func TestASentenceSpeaksOfWhomItIs(t *testing.T) {
	c := newTown(t, dbtest.New(t), 0)
	person, firm, old, english := leaf("kind", "is", "person"), leaf("kind", "is", "enterprise"), leaf("age", "min", "65"), leaf("language", "in", "en")
	for want, root := range map[string]*Node{
		"People who turn 65 or more this year.":                 {Op: All, Of: []*Node{person, old}},
		"People and enterprises who turn 65 or more this year.": {Op: All, Of: []*Node{old}},
	} {
		says, err := c.Sentences(system(), root)
		require.NoError(t, err)
		require.Equal(t, want, says[i18n.En])
	}
	says, err := c.Sentences(system(), &Node{Op: All, Of: []*Node{english, firm, old}})
	require.NoError(t, err)
	require.Regexp(t, "^Enterprises that .* and turn 65 or more this year\\.$", says[i18n.En])
	require.Regexp(t, "^[^，]+，並且[^，]+的企業。$", says[i18n.ZhHant])
	require.Regexp(t, "^[^，]+，并且[^，]+的企业。$", says[i18n.ZhHans])
	for _, whole := range []*Node{{Op: All, Of: []*Node{person}}, {Op: Any, Of: []*Node{person, old}}, {Op: All, Of: []*Node{{Op: Not, Of: []*Node{person}}, old}}} {
		says, err := c.Sentences(system(), whole)
		require.NoError(t, err)
		require.Contains(t, says[i18n.En], "People and enterprises who", "none of these is of one kind alone, or says nothing else")
	}
}
