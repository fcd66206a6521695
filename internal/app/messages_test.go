package app_test

import (
	"math"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/notify"
)

var ofMessages = regexp.MustCompile(`href="(/me/messages/[0-9a-f-]{36})"( data-unread)?`)

// told notes messages of the portal to somebody about a case of theirs, the newest
// last, and gives their ids.
func (m *houses) told(d *db.DB, who string, kinds ...notify.Kind) (ids []string) {
	m.t.Helper()
	system := actor.AsSystem(m.t.Context(), "test")
	var about string
	require.NoError(m.t, d.From(system).Raw("SELECT case_id FROM case_parties WHERE constituent_id = ? AND role = 'requester' ORDER BY case_id LIMIT 1", who).Scan(&about).Error)
	for _, k := range kinds {
		require.NoError(m.t, m.Notify.Tell(system, notify.Telling{Kind: k, To: notify.Recipient{ConstituentID: who}, CaseID: about, Cause: db.NewID(time.Now())}))
	}
	require.NoError(m.t, d.From(system).Raw("SELECT id FROM deliveries WHERE constituent_id = ? AND channel = 'inapp' ORDER BY created_at, id", who).Scan(&ids).Error)
	return ids
}

func TestPeopleReadTheirMessagesInThePortal(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		m := &houses{&matrix{house: open(t, d, true), t: t, cookies: map[string]*http.Cookie{}}}
		var statements atomic.Int64
		counted(t, m.DB, &statements)
		kit, err := m.Pages()
		require.NoError(t, err)
		m.handler = kit.Handler()
		me := actor.From(m.who("citizen")).ConstituentID
		require.NoError(t, d.From(t.Context()).Exec("DELETE FROM deliveries WHERE channel = 'inapp'").Error)
		cost := func(path string) int64 { // the least of some: now and then a page reads anew what is kept for seconds
			least := int64(math.MaxInt64)
			for range 5 {
				before := statements.Load()
				m.get("citizen", path)
				least = min(least, statements.Load()-before)
			}
			return least
		}
		quiet := cost("/me/cases")
		code, page := m.get("citizen", "/me/messages?lang=en")
		require.Equal(t, 200, code)
		require.Contains(t, page, "No messages yet")

		ids := m.told(d, me, notify.CaseReceived, notify.Replied, notify.Concluded)
		m.Identity.ForgetVisit(t.Context()) // of nobody: nothing happens
		require.Equal(t, quiet, cost("/me/cases"), "the number in the head costs no statement")
		later := time.Now().Add(time.Minute) // when what was kept of the session is old
		m.Identity.Now = func() time.Time { return later }
		_, page = m.get("citizen", "/me/cases?lang=en")
		require.Contains(t, page, "3 unread messages")
		_, page = m.get("citizen", "/?lang=en")
		require.Contains(t, page, "3 messages that you have not read")
		_, page = m.get("citizen", "/me/messages?lang=en")
		found := ofMessages.FindAllStringSubmatch(page, -1)
		require.Len(t, found, 3)
		for i, f := range found {
			require.Equal(t, []string{"/me/messages/" + ids[2-i], " data-unread"}, f[1:], "the newest first, none read")
		}

		w := m.send("citizen", "GET", found[0][1], "", "")
		require.Equal(t, 303, w.Code)
		require.True(t, strings.HasPrefix(w.Header().Get("Location"), "/cases/"), w.Header().Get("Location"))
		require.Equal(t, 1, count(t, d, "deliveries WHERE status = 'read' AND read_at IS NOT NULL AND id = ?", ids[2]))
		_, page = m.get("citizen", "/me/messages?lang=en")
		require.Contains(t, page, "2 unread messages", "at once")
		for _, other := range []string{"clerk", "handler"} {
			require.Contains(t, []int{403, 404}, m.send(other, "GET", found[1][1], "", "").Code, other)
		}
		require.Equal(t, 404, m.send("citizen", "GET", "/me/messages/1", "", "").Code)
		code, _, _ = m.post("citizen", "/me/messages", "seen", "soon")
		require.Equal(t, 422, code)
		require.Equal(t, 422, m.send("citizen", "GET", "/me/messages?after=x", "", "").Code)

		seen := regexp.MustCompile(`name="seen" value="([^"]+)"`).FindStringSubmatch(page)[1]
		many := make([]notify.Kind, 55)
		for i := range many {
			many[i] = notify.Reopened
		}
		m.told(d, me, many...) // while the page was open
		code, _, _ = m.post("citizen", "/me/messages", "seen", seen)
		require.Equal(t, 303, code)
		require.Equal(t, 3, count(t, d, "deliveries WHERE status = 'read' AND constituent_id = ?", me), "what came since stays unread")
		_, page = m.get("citizen", "/me/messages")
		require.Len(t, ofMessages.FindAllString(page, -1), 50)
		older := regexp.MustCompile(`/me/messages\?after=[^"]+`).FindString(page)
		_, page = m.get("citizen", strings.ReplaceAll(older, "&amp;", "&"))
		require.Len(t, ofMessages.FindAllString(page, -1), 8, "each once")
		m.costsAlike(d, me, cost)
		m.housesRead(d)
	})
}

// costsAlike compares a page with one message of each kind with a page of many: what
// they are about is asked for all of them at once.
func (m *houses) costsAlike(d *db.DB, me string, cost func(string) int64) {
	t, system := m.t, actor.AsSystem(m.t.Context(), "test")
	exec := func(sql string, args ...any) { require.NoError(t, d.From(system).Exec(sql, args...).Error) }
	exec("UPDATE campaigns SET state = 'running'")
	all := map[notify.Kind]string{notify.Outreach: "campaigns", notify.OfferMade: "offers WHERE state = 'offered'", notify.PermitMoved: "permit_events", notify.DutyNear: "permit_duties",
		notify.FeeOrdered: "fee_orders", notify.MemberJoined: "enterprise_members", notify.HouseHanded: "enterprise_handovers"}
	lay := func(kinds map[notify.Kind]string, most int) (n int) {
		for k, from := range kinds {
			var about []string
			require.NoError(t, d.From(system).Raw("SELECT id FROM "+from+" LIMIT ?", most).Scan(&about).Error)
			for i := range most { // the same ones again where there are fewer
				if len(about) == 0 {
					break
				}
				id := about[i%len(about)]
				if k == notify.Outreach {
					_, err := m.Notify.Invite(system, notify.Inviting{Kind: k, CampaignID: id, To: notify.Recipient{ConstituentID: me}, By: notify.InApp, Cause: db.NewID(time.Now())})
					require.NoError(t, err)
				} else {
					require.NoError(t, m.Notify.Tell(system, notify.Telling{Kind: k, To: notify.Recipient{ConstituentID: me}, About: id, Cause: db.NewID(time.Now())}))
				}
				n++
			}
		}
		return n
	}
	var of [2]int64
	for i, most := range []int{1, 7} {
		exec("DELETE FROM deliveries WHERE channel = 'inapp'")
		m.told(d, me, notify.Replied)
		n := lay(all, most)
		of[i] = cost("/me/messages")
		notes, _, err := m.Notify.Inbox(system, []string{me}, "")
		require.NoError(t, err)
		require.Len(t, notes, n+1)
		lines, err := m.Notify.Lines(system, i18n.En, notes, nil)
		require.NoError(t, err)
		for _, l := range lines {
			require.True(t, l.Kind == notify.Replied || l.About != "", l.Kind)
		}
		t.Log(n, of[i])
	}
	require.Equal(t, of[0], of[1], "statements of a page")
}

// housesRead looks at the messages of an enterprise: its members read them, an agent
// of it does not.
func (m *houses) housesRead(d *db.DB) {
	t := m.t
	var house string
	require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM enterprises WHERE code = '91000000000000123L'").Scan(&house).Error)
	m.told(d, house, notify.Replied)
	code, _, _ := m.post("company", "/enterprise/acting", "enterprise", house)
	require.Equal(t, 303, code)
	_, page := m.get("company", "/me/messages")
	require.Len(t, ofMessages.FindAllString(page, -1), 1)
	require.Contains(t, page, "臨江樂川商行", "for whom they read")
	later := time.Now().Add(2 * time.Minute)
	m.Identity.Now = func() time.Time { return later }
	_, page = m.get("company", "/me/cases?lang=en")
	require.Contains(t, page, "1 unread message<")
	link := ofMessages.FindStringSubmatch(m.page("company", "/me/messages"))[1]
	code, _, _ = m.post("company", "/enterprise/acting", "enterprise", "")
	require.Equal(t, 303, code)
	_, page = m.get("company", "/me/messages")
	require.Empty(t, ofMessages.FindAllString(page, -1), "in person there are none")
	require.Equal(t, 404, m.send("company", "GET", link, "", "").Code)

	clerk := actor.From(m.who("clerk")).AccountID
	require.NoError(t, d.From(t.Context()).Exec("UPDATE enterprise_members SET ended_at = ? WHERE enterprise_id = ? AND account_id = ?", time.Now(), house, clerk).Error)
	code, _, _ = m.post("clerk", "/enterprise/acting", "enterprise", house) // whose firm is an agent of the house
	require.Equal(t, 303, code)
	_, page = m.get("clerk", "/me/messages?lang=en")
	require.Contains(t, page, "You act as an agent.")
	require.Empty(t, ofMessages.FindAllString(page, -1))
	require.NotContains(t, page, "unread message")
	require.Equal(t, 404, m.send("clerk", "GET", link, "", "").Code)
}

func (m *houses) page(who, at string) string {
	_, page := m.get(who, at)
	return page
}
