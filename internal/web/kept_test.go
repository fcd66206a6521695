package web_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"minqing/internal/fault"
	"minqing/internal/web"
)

// A page that gives a form back lies open on the screen and in the browser's
// memory: what opens an account or a case is not on it.
func TestAPageThatGivesAFormBackHoldsNoSecret(t *testing.T) {
	for _, kind := range []fault.Kind{fault.Throttled, fault.Unavailable, fault.Internal} {
		k := newKit(t, nil, nil)
		k.POST(k.Engine(), "/x", web.Public, func(*gin.Context) error { return fault.New(kind, "fault.unavailable") })
		send := func(form url.Values) string {
			return ask(t, k, "POST", "/x", strings.NewReader(form.Encode()), "Content-Type", formType).Body.String()
		}
		require.Contains(t, send(url.Values{"title": {"open-words"}}), "open-words")
		for _, name := range []string{"password", "again_password", "current", "code", "query_code", "credential", "token"} {
			page := send(url.Values{"title": {"open-words"}, name: {"31415926"}})
			require.NotContains(t, page, "31415926", name)
			require.NotContains(t, page, "open-words", "nothing to send again without %s", name)
		}
	}
}
