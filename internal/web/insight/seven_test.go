package insight_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/insight/seven"
)

// send posts a form as a browser on this site does.
func (h *hall) send(target string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

func TestSevenPages(t *testing.T) {
	h := newHall(t)
	h.judged("CG", 40, 4, 30)
	h.judged("JT", 35, 1, 30)
	h.exec("UPDATE cases SET matter_id = (SELECT id FROM matters WHERE code = 'street-light')")
	h.enter("system_admin", "LJ")

	t.Run("an input is typed again, entered and corrected", func(t *testing.T) {
		form := url.Values{"kind": {"hourly_cost"}, "item": {"clerk"}, "amount": {"forty"}, "as_of": {"2026-01-01"}, "source": {"payroll <2026>"}}
		w := h.send("/insight/7p/inputs/new", form)
		require.Equal(t, http.StatusUnprocessableEntity, w.Code)
		require.Contains(t, w.Body.String(), `value="forty"`)
		require.Contains(t, w.Body.String(), "payroll &lt;2026&gt;")
		form.Set("amount", "40.50")
		require.Equal(t, http.StatusSeeOther, h.send("/insight/7p/inputs/new", form).Code)
		body := h.get("/insight/7p/inputs?lang=en").Body.String()
		require.Contains(t, body, "40.50 yuan an hour")
		_, id, _ := strings.Cut(body, "/insight/7p/inputs/edit/")
		edit := "/insight/7p/inputs/edit/" + id[:36]
		require.Contains(t, h.get(edit).Body.String(), `value="40.50"`)
		form.Set("version", "1")
		form.Set("amount", "41")
		require.Equal(t, http.StatusSeeOther, h.send(edit, form).Code)
		form.Set("amount", "42")
		w = h.send(edit, form)
		require.Equal(t, http.StatusConflict, w.Code)
		require.Contains(t, w.Body.String(), `value="42"`)
		require.Contains(t, w.Body.String(), `name="version" value="2"`)
		require.Equal(t, http.StatusNotFound, h.get("/insight/7p/inputs/new?kind=wealth").Code)
		require.Equal(t, http.StatusNotFound, h.get("/insight/7p/inputs/edit/x").Code)
		require.Equal(t, http.StatusForbidden, h.get("/insight/7p/value").Code, "who enters inputs reads no figures")
	})

	t.Run("an official reads a definition, filters and takes the page away", func(t *testing.T) {
		h.enter("official", "LJ")
		require.Contains(t, h.get("/insight/7p/value?lang=en").Body.String(), "Nothing has been counted yet")
		require.NoError(t, h.seven.Count(context.Background()))
		for _, page := range seven.Pages {
			require.Contains(t, h.get("/insight/7p?lang=en").Body.String(), `href="/insight/7p/`+page+`"`)
			require.Equal(t, http.StatusOK, h.get("/insight/7p/"+page).Code)
		}
		body := h.get("/insight/7p/value?lang=en&unit=CG").Body.String()
		for _, f := range seven.Registry {
			if f.Page == seven.PublicValue {
				require.Contains(t, body, `id="stat-`+f.ID+`"`)
			}
		}
		require.Contains(t, body, "Of the denominator, those ended by the first word of a human")
		require.Contains(t, body, "/insight/7p/inputs#overhead", "what is lacking is linked")
		w := h.get("/insight/7p/value.csv?unit=CG")
		require.Equal(t, "text/csv; charset=utf-8", w.Header().Get("Content-Type"))
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), "\ufeff"))).ReadAll()
		require.NoError(t, err)
		require.Equal(t, "definition_version", rows[0][6])
		for _, r := range rows[1:] {
			require.Equal(t, []string{"value", "CG"}, []string{r[0], r[3]})
		}
		body = h.get("/insight/7p/profiling?lang=en").Body.String()
		option := regexp.MustCompile(`value="(district:[^"]+)"[^>]*>(Living in [^<]+)<`).FindStringSubmatch(body)
		require.NotNil(t, option)
		require.Contains(t, h.get("/insight/7p/profiling?lang=en&group="+url.QueryEscape(option[1])).Body.String(), "; "+option[2]+".", "what was chosen is said by its name")
		require.Equal(t, http.StatusForbidden, h.send("/insight/7p/inputs/new", url.Values{"kind": {"overhead"}}).Code)
		w = h.get("/insight/7p/value?lang=en&from=2026-10&to=2026-02")
		require.Equal(t, http.StatusUnprocessableEntity, w.Code)
		require.Contains(t, w.Body.String(), "The last month must not be before the first.")
		require.Equal(t, http.StatusUnprocessableEntity, h.get("/insight/7p/value?from=x").Code)
		require.Equal(t, http.StatusNotFound, h.get("/insight/7p/value?unit=nowhere").Code)
		require.Equal(t, http.StatusNotFound, h.get("/insight/7p/performance").Code, "P4 is another report")
	})

	t.Run("a head is kept to the bureau", func(t *testing.T) {
		h.enter("head", "CG")
		require.Equal(t, http.StatusNotFound, h.get("/insight/7p/value?unit=JT").Code)
		require.Equal(t, http.StatusNotFound, h.get("/insight/7p/value.csv?unit=LJ").Code)
		require.Equal(t, http.StatusOK, h.get("/insight/7p/value").Code)
	})
}
