package app_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/db"
)

// TestTheNextPersonAtABrowserReadsNothing: a shared machine, at home or in a library.
func TestTheNextPersonAtABrowserReadsNothing(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		const what = "/file/drain-blocked/what"
		types := func(b *browser, text string) {
			b.open(what)
			b.send(url.Values{"title": {text}, "description": {text}}, `name="description"`)
		}
		in := func(b *browser, name string) {
			b.open("/sign-in")
			b.send(url.Values{"email": {name + "@demo.test"}, "password": {app.DemoPassword}}, `name="password"`)
		}
		b := visit(t, h.url)
		types(b, "客人寫的字")
		in(b, "citizen")
		b.open(what)
		require.Contains(t, b.page, "客人寫的字", "who signs in goes on with what they began")

		types(b, "水溝堵了很久")
		b.client.Jar.SetCookies(b.at, []*http.Cookie{{Name: "mq_session", Path: "/", MaxAge: -1}}) // it ended by itself
		in(b, "company")
		b.open(what)
		require.NotContains(t, b.page, "水溝堵了很久")

		types(b, "商行自己的事")
		b.took(b.client.PostForm(h.url+"/sign-out", url.Values{}))
		b.open(what)
		require.NotContains(t, b.page, "商行自己的事")
	})
}

// A session that was opened without a second factor does not carry a role that
// demands one.
func TestARoleThatDemandsASecondFactorEndsSessions(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=auditor")
		h.serve(t, app.ServeOptions{Web: true})
		handler := h.signIn(t, "handler")
		system := actor.AsSystem(t.Context(), "test")
		who, err := h.Identity.ByEmail(system, "handler@demo.test")
		require.NoError(t, err)
		give := func(role string) {
			_, err := h.Access.Give(system, access.Giving{AccountID: who.ID, Role: role, UnitCode: "LJ", Reason: "test"})
			require.NoError(t, err)
		}
		give("official")
		handler.open("/insight/performance")
		give("auditor")
		handler.took(handler.client.Get(h.url + "/admin/audit"))
		require.Contains(t, handler.at.Path, "/sign-in", handler.page)
	})
}
