package app_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/record"
)

// storied is somebody whose record has a line of every kind, under two records that
// staff merged, each a minute after the one before.
type storied struct {
	h     *house
	d     *db.DB
	t     *testing.T
	who   string
	twin  string
	began time.Time
	lines int
	want  []string // the kinds, the oldest first
}

func (s *storied) exec(sql string, args ...any) {
	s.t.Helper()
	require.NoError(s.t, s.d.From(s.t.Context()).Exec(sql, args...).Error, sql)
}

// next is the time of one more line.
func (s *storied) next(kind string) time.Time {
	s.lines++
	s.want = append(s.want, kind)
	return s.began.Add(time.Duration(s.lines) * time.Minute)
}

func (s *storied) id(sql string, args ...any) (id string) {
	s.t.Helper()
	require.NoError(s.t, s.d.From(s.t.Context()).Raw(sql, args...).Scan(&id).Error)
	require.NotEmpty(s.t, id, sql)
	return id
}

// told writes down that a message left, or lies in the portal.
func (s *storied) told(kind, channel string, caseID, about any, at time.Time) {
	s.exec("INSERT INTO deliveries (id, kind, channel, case_id, constituent_id, locale, proven, status, created_at, about_id) VALUES (?, ?, ?, ?, ?, 'en', ?, 'sent', ?, ?)",
		db.NewID(at), kind, channel, caseID, s.who, true, at, about)
}

// asked is what became of a case, and what the person agreed to and took back.
func (s *storied) asked(caseNo string) {
	id := s.id("SELECT id FROM cases WHERE case_no = ?", caseNo)
	s.exec("UPDATE cases SET received_at = ? WHERE id = ?", s.next("case"), id)
	at := s.next("message")
	s.exec("INSERT INTO case_messages (id, case_id, event_id, at, direction, kind, published, text) SELECT ?, case_id, id, ?, 'out', 'message', ?, '' FROM case_events WHERE case_id = ? ORDER BY seq LIMIT 1", db.NewID(at), at, true, id)
	s.told("replied", "mail", id, nil, s.next("notice"))
	s.exec("UPDATE cases SET concluded_at = ? WHERE id = ?", s.next("concluded"), id)
	at = s.next("evaluation")
	s.exec("INSERT INTO evaluations (id, case_id, conclusion_no, grade, resolved, channel, evaluated_at, evaluated_on) VALUES (?, ?, 1, 2, 'no', 'web', ?, '2026-01-01')", db.NewID(at), id, at)
	at, call := s.next("call"), db.NewID(s.began)
	s.exec("INSERT INTO callbacks (id, case_id, conclusion_no, opened_at, state) VALUES (?, ?, 1, ?, 'answered')", call, id, at)
	s.exec("INSERT INTO callback_attempts (id, callback_id, at, on_day, channel, outcome) VALUES (?, ?, ?, '2026-01-01', 'phone', 'judged')", db.NewID(at), call, at)
	for _, given := range []bool{true, false} {
		at = s.next("consent")
		s.exec("INSERT INTO consents (id, constituent_id, purpose, channel, given, wording, digest, locale, at) VALUES (?, ?, 'outreach', 'mail', ?, 1, ?, 'en', ?)", db.NewID(at), s.twin, given, []byte{1}, at)
	}
}

func (s *storied) permit(unit string) {
	permit, issued := db.NewID(s.began), s.next("permit")
	s.exec(`INSERT INTO permits (id, permit_no, type_code, type_version, type_name, unit_id, unit_path, holder_id, holder_kind, holder_shown, valid_from, particulars, state, since, since_on, issued_at, issued_on, updated_at)
 SELECT ?, 'P-STORY', 'outdoor-sign', 1, '{"en":"Sign permit"}', id, path, ?, 'person', '', '2026-01-01', '{}', 'valid', ?, '2026-01-01', ?, '2026-01-01', ? FROM units WHERE code = ?`, permit, s.twin, issued, issued, issued, unit)
	s.exec("INSERT INTO permit_events (id, permit_id, at, on_day, act, state) VALUES (?, ?, ?, '2026-01-01', 'issued', 'valid')", db.NewID(issued), permit, issued)
	at := s.next("permit")
	event, duty := db.NewID(at), db.NewID(at)
	s.exec("INSERT INTO permit_events (id, permit_id, at, on_day, act, state) VALUES (?, ?, ?, '2026-01-01', 'suspend', 'suspended')", event, permit, at)
	at = s.next("permit_notice")
	s.told("permit_moved", "mail", nil, event, at)
	s.told("permit_moved", "inapp", nil, event, at) // the same by another way is no line of its own
	s.exec("INSERT INTO permit_duties (id, permit_id, code, no, nominal_on, due_on, state, created_at, updated_at) VALUES (?, ?, 'report', 1, '2026-01-01', '2026-01-01', 'due', ?, ?)", duty, permit, at, at)
	s.told("duty_near", "sms", nil, duty, s.next("duty_notice"))
}

// inspected has an application of a case visited.
func (s *storied) inspected(caseNo string) {
	key, form, visit := db.NewID(s.began), db.NewID(s.began), db.NewID(s.began)
	s.exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'case', 'aes256gcm', 'k1', ?)", key, s.began)
	s.exec(`INSERT INTO permit_applications (id, holder_id, type_code, type_version, state, vault_key_id, case_id, case_no, created_at, updated_at)
 SELECT ?, ?, 'outdoor-sign', 1, 'accepted', ?, id, case_no, ?, ? FROM cases WHERE case_no = ?`, form, s.who, key, s.began, s.began, caseNo)
	appointed, recorded := s.next("visit"), s.next("inspection")
	s.exec(`INSERT INTO permit_inspections (id, application_id, no, state, visit_at, visit_on, appointed_at, client_id, recorded_at, passed)
 VALUES (?, ?, 1, 'recorded', ?, '2026-01-01', ?, 'x', ?, ?)`, visit, form, recorded, appointed, recorded, true)
}

func (s *storied) fees(caseNo, unit string) {
	order := func(no, state string, settled any, at time.Time) string {
		id := db.NewID(at)
		s.exec(`INSERT INTO fee_orders (id, order_no, case_id, case_no, holder_id, unit_id, unit_path, type_code, type_version, type_name, fee_code, fee_name, charged, amount, currency, state, created_at, created_on, due_on, settled_at, updated_at)
 SELECT ?, ?, c.id, c.case_no, ?, u.id, u.path, 'outdoor-sign', 1, '{}', ?, '{"en":"Paper"}', 'grant', 123400, 'CNY', ?, ?, '2026-01-01', '2026-01-01', ?, ? FROM cases c, units u WHERE c.case_no = ? AND u.code = ?`,
			id, no, s.twin, no, state, at, settled, at, caseNo, unit)
		return id
	}
	first := order("F-ONE", "refunded", nil, s.next("fee"))
	s.told("fee_ordered", "inapp", nil, first, s.next("fee_notice")) // to who has no mail address
	for _, kind := range []string{"payment", "refund"} {
		at := s.next(map[string]string{"payment": "fee_paid", "refund": "fee_refunded"}[kind])
		s.exec("INSERT INTO fee_receipts (id, order_id, kind, year, number, amount, currency, way, issued_at, issued_on) VALUES (?, ?, ?, 2026, ?, 123400, 'CNY', 'counter', ?, '2026-01-01')", db.NewID(at), first, kind, 900_000+s.lines, at)
	}
	made := s.next("fee")
	order("F-TWO", "waived", s.next("fee_ended"), made)
}

func (s *storied) unasked(unit, author string) {
	segment, campaign, benefit, list := db.NewID(s.began), db.NewID(s.began), db.NewID(s.began), db.NewID(s.began)
	s.exec(`INSERT INTO segments (id, unit_id, owner_id, name, purpose, basis, basis_text, definition, created_at, updated_at) SELECT ?, id, ?, '{}', 'offer', 'benefit', '{}', '{}', ?, ? FROM units WHERE code = ?`, segment, author, s.began, s.began, unit)
	s.exec(`INSERT INTO campaigns (id, segment_id, segment_version, author_id, name, purpose, basis, basis_text, hold_percent, window_days, per_hour, created_at, updated_at)
 VALUES (?, ?, 1, ?, '{"en":"Heating news"}', 'offer', 'benefit', '{}', 0, 9, 9, ?, ?)`, campaign, segment, author, s.began, s.began)
	at := s.next("campaign")
	s.exec("INSERT INTO campaign_assignments (campaign_id, constituent_id, arm, status, delivery_id, queued_at) VALUES (?, ?, 'told', 'sent', ?, ?)", campaign, s.twin, db.NewID(at), at)
	s.exec("INSERT INTO campaign_assignments (campaign_id, constituent_id, arm, status) VALUES (?, ?, 'held', 'kept')", campaign, s.who)
	s.exec(`INSERT INTO benefits (id, code, unit_id, matter_id, author_id, name, gives, about, law, definition, moves_money, window_days, per, created_at, updated_at)
 SELECT ?, 'story', u.id, (SELECT id FROM matters ORDER BY id LIMIT 1), ?, '{"en":"Heating help"}', '{}', '{}', '{}', '{}', ?, 9, 'once', ?, ? FROM units u WHERE code = ?`, benefit, author, false, s.began, s.began, unit)
	s.exec("INSERT INTO offer_lists (id, benefit_id, benefit_no, definition, author_id, state, matched_on, created_at, updated_at) VALUES (?, ?, 1, '{}', ?, 'confirmed', '2026-01-01', ?, ?)", list, benefit, author, s.began, s.began)
	told, answered, settled := s.next("offer"), s.next("offer_answered"), s.next("offer_ended")
	s.exec(`INSERT INTO offers (id, list_id, benefit_id, constituent_id, period, state, why, told_at, answered_at, settled_at, code_key, created_at, updated_at)
 VALUES (?, ?, ?, ?, 0, 'granted', '{}', ?, ?, ?, 'k1', ?, ?)`, db.NewID(told), list, benefit, s.twin, told, answered, settled, s.began, s.began)
}

func tellStory(t *testing.T, h *house, d *db.DB) *storied {
	t.Helper()
	citizen, err := h.Identity.ByEmail(t.Context(), "citizen@demo.test")
	require.NoError(t, err)
	s := &storied{h: h, d: d, t: t, who: citizen.ConstituentID, began: time.Now().UTC().Truncate(time.Second).Add(time.Hour)}
	system := actor.AsSystem(t.Context(), "test")
	s.twin, err = h.Constituents.Create(system, constituents.Contact{Name: "王小明", Phone: "13812345678"}, "en")
	require.NoError(t, err)
	no := openCase(t, h, actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: citizen.ID, ConstituentID: s.who}))
	h.handled(t, no, cases.Accept{}, cases.Dispatch{})
	unit := s.id("SELECT u.code FROM cases c JOIN units u ON u.id = c.unit_id WHERE c.case_no = ?", no)
	s.asked(no)
	s.permit(unit)
	s.inspected(no)
	s.fees(no, unit)
	s.unasked("LJ", s.id("SELECT account_id FROM grants WHERE role = 'outreach_officer' ORDER BY id LIMIT 1"))
	h.mergedInto(t, s.twin, s.who)
	return s
}

// kinds walks the pages of the story as somebody reads them.
func (s *storied) kinds(ctx context.Context) (kinds []string) {
	s.t.Helper()
	sheet, err := s.h.Record.Open(ctx, s.who)
	require.NoError(s.t, err)
	var last time.Time
	for cursor := ""; ; {
		page, err := s.h.Record.Story(ctx, sheet, cursor)
		require.NoError(s.t, err)
		for _, one := range page.List {
			require.True(s.t, last.IsZero() || !one.At.After(last), "the newest first")
			if last = one.At; !one.At.Before(s.began) { // the city has told of them before
				kinds = append(kinds, one.What)
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	slices.Reverse(kinds)
	return kinds
}

var (
	ofAsked    = []string{"case", "message", "notice", "concluded", "evaluation", "call"}
	ofConsents = []string{"consent"}
	ofPermits  = []string{"permit", "permit_notice", "duty_notice", "visit", "inspection"}
	ofFees     = []string{"fee", "fee_notice", "fee_paid", "fee_refunded", "fee_ended"}
	ofOutreach = []string{"campaign", "offer", "offer_answered", "offer_ended"}
	allKinds   = slices.Concat(ofAsked, ofConsents, ofPermits, ofFees, ofOutreach)
)

// TestARecordTellsEveryKindOfLineToWhomItIsFor reads one record as everybody who
// may, and finds each line once, in order, and none for which they have not the right.
func TestARecordTellsEveryKindOfLineToWhomItIsFor(t *testing.T) {
	require.ElementsMatch(t, allKinds, record.StoryKinds(), "no kind is left untried")
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		s := tellStory(t, h, d)
		all, unit := allKinds, slices.Concat(ofAsked, ofConsents, ofPermits, ofFees)
		for _, kind := range all {
			require.Contains(t, s.want, kind)
		}
		for name, sees := range map[string][]string{"handler": unit, "head": unit, "supervisor": all,
			"dispatcher": ofAsked, "outreach": slices.Concat(ofConsents, ofOutreach), "agent": nil} {
			var want, got []string
			for _, kind := range s.want {
				if slices.Contains(sees, kind) {
					want = append(want, kind)
				}
			}
			for _, kind := range s.kinds(h.as(t, name)) {
				if slices.Contains(all, kind) {
					got = append(got, kind)
				}
			}
			require.Equal(t, want, got, name)
			b := h.visitor(t)
			b.post("/sign-in", "email", name+"@demo.test", "password", app.DemoPassword)
			for lang, words := range map[string][]string{
				"en":      {"Sign permit P-STORY", "Suspended", "¥1,234.00 paid", "Heating news", "Heating help", "Inspection on site", "Message about a permit", "Message about a duty", "Message about a fee", "Call about the result", "Refused"},
				"zh-Hant": {"P-STORY", "暫停效力", "已繳 ¥1,234.00", "主動告知", "免申即享", "現場查核", "許可的通知", "許可義務的通知", "規費的通知", "回訪電話", "拒絕"},
				"zh-Hans": {"P-STORY", "暂停效力", "已缴 ¥1,234.00", "主动告知", "免申即享", "现场核查", "许可的通知", "许可义务的通知", "费用的通知", "回访电话", "拒绝"}} {
				page := b.get("/people/" + s.who + "?lang=" + lang).body
				for _, clear := range []string{"13812345678", "8613812345678", "王小明"} {
					require.NotContains(t, page, clear, "masked, whoever looks")
				}
				_, page, _ = strings.Cut(page, `id="story"`) // the menu names offers too
				for i, word := range words {
					may := slices.Contains(sees, [...]string{"permit", "permit", "fee_paid", "campaign", "offer", "inspection", "permit_notice", "duty_notice", "fee_notice", "call", "consent"}[i])
					require.Equal(t, may, strings.Contains(page, word), "%s, %s: %s", name, lang, word)
				}
			}
		}
		b := h.visitor(t)
		b.post("/sign-in", "email", "supervisor@demo.test", "password", app.DemoPassword)
		page := b.get("/people/" + s.who + "?lang=en").body
		for _, link := range []string{"/desk/permits/P-STORY", "/desk/fees/orders/F-ONE", `/people/campaigns/[0-9a-f-]{36}`, `/people/offers/[0-9a-f-]{36}/lists/[0-9a-f-]{36}/[0-9a-f-]{36}`} {
			require.Regexp(t, regexp.MustCompile(`href="`+link+`"`), page)
		}
		for _, who := range []string{s.who, s.twin} { // another bureau's are none of this handler's
			require.NoError(t, d.From(t.Context()).Exec("UPDATE permits SET unit_path = 'LJ/MZ/' WHERE holder_id = ?", who).Error)
			require.NoError(t, d.From(t.Context()).Exec("UPDATE fee_orders SET unit_path = 'LJ/MZ/' WHERE holder_id = ?", who).Error)
		}
		got := s.kinds(h.as(t, "handler"))
		for _, kind := range append([]string{"permit", "permit_notice", "duty_notice"}, ofFees...) {
			require.NotContains(t, got, kind)
		}
		require.Contains(t, got, "inspection", "that of a case of theirs")
	})
}

// TestAStoryIsOneQuestionHoweverLongItIs counts what is asked of the database for a
// page of many lines of every kind, and walks all of them by pages.
func TestAStoryIsOneQuestionHoweverLongItIs(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		s := tellStory(t, h, d)
		permit := s.id("SELECT id FROM permits WHERE permit_no = 'P-STORY'")
		for range 70 {
			at := s.next("permit")
			s.exec("INSERT INTO permit_events (id, permit_id, at, on_day, act, state) VALUES (?, ?, ?, '2026-01-01', 'change', 'valid')", db.NewID(at), permit, at)
		}
		ctx := h.as(t, "supervisor")
		got := slices.DeleteFunc(s.kinds(ctx), func(kind string) bool { return !slices.Contains(allKinds, kind) })
		require.Equal(t, s.want, got, "three pages and more, nothing twice and nothing left out")

		var asked atomic.Int64
		counting, err := db.Open(t.Context(), d.URL(), db.Options{OnQuery: func() { asked.Add(1) }})
		require.NoError(t, err)
		t.Cleanup(func() { _ = counting.Close() })
		deps := h.Record.Deps
		deps.DB = counting
		told := record.New(deps)
		sheet, err := told.Open(ctx, s.who)
		require.NoError(t, err)
		asked.Store(0)
		page, err := told.Story(ctx, sheet, "")
		require.NoError(t, err)
		require.Len(t, page.List, record.StoryMost)
		require.EqualValues(t, 1, asked.Load())
	})
}

// mergedInto merges a record into another as staff do.
func (h *house) mergedInto(t *testing.T, id, head string) (mergeID string) {
	t.Helper()
	system := actor.AsSystem(t.Context(), "test")
	version := func(id string) int64 {
		known, err := h.Constituents.Known(system, []string{id})
		require.NoError(t, err)
		return known.Version
	}
	mergeID, err := h.Merging.Merge(system, constituents.Merge{Survivor: head, Merged: id, SurvivorVersion: version(head), MergedVersion: version(id), Reason: "同一人"})
	require.NoError(t, err)
	return mergeID
}

// TestTheConsentCardIsThatOfAllRecords has somebody refuse under one record what they
// agreed to under another: the card says what sending goes by.
func TestTheConsentCardIsThatOfAllRecords(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		system := actor.AsSystem(t.Context(), "test")
		ids := make([]string, 3)
		for i := range ids {
			id, err := h.Constituents.Create(system, constituents.Contact{Name: "王小明", Phone: "13812345678"}, "en")
			require.NoError(t, err)
			ids[i] = id
		}
		head, middle, last := ids[0], ids[1], ids[2]
		h.mergedInto(t, last, middle)
		h.mergedInto(t, middle, head)
		say := func(id, purpose, channel string, given bool) {
			require.NoError(t, h.Constituents.Decide(system, id, constituents.Decision{Purpose: purpose, Channel: channel, Given: given, Words: "x", Locale: "en"}))
		}
		ctx := h.as(t, "outreach")
		card := func() map[string]constituents.Consent {
			sheet, err := h.Record.Open(ctx, head)
			require.NoError(t, err)
			out := map[string]constituents.Consent{}
			for _, c := range sheet.Consents {
				out[c.Purpose+"."+c.Channel] = c
			}
			for _, channel := range constituents.OutreachChannels {
				may, err := h.Constituents.MayReach(system, sheet.Family, channel, true)
				require.NoError(t, err)
				require.Equal(t, may, out["outreach."+channel].Given, channel)
				may, err = h.Constituents.MayReach(system, sheet.Family, channel, false)
				require.NoError(t, err)
				require.Equal(t, may, out["outreach."+channel].Given || out["outreach."+channel].Default, channel)
			}
			return out
		}
		require.True(t, card()["outreach.mail"].Default)
		say(last, constituents.Outreach, constituents.ChannelMail, true)
		require.True(t, card()["outreach.mail"].Given, "said under the last of the chain")
		say(middle, constituents.Outreach, constituents.ChannelMail, false)
		say(head, constituents.Outreach, constituents.ChannelMail, true)
		got := card()
		require.False(t, got["outreach.mail"].Given, "the refusal holds, though the head agreed later")
		require.False(t, got["outreach.mail"].Default)
		require.True(t, got["case_news.mail"].Given)
		say(last, constituents.CaseMail, constituents.ChannelMail, false)
		require.False(t, card()["case_news.mail"].Given)
		say(middle, constituents.Outreach, constituents.ChannelSMS, false)
		require.False(t, card()["outreach.inapp"].Default, "no mail and no text: who refused everything before the portal")
		say(middle, constituents.Outreach, constituents.ChannelMail, true)
		require.True(t, card()["outreach.mail"].Given, "they changed their mind where they had refused")
	})
}
