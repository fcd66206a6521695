package app_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/i18n"
	"minqing/internal/identity"
	"minqing/internal/nextstep"
	"minqing/internal/outreach"
	"minqing/internal/privacy"
)

var stepLinks = regexp.MustCompile(`mq-row__title" href="([^"]+)"`)

// older makes the citizen 65 this year, with a need of theirs.
func (h *house) older(t *testing.T, d *db.DB) (b *browser, person string) {
	t.Helper()
	b = h.citizen(t)
	own := actor.AsSystem(t.Context(), "test")
	require.NoError(t, d.From(own).Raw("SELECT constituent_id FROM accounts ORDER BY created_at DESC, id DESC LIMIT 1").Scan(&person).Error)
	view, err := h.Constituents.Known(own, []string{person})
	require.NoError(t, err)
	require.NoError(t, h.Constituents.SetProfile(own, person, constituents.Profile{BirthYear: time.Now().Year() - 65, Source: constituents.FromSelf, Locale: "en", Version: view.Version}))
	_, err = h.Constituents.AddNeed(own, person, constituents.StepFree, constituents.FromSelf)
	require.NoError(t, err)
	return b, person
}

func (b *browser) switches(code, do string) {
	b.t.Helper()
	b.open("/me/next?lang=en")
	b.took(b.client.PostForm(b.at.Scheme+"://"+b.at.Host+"/me/next", url.Values{"rule": {code}, "do": {do}}))
}

func TestNextStepsSayWhyAndCanBeSwitchedOff(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		me, person := h.older(t, d)
		require.NoError(t, h.Identity.EnsureDemo(actor.AsSystem(t.Context(), "test"), []identity.DemoAccount{{Email: "newcomer@demo.test", Kind: "citizen", Locale: "en"}}))
		other := h.signIn(t, "newcomer")

		me.open("/me/next?lang=en")
		for _, part := range []string{"By your record, you turn 65 or more this year", "have told us of this need: ", "It does not say that you are entitled to anything"} {
			require.Contains(t, me.page, part)
		}
		for _, code := range []string{"expires", "offer"} {
			require.Contains(t, me.page, `value="`+code+`"`, "what has a source is among the rules")
		}
		links := stepLinks.FindAllStringSubmatch(me.page, -1)
		require.Len(t, links, 3)
		require.Contains(t, me.now(t), `href="/me/next"`)
		for _, l := range links {
			require.Contains(t, me.page, l[1], "home shows what the page shows")
		}
		for _, l := range links {
			me.open(l[1])
			require.Contains(t, me.page, "<h1")
		}

		me.switches("older", "off")
		require.Equal(t, "/me/next", me.at.Path)
		require.Contains(t, me.page, "Switched off")
		require.NotContains(t, me.page, "Your record gives a year of birth")
		require.Contains(t, me.page, "have told us of this need")
		require.NotContains(t, me.now(t), "situation=caring-for-parents")
		me.switches("older", "off")
		require.Equal(t, 200, me.status, "said twice")
		require.Equal(t, 1, count(t, d, "audit_entries WHERE action = 'constituent.next_step'"), "what changes nothing is no entry")

		me.switches("", "off")
		require.NotContains(t, me.page, "have told us of this need")
		require.Contains(t, me.now(t), "You have switched off next steps")
		other.open("/me/next?lang=en")
		require.NotContains(t, other.page, "turn 65")
		require.NotContains(t, other.page, "You have switched off", "what one switched off is no matter of another")
		other.switches("older", "on")
		require.Equal(t, 2, count(t, d, "next_step_offs WHERE constituent_id = ?", person), "nobody switches for another")

		me.switches("", "on")
		me.switches("older", "on")
		require.Contains(t, me.page, "Your record gives a year of birth")
		require.Zero(t, count(t, d, "next_step_offs"))

		me.switches("nothing", "off")
		require.Equal(t, 422, me.status)
		me.switches("older", "maybe")
		require.Equal(t, 422, me.status)
		staff := h.signIn(t, "handler")
		staff.took(staff.client.PostForm(h.url+"/me/next", url.Values{"rule": {""}, "do": {"off"}}))
		require.Equal(t, 403, staff.status)
		stranger := visit(t, h.url)
		stranger.took(stranger.client.Get(h.url + "/me/next"))
		require.NotContains(t, stranger.page, "Which rules")
		require.Zero(t, count(t, d, "next_step_offs"))
	})
}

func TestWhatIsSwitchedOffHoldsForJoinedRecordsAndGoesWithThePerson(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		me, person := h.older(t, d)
		own := actor.AsSystem(t.Context(), "test")
		joined, now := db.NewID(time.Now()), time.Now().UTC()
		require.NoError(t, d.From(own).Exec("INSERT INTO constituents (id, kind, vault_key_id, locale, created_at) SELECT ?, kind, vault_key_id, locale, created_at FROM constituents WHERE id = ?", joined, person).Error)
		require.NoError(t, d.From(own).Exec("INSERT INTO next_step_offs (id, constituent_id, rule, at) VALUES (?, ?, 'older', ?)", db.NewID(now), joined, now).Error)
		me.open("/me/next?lang=en")
		require.Contains(t, me.page, "Your record gives a year of birth")
		require.NoError(t, h.Constituents.Join(own, person, joined))
		me.open("/me/next?lang=en")
		require.NotContains(t, me.page, "Your record gives a year of birth", "it was switched off on a record of theirs")
		me.switches("needs", "off")

		me.open("/me/privacy?lang=en")
		me.send(url.Values{"password": {leaverPassword}, "do": {"json"}}, `value="json"`)
		var is privacy.Copy
		require.NoError(t, json.Unmarshal([]byte(me.page), &is))
		require.Equal(t, []string{"needs", "older"}, is.Person.StepsOff)
		me.open("/me/privacy")
		me.send(url.Values{"password": {leaverPassword}, "do": {"read"}}, `value="json"`)
		require.Contains(t, me.page, "Services for people of 65 and over")

		me.switches("older", "on")
		require.Contains(t, me.page, "Your record gives a year of birth", "on again for all records of theirs")
		require.Equal(t, 1, count(t, d, "next_step_offs"))
		_, err := h.Privacy.Erase(own, person, "test")
		require.NoError(t, err)
		require.Zero(t, count(t, d, "next_step_offs"))
	})
}

func TestStepsLeadOnlyToWhatTheCatalogueHas(t *testing.T) {
	h := open(t, dbtest.New(t), true)
	require.NoError(t, h.LoadDemo(t.Context()))
	list, err := h.NextStep.Shown(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"speak", "answer", "pay", "duty", "read", "judge_again", "judge", "expires", "offer", "entitled", "opening", "older", "needs"}, codes(list))

	none := open(t, dbtest.New(t), false)
	list, err = none.NextStep.Shown(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"speak", "answer", "pay", "duty", "read", "judge_again", "judge", "expires", "offer", "entitled"}, codes(list))
}

func codes(list []*nextstep.Rule) (out []string) {
	for _, r := range list {
		out = append(out, r.Code)
	}
	return out
}

func TestEveryRuleHasItsWords(t *testing.T) {
	h := open(t, dbtest.New(t), false)
	for _, l := range i18n.Langs {
		for _, r := range nextstep.Rules {
			keys := []string{"next." + r.Code, "next." + r.Code + ".rule", "next." + r.Code + ".why", "next." + r.Code + ".until"}
			if r.Fits != "" {
				keys = append(keys, "next."+r.Code+".says")
			}
			for _, name := range r.Reads {
				keys = append(keys, "next.reads."+name)
			}
			for _, key := range keys {
				words := h.Bundle.T(l, key, nil)
				require.NotEmpty(t, words)
				require.False(t, strings.Contains(words, "next."), "%s %s", l, key)
			}
		}
	}
}

func TestNobodyIsFittedByTheirCases(t *testing.T) {
	h := open(t, dbtest.New(t), true)
	root, err := outreach.Parse([]byte(`{"op":"cond","leaf":"cases","with":{"within":90}}`))
	require.NoError(t, err)
	_, _, err = h.Outreach.Fits(actor.AsSystem(t.Context(), "test"), db.NewID(time.Now()), root, i18n.En)
	require.ErrorContains(t, err, "rests on cases")
}

// The home of an enterprise says what may be its own, from rules that can be read and
// switched off by whoever acts for it: for their own pages, not for their colleagues'.
func TestAnEnterpriseIsShownWhatMayBeItsOwn(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		require.NoError(t, h.LoadDemo(t.Context()))
		h.serve(t, app.ServeOptions{Web: true})
		system := actor.AsSystem(t.Context(), "test")
		owner := h.enters(t, "company@demo.test", app.DemoPassword)
		who, err := h.Identity.ByEmail(system, "company@demo.test")
		require.NoError(t, err)
		var shop string
		require.NoError(t, d.From(system).Raw("SELECT enterprise_id FROM enterprise_members WHERE account_id = ?", who.ID).Scan(&shop).Error)
		require.NotEmpty(t, shop)
		require.NoError(t, d.From(system).Exec("UPDATE constituents SET stage = 'set_up' WHERE id = ?", shop).Error)

		owner.open("/me/next?lang=en")
		require.NotContains(t, owner.page, "/matters?situation=opening-a-shop", "a person opens no shop")
		owner.took(owner.client.PostForm(h.url+"/enterprise/acting", url.Values{"enterprise": {shop}}))
		owner.open("/enterprise?lang=en")
		require.Contains(t, owner.page, "What may be yours")
		require.Contains(t, owner.page, `href="/matters?situation=opening-a-shop"`)
		require.Contains(t, owner.page, `href="/me/next"`)
		require.Contains(t, owner.page, "the business is being set up", "why, where it stands")
		require.Contains(t, owner.page, `<input type="hidden" name="rule" value="opening"><input type="hidden" name="back" value="/enterprise">`)
		require.NoError(t, d.From(system).Exec("DELETE FROM offers WHERE constituent_id = ?", shop).Error)
		require.NoError(t, d.From(system).Exec("UPDATE constituents SET established_on = ? WHERE id = ?", calendar.DateOf(time.Now(), time.UTC).Add(-5), shop).Error)
		owner.open("/enterprise?lang=en")
		require.Contains(t, owner.page, "You may be entitled to: Seal fee waived for new enterprises")
		require.NotContains(t, owner.page, "/offers/heating-elders", "of the enterprise, not of its owner")
		owner.took(owner.client.PostForm(h.url+"/me/next", url.Values{"rule": {"entitled"}, "do": {"off"}, "back": {"/enterprise"}}))
		require.Equal(t, "/enterprise", owner.at.Path)
		require.NotContains(t, owner.page, "Seal fee waived")
		owner.open("/me/next?lang=en")
		require.Contains(t, owner.page, "/matters?situation=opening-a-shop")
		require.Contains(t, owner.page, "the business is being set up", "why")

		owner.switches("opening", "off")
		owner.open("/enterprise?lang=en")
		require.NotContains(t, owner.page, "/matters?situation=opening-a-shop")
		owner.switches("", "off")
		owner.open("/enterprise?lang=en")
		require.Contains(t, owner.page, "You have switched off these reminders.")
		require.Zero(t, count(t, d, "next_step_offs WHERE constituent_id = ?", shop), "nobody switches for a colleague")
	})
}

// TestWhatIsToldStaysAfterTheRecordIsMerged has staff merge the record of somebody with
// an account into another: what was told under it goes on counting, for the head.
func TestWhatIsToldStaysAfterTheRecordIsMerged(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		me, person := h.older(t, d)
		me.open("/me/next?lang=en")
		require.Contains(t, me.page, "have told us of this need")
		system := actor.AsSystem(t.Context(), "test")
		head, err := h.Constituents.Create(system, constituents.Contact{Name: "王小明", Phone: "13812345678"}, "en")
		require.NoError(t, err)
		h.mergedInto(t, person, head)
		me.open("/me/next?lang=en")
		require.Contains(t, me.page, "have told us of this need")
		holds, _, err := h.Outreach.Fits(system, head, &outreach.Node{Op: outreach.Cond, Leaf: "need", With: map[string]outreach.Values{"in": {"step_free"}}}, i18n.En)
		require.NoError(t, err)
		require.True(t, holds)
	})
}

// Published benefits whose conditions somebody meets by what is held of them are put
// before them, with the reason and the switch where they stand, and never as a promise.
func TestSomebodyIsShownWhatTheyMayBeEntitledTo(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		me, person := h.older(t, d)
		own := actor.AsSystem(t.Context(), "test")
		const heating, large, seal = `href="/offers/heating-elders"`, `href="/offers/large-type-bills"`, `href="/offers/startup-seal-waiver"`
		home := me.now(t)
		require.Contains(t, home, heating)
		require.Contains(t, home, "You may be entitled to: Winter heating allowance for elders")
		require.Contains(t, home, "Why am I shown this?")
		require.Contains(t, home, "By your record, you turn 65 or more this year")
		require.Contains(t, home, "It is no promise")
		require.Contains(t, home, `<input type="hidden" name="rule" value="entitled"><input type="hidden" name="back" value="/">`)
		require.NotContains(t, home, seal, "it is for enterprises")
		require.NotContains(t, home, large, "it is not known whether they need it")
		_, err := h.Constituents.AddNeed(own, person, constituents.LargeType, constituents.FromSelf)
		require.NoError(t, err)
		require.Contains(t, me.now(t), large)

		exec := func(sql string, args ...any) {
			t.Helper()
			require.NoError(t, d.From(own).Exec(sql, args...).Error)
		}
		offered := func(state string) {
			exec("DELETE FROM offers WHERE constituent_id = ?", person)
			exec(`INSERT INTO offers (id, list_id, benefit_id, constituent_id, period, state, why, code_key, created_at, updated_at)
 SELECT ?, l.id, b.id, ?, ?, ?, '[]', 'k1', l.created_at, l.created_at FROM benefits b JOIN offer_lists l ON l.benefit_id = b.id WHERE b.code = 'heating-elders' AND l.state = 'confirmed'`, db.NewID(time.Now()), person, time.Now().Year(), state)
			require.Equal(t, 1, count(t, d, "offers WHERE constituent_id = ?", person))
		}
		for state, shown := range map[string]bool{"objected": false, "granted": false, "trimmed": false, "agreed": false, "lapsed": true} {
			offered(state)
			require.Equal(t, shown, strings.Contains(me.now(t), heating), state)
		}
		exec("UPDATE offers SET period = period - 1, state = 'granted' WHERE constituent_id = ?", person)
		require.Contains(t, me.now(t), heating, "what they got last year is theirs to have again")

		exec(`UPDATE benefits SET definition = '{"op":"cond","leaf":"district","with":{"in":"nowhere"}}' WHERE code = 'large-type-bills'`)
		require.NotContains(t, me.now(t), large, "what can be asked no more is left out, and the page stands")
		exec(`UPDATE benefits SET definition = '{"op":"cond","leaf":"graded","with":{"within":"90"}}' WHERE code = 'large-type-bills'`)
		require.NotContains(t, me.now(t), large, "how somebody judged is not for offers")
		exec(`UPDATE benefits SET definition = '{"op":"not","of":[{"op":"cond","leaf":"kind","with":{"is":"enterprise"}}]}' WHERE code = 'large-type-bills'`)
		require.Contains(t, me.now(t), large)
		exec("UPDATE benefits SET state = 'draft' WHERE code = 'large-type-bills'")
		require.NotContains(t, me.now(t), large, "nobody published it")
		exec("UPDATE benefits SET state = 'published' WHERE code = 'large-type-bills'")

		me.open("/?lang=en")
		me.took(me.client.PostForm(h.url+"/me/next", url.Values{"rule": {"entitled"}, "do": {"off"}, "back": {"/"}}))
		require.Equal(t, "/", me.at.Path, "back where the switch stood")
		require.Contains(t, me.page, "Switched off")
		require.NotContains(t, me.page, heating)
		me.took(me.client.PostForm(h.url+"/me/next", url.Values{"rule": {"entitled"}, "do": {"on"}, "back": {"https://elsewhere.example/"}}))
		require.Equal(t, "/me/next", me.at.Path, "nowhere else")
		require.Contains(t, me.page, heating)
	})
}

// What there is no room for on the home page is said to be there, and shown elsewhere.
func TestNothingIsLeftOutOfTheHomeInSilence(t *testing.T) {
	h := open(t, dbtest.New(t), true)
	require.NoError(t, h.LoadDemo(t.Context()))
	h.serve(t, app.ServeOptions{Web: true})
	me, _ := h.older(t, h.DB)
	own := actor.AsSystem(t.Context(), "test")
	require.NotContains(t, me.now(t), "more: show everything")
	for i := range 210 { // more than are looked at together
		require.NoError(t, h.DB.From(own).Exec(`INSERT INTO benefits (id, code, unit_id, matter_id, author_id, state, name, gives, about, law, definition, amount, moves_money, window_days, per, published_at, version, created_at, updated_at)
 SELECT ?, 'more-' || ?, unit_id, matter_id, author_id, state, name, gives, about, law, definition, amount, moves_money, window_days, per, published_at, version, created_at, updated_at FROM benefits WHERE code = 'heating-elders'`,
			db.NewID(time.Now()), i).Error)
	}
	home := me.now(t)
	require.Equal(t, 5, strings.Count(home, `class="mq-row"`))
	require.Contains(t, home, "208 more: show everything that needs you") // 211 benefits and two other rules
	me.open("/me/next?lang=en")
	require.Equal(t, 213, len(stepLinks.FindAllString(me.page, -1)))
	for i := range 210 {
		require.Contains(t, me.page, fmt.Sprintf(`href="/offers/more-%d"`, i))
	}
}
