package demo_test

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/match"
)

// A load brings people who were written down twice, and some who only seem so, with
// something for each rule to say.
func TestSomeOfTheCityWereWrittenDownTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := loader(t, d)
		_, err := l.Load(system(), options(1200))
		require.NoError(t, err)
		who, err := access.New(d, l.Audit, os.DirFS("../../policies"), l.Cases.Now)
		require.NoError(t, err)
		m := constituents.NewMerging(l.Cases.Constituents, who, nil)
		_, err = m.Go(system(), time.Minute, true)
		require.NoError(t, err)

		var pairs []constituents.Listed
		for cursor := ""; ; {
			page, next, err := m.Queue(system(), cursor)
			require.NoError(t, err)
			pairs = append(pairs, page...)
			if cursor = next; next == "" {
				break
			}
		}
		require.Greater(t, len(pairs), 15)
		require.Less(t, len(pairs), 60)
		said := map[match.Rule][]match.How{}
		for _, p := range pairs {
			for _, f := range p.Findings {
				said[f.Rule] = append(said[f.Rule], f.How)
			}
			require.Equal(t, 2, count(t, d, p.Pair.A)+count(t, d, p.Pair.B), "a case each, that those who decide may see")
		}
		for _, rule := range []match.Rule{match.RuleName, match.RulePhone, match.RuleMail, match.RuleAddress, match.RuleYear} {
			require.Contains(t, said[rule], match.Equal, rule)
		}
		require.Contains(t, said[match.RuleName], match.Similar, "a slip, or a brother")
		require.False(t, slices.Contains(said[match.RulePhone], match.Unknown))
		var merged int
		require.NoError(t, d.From(system()).Raw("SELECT count(*) FROM constituent_merges").Scan(&merged).Error)
		require.Positive(t, merged, "the same document, seen twice")
	})
}

// count is one for somebody who asks in a case that is not filed in confidence.
func count(t *testing.T, d *db.DB, id string) (n int) {
	require.NoError(t, d.From(system()).Raw("SELECT count(DISTINCT p.constituent_id) FROM case_parties p JOIN cases c ON c.id = p.case_id WHERE p.constituent_id = ? AND c.confidentiality = 'normal'", id).Scan(&n).Error)
	return n
}
