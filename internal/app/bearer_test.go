package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/db"
)

func TestATokenOpensTheInterfaceOfProgramsOnly(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		no, _ := file(visit(t, h.url))
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		ask := func(who, path string, form url.Values) (int, string) {
			token, err := h.Identity.CreateToken(actor.AsSystem(t.Context(), "test"), who+"@demo.test", time.Hour)
			require.NoError(t, err)
			method := http.MethodGet
			if form != nil {
				method = http.MethodPost
			}
			r, err := http.NewRequest(method, h.url+path, strings.NewReader(form.Encode()))
			require.NoError(t, err)
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w, err := client.Do(r)
			require.NoError(t, err)
			require.NoError(t, w.Body.Close())
			return w.StatusCode, w.Header.Get("Location")
		}
		for path, form := range map[string]url.Values{"/desk/cases/" + no: nil, "/desk/cases/" + no + "/reveal": {"reveal_reason": {"x"}}, "/desk": nil} {
			code, to := ask("dispatcher", path, form)
			require.Equal(t, 303, code, path)
			require.Contains(t, to, "/sign-in?next=", path)
		}
		for path, form := range map[string]url.Values{"/admin/access/ask": {"reason": {"x"}}, "/admin/access/rules": {"reason": {"x"}}, "/admin/accounts": nil} {
			code, to := ask("security", path, form)
			require.Equal(t, 303, code, path)
			require.Contains(t, to, "/sign-in?next=", path)
		}
		code, _ := ask("dispatcher", "/api/v1/desk/cases/"+no, nil)
		require.Equal(t, 200, code)
	})
}
