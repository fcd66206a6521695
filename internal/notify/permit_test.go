package notify

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing"
	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
)

type onePermit struct{}

func (onePermit) PermitFacts(_ context.Context, ids []string, _ i18n.Lang) (map[string]PermitFacts, error) {
	return map[string]PermitFacts{ids[0]: {Title: "Sign LJP20260000001A", Says: "Suspended", LinkPath: "/me/permits/LJP20260000001A"}}, nil
}

// TestAMailNamesAPermitToAProvenAddressOnly: to any other it leads to the account.
func TestAMailNamesAPermitToAProvenAddressOnly(t *testing.T) {
	words, err := i18ntest.Words()
	require.NoError(t, err)
	s := &Service{Deps: Deps{Templates: minqing.Files, Words: words, Permits: onePermit{}, BaseURL: "https://portal.test"}}
	for _, k := range PermitKinds {
		for _, l := range i18n.Langs {
			for _, proven := range []bool{true, false} {
				p := mailPage{Lang: string(l), Proven: proven}
				require.NoError(t, s.aboutOffer(t.Context(), &delivery{Kind: k, Locale: string(l), Proven: proven}, &p))
				html, text, err := s.fill(l, k, p)
				require.NoError(t, err)
				for _, body := range []string{html, text} {
					if proven {
						require.Contains(t, body, "LJP20260000001A")
						require.Contains(t, body, "Suspended")
						continue
					}
					require.NotContains(t, body, "LJP20260000001A")
					require.Contains(t, body, "https://portal.test/me/permits")
				}
			}
		}
	}
}
