package notify

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing"
	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
)

// A start does not read the templates of messages, so a broken one shows here.
func TestEveryMessageCanBeWritten(t *testing.T) {
	words, err := i18ntest.Words()
	require.NoError(t, err)
	s := &Service{Deps: Deps{Templates: minqing.Files, Words: words}}
	for _, l := range i18n.Langs {
		for _, k := range slices.Concat(Kinds, AccountKinds, StaffKinds, FollowKinds, LetterKinds, OfferKinds, PermitKinds, NewsKinds, []Kind{MailTooLarge, Digest}) {
			html, text, err := s.fill(l, k, mailPage{Lang: string(l), CaseNo: "LJ20260000001A"})
			require.NoError(t, err, "%s in %s", k, l)
			require.NotEmpty(t, html)
			require.NotEmpty(t, text)
		}
	}
	_, _, err = s.fill(i18n.Langs[0], "nothing", mailPage{})
	require.Error(t, err)
}
