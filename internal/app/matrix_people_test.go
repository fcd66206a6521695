package app_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/outreach"
	"minqing/internal/outreach/campaign"
)

// but says who must never reach something: all but some.
func but(may ...string) func(who string) bool {
	return func(who string) bool { return !slices.Contains(may, who) }
}

// guest files a case that a unit signs in, and gives their record.
func (m *matrix) guest(d *db.DB, name, phone, matter string, how cases.Confidentiality) (id string) {
	r, err := m.Cases.File(actor.With(m.t.Context(), actor.Actor{Kind: actor.Anonymous}), cases.Filing{Kind: cases.Complaint, MatterCode: matter, Title: "湖濱路", Description: trouble,
		Location: cases.Location{Address: "湖濱路 12 號"}, Contact: cases.Contact{Name: name, Phone: phone}, Confidentiality: how, Locale: "zh-Hant", Channel: cases.ChannelWeb})
	require.NoError(m.t, err)
	m.handled(m.t, r.CaseNo, cases.Accept{}, cases.Dispatch{}, cases.SignIn{})
	require.NoError(m.t, d.From(m.t.Context()).Raw("SELECT p.constituent_id FROM case_parties p JOIN cases c ON c.id = p.case_id WHERE c.case_no = ? AND p.role = 'requester'", r.CaseNo).Scan(&id).Error)
	system := actor.AsSystem(m.t.Context(), "test")
	_, err = m.Constituents.AddNote(system, id, constituents.NewNote{Text: "轉接時請用閩南語。", Purpose: "contact", KeepUntil: calendar.DateOf(time.Now(), time.UTC).Add(30)})
	require.NoError(m.t, err)
	return id
}

// fillPeople makes those whose records, duplicates and segments are tried. Who
// looks people up by a number, at the call centre and for outreach, may open any
// record; what of it they see is tried elsewhere.
func (m *matrix) fillPeople(d *db.DB) {
	desk := []string{"agent", "dispatcher", "handler", "head", "supervisor", "outreach"}
	var lamp, parking, hidden, whistle []string
	for range 2 {
		lamp = append(lamp, m.guest(d, "歐陽曉麗", "13512345678", "street-light", cases.Normal))
		parking = append(parking, m.guest(d, "司馬光遠", "13612345678", "illegal-parking", cases.Normal))
		hidden = append(hidden, m.guest(d, "諸葛明亮", "13712345678", "street-light", cases.IdentityHidden))
		whistle = append(whistle, m.guest(d, "上官婉清", "13812345678", "street-light", cases.Whistle))
	}
	m.owned["/people/"] = []owned{
		{name: "who asks in a case of the Street Lighting Section", id: lamp[0], closed: but(desk...)},
		{name: "who asks in a case of another bureau only", id: parking[0], closed: but("agent", "dispatcher", "supervisor", "outreach")},
		{name: "who is hidden in a case of the Street Lighting Section", id: hidden[0], closed: but("agent", "dispatcher", "outreach")},
		{name: "a whistle-blower", id: whistle[0], closed: but("agent", "dispatcher", "outreach")},
	}
	_, err := m.Merging.Go(actor.AsSystem(m.t.Context(), "test"), time.Minute, true)
	require.NoError(m.t, err)
	merging := but("dispatcher", "outreach")
	pair := func(ids []string) map[string]string {
		return map[string]string{":a": min(ids[0], ids[1]), ":b": max(ids[0], ids[1])}
	}
	m.owned["/people/duplicates/of/"] = []owned{{name: "who asks in a case of another bureau only", id: parking[0], closed: merging}, {name: "a whistle-blower", id: whistle[0], closed: but()}}
	m.owned["/people/duplicates/pair/"] = []owned{{name: "two in reach of whoever sees all cases", more: pair(parking), closed: merging, body: "do=apart&reason=x&version=999999"},
		{name: "two who are hidden", more: pair(hidden), closed: but(), body: "do=apart&reason=x&version=999999"},
		{name: "two whistle-blowers", more: pair(whistle), closed: but(), body: "do=apart&reason=x&version=999999"},
		{name: "one in reach and a whistle-blower", more: pair([]string{lamp[0], whistle[0]}), closed: but(), body: "do=apart&reason=x&version=999999"}}
	decide := func(ids map[string]string, form url.Values) {
		got := m.send("dispatcher", "POST", "/people/duplicates/pair/"+ids[":a"]+"/"+ids[":b"], aForm, form.Encode())
		require.Equal(m.t, http.StatusSeeOther, got.Code, got.Body)
	}
	twins := []string{m.guest(d, "慕容晴雪", "13912345670", "street-light", cases.Normal), m.guest(d, "慕容晴雪", "13912345670", "street-light", cases.Normal)}
	sisters := []string{m.guest(d, "令狐依依", "13912345671", "street-light", cases.Normal), m.guest(d, "令狐依依", "13912345671", "street-light", cases.Normal)}
	_, err = m.Merging.Go(actor.AsSystem(m.t.Context(), "test"), time.Minute, true)
	require.NoError(m.t, err)
	decide(pair(twins), url.Values{"do": {"merge"}, "version": {"1"}, "version_a": {"1"}, "version_b": {"1"}, "survivor": {"a"}, "reason": {"來電確認"}})
	decide(pair(sisters), url.Values{"do": {"apart"}, "version": {"1"}, "reason": {"是姊妹"}})
	var merge, segment string
	require.NoError(m.t, d.From(m.t.Context()).Raw("SELECT id FROM constituent_merges ORDER BY id DESC LIMIT 1").Scan(&merge).Error)
	owner, err := m.Identity.ByEmail(m.t.Context(), "outreach@demo.test")
	require.NoError(m.t, err)
	root, err := outreach.Parse([]byte(`{"op":"cond","leaf":"kind","with":{"is":"person"}}`))
	require.NoError(m.t, err)
	snap, err := m.Catalogue.Snapshot(m.t.Context())
	require.NoError(m.t, err)
	require.NoError(m.t, m.Outreach.Ensure(actor.AsSystem(m.t.Context(), "test"), "everybody", owner.ID, outreach.Draft{Name: i18n.Text{i18n.ZhHant: "所有人"}, Purpose: outreach.Notice, Basis: outreach.Benefit,
		BasisText: i18n.Text{i18n.En: "x"}, UnitCode: snap.Root().Code, Root: root}))
	require.NoError(m.t, d.From(m.t.Context()).Raw("SELECT id FROM segments").Scan(&segment).Error)
	campaignID, err := m.Campaigns.Create(as(m.t, m.house, "outreach@demo.test"), campaign.Plan{Name: i18n.Text{i18n.ZhHant: "說明"}, SegmentID: segment, WindowDays: 1, PerHour: 1,
		Texts: campaign.MessagesBy{notify.Mail: {Subject: i18n.Text{i18n.ZhHant: "說明"}, Body: i18n.Text{i18n.ZhHant: "說明"}}}})
	require.NoError(m.t, err)
	m.owned["/people/campaigns/"] = []owned{{name: "a campaign of the whole government", id: campaignID, closed: but("outreach", "supervisor"), body: "do=nothing&version=999999"}}
	m.owned["/people/duplicates/done/"] = []owned{{name: "a merge that the dispatcher decided", id: merge, closed: merging, body: "reason=x&version=999999"}}
	m.owned["/people/duplicates/apart/"] = []owned{{name: "two whom the dispatcher found not to be the same", more: pair(sisters), closed: merging, body: "reason=x&version=999999"}}
	m.owned["/people/segments/"] = []owned{{name: "a segment of the whole government, and who asks in a case of the Street Lighting Section", id: segment, more: map[string]string{":person": lamp[0]},
		closed: but("outreach"), body: "do=retire&version=999999"},
		{name: "a segment of the whole government, and a whistle-blower", id: segment, more: map[string]string{":person": whistle[0]}, closed: but("outreach"), body: "do=retire&version=999999"}}
}

// ownedBy says what a route is about: the longest beginning that fits.
func (m *matrix) ownedBy(path string) (prefix string, things []owned) {
	for p, list := range m.owned {
		if rest, ok := strings.CutPrefix(path, p); ok && strings.HasPrefix(rest, ":") && len(p) > len(prefix) {
			prefix, things = p, list
		}
	}
	return prefix, things
}
