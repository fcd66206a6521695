package app_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/db"
)

// TestAnAddressTypedToSearchStandsInNoAddress: who somebody is, is typed into a search
// and stands neither in the address bar, nor in a link or a form that leads on, nor in
// the log; and finds what whoever asks may see.
func TestAnAddressTypedToSearchStandsInNoAddress(t *testing.T) {
	const mail, tel = "covered.search@example.net", "13877665599"
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		files := func(matter, mail, tel string) string {
			r, err := h.Cases.File(actor.With(t.Context(), actor.Actor{Kind: actor.Anonymous}), cases.Filing{Kind: cases.Complaint, MatterCode: matter, Title: "湖濱路", Description: trouble,
				Location: cases.Location{Address: "湖濱路 12 號"}, Contact: cases.Contact{Name: "夏侯惇熙", Phone: tel, Email: mail}, Confidentiality: cases.Normal, Locale: "zh-Hant", Channel: cases.ChannelWeb})
			require.NoError(t, err)
			h.handled(t, r.CaseNo, cases.Accept{}, cases.Dispatch{})
			return r.CaseNo
		}
		lamp, car := files("street-light", mail, tel), files("illegal-parking", mail, tel)
		files("illegal-parking", "covered.search2@example.net", "13877665588")
		handler, agent := h.signIn(t, "handler"), h.signIn(t, "agent")
		for _, typed := range []string{mail, strings.ToUpper(mail), tel, "138-7766-5599"} {
			for _, page := range []string{"/desk", "/desk/filter"} {
				for b, sees := range map[*browser][]string{handler: {lamp}, agent: {lamp, car}} {
					b.open(page)
					b.client.CheckRedirect = noRedirect.CheckRedirect
					b.took(b.client.PostForm(h.url+page, url.Values{"q": {typed}}))
					require.Equal(t, http.StatusSeeOther, b.status)
					to := leads(b.page, b.header.Get("Location"))
					b.took(b.client.Get(h.url + page + "?" + url.Values{"q": {typed}}.Encode()))
					require.Equal(t, http.StatusSeeOther, b.status, "an address from before, or typed by hand")
					to = append(to, leads(b.page, b.header.Get("Location"))...)
					b.open(b.header.Get("Location"))
					bare(t, append(to, leads(b.page, b.at.String())...), page)
					b.client.CheckRedirect = nil
					for _, no := range []string{lamp, car} {
						require.Equal(t, strings.Contains(strings.Join(sees, " "), no), strings.Contains(b.page, "/desk/cases/"+no), "%s at %s: %s", typed, page, no)
					}
				}
				theirs := handler.at.RequestURI()
				status, body := agent.ask(theirs)
				require.Equal(t, http.StatusUnprocessableEntity, status, "nobody opens another's search")
				require.NotContains(t, body, lamp)
			}
		}
		theirs := regexp.MustCompile(`href="/people/[0-9a-f-]{36}"`)
		for typed, sees := range map[string][]*browser{mail: {handler, agent}, tel: {handler, agent}, "covered.search2@example.net": {agent}, "138-7766-5588": {agent}} {
			for _, b := range []*browser{handler, agent} { // handlers find who asks in their cases
				b.open("/people")
				b.send(url.Values{"q": {typed}}, `name="q"`)
				require.Equal(t, "/people", b.at.RequestURI())
				require.Equal(t, slices.Contains(sees, b), theirs.MatchString(b.page), typed)
				bare(t, leads(b.page, b.at.String()), "/people")
			}
		}
		require.Contains(t, h.log.String(), `"route":"/desk/filter"`)
		h.quietLog(t, mail, strings.ToUpper(mail), tel, "138-7766-5599", url.QueryEscape(mail), "covered.search2", "13877665588", "夏侯惇熙")
	})
}

var ways = regexp.MustCompile(`\s(?:href|action|formaction|hx-get|hx-post|src|content)="([^"]*)"|<input [^>]*type="hidden"[^>]*>`)

// leads are the addresses to which a page, and the answer that it came with, lead on.
func leads(page, location string) []string {
	return append(ways.FindAllString(page, -1), location)
}

// bare says that nothing of a person stands in addresses, whichever way it is written.
func bare(t *testing.T, addresses []string, at string) {
	t.Helper()
	all := strings.ToLower(strings.Join(addresses, "\n"))
	for _, part := range []string{"covered.search", "13877665", "138-7766", "7766"} {
		require.NotContains(t, all, part, at)
	}
}
