package web_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cookie"
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

func TestWhatAnEndedSessionLeftIsNotTheNextPersons(t *testing.T) {
	for _, c := range []struct {
		who  people
		gone bool
	}{{people{}, true}, {people{actor.Actor{Kind: actor.Citizen, AccountID: "a"}}, false}} {
		k := newKit(t, func(o *web.Options) { o.Sessions = c.who }, nil)
		var code, draft string
		k.GET(k.Engine(), "/x", web.Public, func(g *gin.Context) error {
			code, draft = k.Kept(g, cookie.Code("LJ1")), k.Kept(g, cookie.Draft)
			g.Status(204)
			return nil
		})
		w := ask(t, k, "GET", "/x", nil, "Cookie", "mq_session=over; mq_code_LJ1=SECRET; mq_draft=mine")
		require.Equal(t, 204, w.Code)
		set := strings.Join(w.Header()["Set-Cookie"], "\n")
		require.Equal(t, "mine", draft, "a draft opens to its account alone, wherever it is")
		require.Equal(t, c.gone, code == "", "not in this request either")
		require.Equal(t, c.gone, strings.Contains(set, "mq_code_LJ1=;") && strings.Contains(set, "mq_session=;"), set)
	}
	k := newKit(t, nil, nil)
	k.GET(k.Engine(), "/x", web.Public, func(g *gin.Context) error {
		require.Equal(t, "SECRET", k.Kept(g, cookie.Code("LJ1")), "who never signed in keeps their own")
		g.Status(204)
		return nil
	})
	ask(t, k, "GET", "/x", nil, "Cookie", "mq_code_LJ1=SECRET")
}
