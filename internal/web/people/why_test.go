package people

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/outreach"
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
