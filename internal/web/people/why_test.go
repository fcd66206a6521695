package people

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/outreach"
	"minqing/internal/record"
)

func TestWhatMayBeReadIsNotCalledBarred(t *testing.T) {
	words, err := i18ntest.Words()
	require.NoError(t, err)
	said := map[i18n.Lang][]string{}
	for _, behind := range []string{outreach.Cases, outreach.Permits} {
		for _, l := range i18n.Langs {
			for _, r := range []outreach.Reason{{More: 3, Barred: 2}, {More: 1}, {Barred: 1}, {}} {
				r.Op, r.Held, r.Behind = outreach.Cond, outreach.Yes, behind
				for _, w := range reasoned(&r, i18n.Format{}).Rest {
					said[l] = append(said[l], w.In(words, l))
				}
			}
		}
	}
	require.Equal(t, map[i18n.Lang][]string{
		i18n.En: {"3 more cases that you may read.", "2 cases that you may not read.", "1 more case that you may read.", "1 case that you may not read.",
			"3 more permits that you may read.", "2 permits that you may not read.", "1 more permit that you may read.", "1 permit that you may not read."},
		i18n.ZhHant: {"另有 3 件，您可以查看。", "另有 2 件，您無權查看。", "另有 1 件，您可以查看。", "另有 1 件，您無權查看。",
			"另有 3 張許可證，您可以查看。", "另有 2 張許可證，您無權查看。", "另有 1 張許可證，您可以查看。", "另有 1 張許可證，您無權查看。"},
		i18n.ZhHans: {"另有3件，您可以查看。", "另有2件，您无权查看。", "另有1件，您可以查看。", "另有1件，您无权查看。",
			"另有3张许可证，您可以查看。", "另有2张许可证，您无权查看。", "另有1张许可证，您可以查看。", "另有1张许可证，您无权查看。"},
	}, said)
}

// A condition rests on the same part of a record here and where staff say why a benefit is
// for somebody.
func TestConditionsRestOnThePartsOfARecord(t *testing.T) {
	parts := map[access.Verb]record.Part{access.RecordNeeds: record.Needs, access.RecordRelations: record.Relations}
	for _, l := range outreach.Leaves {
		if l.Scoped || l.Kind == "works" {
			continue // of what stands behind these every reader sees what they may
		}
		sheet := &record.Sheet{}
		require.Equal(t, l.Reads != "", sheet.Hides(l.Kind), l.Kind)
		sheet.Parts = append(sheet.Parts, parts[l.Reads])
		require.False(t, sheet.Hides(l.Kind), l.Kind)
	}
}
