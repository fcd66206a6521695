package app_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
)

var errorLinks = regexp.MustCompile(`<li><a href="#([^"]+)">`)

// Each thing that is wrong with an empty form is said in the list above it, with a link to the
// field that has to be mended: of a name, to that of the reader's language.
func TestErrorsOfOutreachLeadToTheirFields(t *testing.T) {
	d := oneCity(t)
	h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
	h.serve(t, app.ServeOptions{Web: true})
	b := h.visitor(t)
	b.post("/sign-in", "email", "outreach@demo.test", "password", app.DemoPassword)
	for _, lang := range []string{"zh-Hant", "zh-Hans", "en"} {
		for path, own := range map[string][]string{"/people/segments/new": {"name", "basis_text"}, "/people/campaigns/new": {"name"}, "/people/offers/new": {"law"}} {
			page := b.post(path+"?lang="+lang, "do", "save")
			require.Equal(t, http.StatusUnprocessableEntity, page.code, path)
			var led []string
			for _, one := range errorLinks.FindAllStringSubmatch(page.body, -1) {
				require.Contains(t, page.body, ` id="`+one[1]+`"`, "%s %s", path, lang)
				led = append(led, one[1])
			}
			for _, name := range own {
				require.Contains(t, led, name+"-"+lang, path)
			}
		}
	}
}
