package app_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/calendar"
	"minqing/internal/db"
)

// A life event is begun, written and published on forms; what it calls the same has to
// be there in the types, and whoever wrote it does not publish it.
func TestALifeEventIsWrittenOnForms(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		one, two := h.signIn(t, "admin"), h.signIn(t, "admin2")
		one.open("/admin/permits?lang=en")
		require.Contains(t, one.page, `href="/admin/life-events"`)
		one.open("/admin/life-events")
		require.Contains(t, one.page, "Opening a restaurant or café")
		const at = "/admin/life-events/open-salon/draft"
		one.open("/admin/life-events/new/draft")
		one.send(with(languages("name", "Opening a salon"), url.Values{"code": {"open-restaurant"}}), "name.en")
		require.Equal(t, 422, one.status)
		one.send(with(languages("summary", "Hygiene and fire in one go."), url.Values{"code": {"open-restaurant"}}), "name.en")
		require.Equal(t, 422, one.status, "there is one")
		one.send(url.Values{"code": {"open-salon"}, "do": {"save"}}, "name.en")
		require.Equal(t, at, one.at.Path)
		require.Contains(t, one.page, "To mend before it can be published", "it joins nothing yet")

		fills := func(b *browser, page string, change url.Values, part string) {
			b.open(at + page)
			b.send(change, part)
		}
		fills(one, "/conditions/new", with(languages("text", "Is it in a basement?"), url.Values{"code": {"deep"}}), "text.en")
		fills(one, "/event_types/new", with(url.Values{"code": {"no-such-permit"}}), "code")
		require.Equal(t, 422, one.status)
		one.send(url.Values{"code": {"venue-hygiene"}, "do": {"save"}}, "code")
		require.Equal(t, at+"/event_types", one.at.Path)
		fills(one, "/event_types/1", with(url.Values{"code": {"venue-hygiene"}, "known.kind": {"yes"}, "known.swim": {"maybe"}}), "known.kind")
		require.Equal(t, 422, one.status)
		require.Contains(t, one.page, `href="#known-swim"`)
		one.send(url.Values{"known.swim": {"no"}, "do": {"save"}}, "known.kind")
		fills(one, "/event_types/new", with(url.Values{"code": {"fire-check"}}), "code")
		fills(one, "/event_types/2", with(url.Values{"code": {"fire-check"}, "known.crowd": {"yes"}, "known.large": {"deep"}}), "known.crowd")
		require.Equal(t, at+"/event_types", one.at.Path)
		fills(one, "/same_questions/new", with(url.Values{"code": {"place"}, "of.venue-hygiene": {"place"}, "of.fire-check": {"gas"}}), "of.fire-check")
		require.Equal(t, 422, one.status, "of another kind")
		one.send(url.Values{"of.fire-check": {"place"}, "do": {"save"}}, "of.fire-check")
		require.Equal(t, at+"/same_questions", one.at.Path)
		two.took(two.client.Get(h.url + at + "/event_texts?lang=en"))
		one.open(at + "/event_texts")
		one.send(with(languages("name", "Opening a hair salon")), "name.en")
		require.Equal(t, 200, one.status)
		two.send(with(languages("name", "Opening a barber's")), "name.en")
		require.Equal(t, 409, two.status, "somebody was quicker")
		require.Contains(t, two.page, "Opening a hair salon")

		for _, lang := range []string{"zh-Hant", "zh-Hans", "en"} {
			for _, page := range []string{"/admin/life-events", "/admin/life-events/open-salon", "/admin/life-events/open-restaurant", at, at + "/conditions/1", at + "/event_types/2", at + "/same_questions/1", at + "/same_materials/new"} {
				one.open(page + "?lang=" + lang)
				require.NotRegexp(t, `\b(permitedit|permittype|bundle)\.[a-z_]+`, mainPart.FindString(one.page), page)
			}
		}
		one.open("/admin/life-events/open-salon")
		require.NotContains(t, one.page, "Publish this version</button>", "who wrote it does not publish it")
		two.open("/admin/life-events/open-salon")
		two.send(url.Values{"valid_from": {calendar.DateOf(time.Now(), time.FixedZone("", 8*3600)).String()}, "reason": {"Many ask"}}, "valid_from")
		require.Equal(t, 200, two.status)
		require.Contains(t, two.page, "Version 1")
		two.open("/permits/together/open-salon?lang=en")
		require.Contains(t, two.page, "Opening a hair salon")
		handler := h.signIn(t, "handler")
		handler.took(handler.client.Get(h.url + "/admin/life-events"))
		require.Equal(t, 403, handler.status)
	})
}

// A draft is looked at as applicants will see it, and an event is taken out of use by
// two people with a reason: nobody begins it any more, what was begun goes on.
func TestALifeEventIsPreviewedAndTakenOutOfUse(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		one, two := h.signIn(t, "admin"), h.signIn(t, "admin2")
		const at = "/admin/life-events/open-restaurant"
		version, err := h.PermitTypes.Event(t.Context(), "open-restaurant")
		require.NoError(t, err)

		one.open(at + "/draft?lang=en")
		require.Contains(t, one.page, `href="`+at+`/draft/preview"`)
		one.open(at + "/draft/preview")
		require.Contains(t, one.page, "This is a preview of the draft")
		for range 20 {
			if !strings.Contains(one.page, `name="next"`) {
				break
			}
			require.Contains(t, one.page, `action="`+at+`/draft/preview"`)
			f := one.form("next").values
			one.open(at + "/draft/preview?v=" + f.Get("v") + "&a=" + f.Get("a") + "&next=y")
		}
		require.Contains(t, one.page, "Food business permit", "the guide was walked to its end")
		require.NotContains(t, one.page, `action="/enterprise/together/`, "a preview begins nothing")

		one.open(at + "/draft/event_texts")
		one.send(url.Values{"withdrawn": {"yes"}, "do": {"save"}}, "name.en")
		require.Equal(t, at+"/draft", one.at.Path)
		one.open(at + "/draft/preview")
		require.Contains(t, one.page, "takes the life event out of use")
		two.open("/permits/together/open-restaurant?lang=en")
		require.Equal(t, 200, two.status, "a draft takes nothing away")
		two.open(at)
		require.Contains(t, two.page, "Out of use")
		day := calendar.DateOf(time.Now(), time.FixedZone("", 8*3600)).String()
		two.send(url.Values{"valid_from": {day}, "reason": {""}}, "valid_from")
		require.Equal(t, 422, two.status, "no reason")
		two.send(url.Values{"valid_from": {day}, "reason": {"The permits were merged into one"}}, "valid_from")
		require.Equal(t, 200, two.status)
		two.open("/admin/life-events")
		require.Contains(t, two.page, "Out of use")
		two.took(two.client.Get(h.url + "/permits/together/open-restaurant"))
		require.Equal(t, 404, two.status)
		two.open("/permits")
		require.NotContains(t, two.page, "/permits/together/open-restaurant")
		old, err := h.PermitTypes.EventVersion(t.Context(), "open-restaurant", version.Version)
		require.NoError(t, err)
		require.False(t, old.Withdrawn, "what was begun stays on its version")
		var reason string
		require.NoError(t, d.From(t.Context()).Raw("SELECT reason FROM audit_entries WHERE action = 'permit_event.withdrawn' AND object_id = 'open-restaurant'").Scan(&reason).Error)
		require.Equal(t, "The permits were merged into one", reason)

		one.open(at + "/draft/event_texts")
		one.send(url.Values{"withdrawn": {""}, "do": {"save"}}, "name.en")
		two.open(at)
		two.send(url.Values{"valid_from": {day}, "reason": {"It is wanted again"}}, "valid_from")
		two.open("/permits/together/open-restaurant?lang=en")
		require.Equal(t, 200, two.status, "back in use")
	})
}
