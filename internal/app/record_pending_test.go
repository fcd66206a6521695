package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/record"
)

// awaited has something of every kind be open with somebody, besides cases.
func (s *storied) awaited() {
	today := calendar.DateOf(time.Now(), time.UTC)
	soon := time.Now().UTC().Truncate(time.Second).Add(72 * time.Hour)
	caseID := s.id("SELECT c.id FROM cases c JOIN case_parties p ON p.case_id = c.id WHERE p.constituent_id = ? ORDER BY c.id DESC LIMIT 1", s.who)
	s.exec("UPDATE cases SET concluded_at = NULL, contacted_at = NULL, response_due_at = ? WHERE id = ?", soon, caseID)
	s.exec("UPDATE permits SET state = 'valid', valid_until = ? WHERE permit_no = 'P-STORY'", today.Add(400))
	s.exec("UPDATE permit_duties SET due_on = ? WHERE permit_id = (SELECT id FROM permits WHERE permit_no = 'P-STORY')", today.Add(-2))
	s.exec("UPDATE fee_orders SET state = 'due', settled_at = NULL, due_on = ? WHERE order_no = 'F-TWO'", today.Add(1))
	form := s.id("SELECT id FROM permit_applications WHERE case_id = ?", caseID)
	s.exec("UPDATE permit_applications SET state = 'correcting' WHERE id = ?", form)
	s.exec("INSERT INTO permit_notices (id, application_id, no, given_at, given_on, due_on) VALUES (?, ?, 1, ?, ?, ?)", db.NewID(s.began), form, s.began, today, today.Add(2))
	s.exec("INSERT INTO permit_inspections (id, application_id, no, state, visit_at, visit_on, appointed_at) VALUES (?, ?, 2, 'appointed', ?, ?, ?)", db.NewID(s.began), form, soon, today.Add(3), s.began)
	s.exec("INSERT INTO permit_hearings (id, application_id, no, state, intends, told_at, told_on, asker, asked_at, asked_on, heard_at, heard_on, chair_id, announced_at, announced_on) SELECT ?, ?, 1, 'announced', 'refuse', ?, ?, 'applicant', ?, ?, ?, ?, id, ?, ? FROM accounts ORDER BY id LIMIT 1",
		db.NewID(s.began), form, s.began, today, s.began, today, soon, today.Add(3), s.began, today)
	s.exec("INSERT INTO callbacks (id, case_id, conclusion_no, opened_at, due_on, state) VALUES (?, ?, 2, ?, ?, 'open')", db.NewID(s.began), caseID, s.began, today.Add(4))
	s.exec("UPDATE offers SET state = 'offered', answered_at = NULL, settled_at = NULL, respond_by = ?, respond_on = ? WHERE constituent_id = ?", soon, today.Add(3), s.twin)
	s.exec("UPDATE cases SET rectify = 'contact', rectify_due_at = ? WHERE id = ?", soon, caseID)
}

func (s *storied) pending(ctx context.Context) (kinds []string) {
	s.t.Helper()
	sheet, err := s.h.Record.Open(ctx, s.who)
	require.NoError(s.t, err)
	var last calendar.Date
	for _, one := range sheet.Pending {
		require.NotZero(s.t, one.Day, one.What)
		require.GreaterOrEqual(s.t, one.Day, last, "the nearest day first")
		last = one.Day
		if !slices.Contains(kinds, one.What) {
			kinds = append(kinds, one.What)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// TestARecordSaysWhatElseIsOpenToWhomItIsFor reads what is open besides cases as
// everybody who may open a record, and takes away what makes each thing so.
func TestARecordSaysWhatElseIsOpenToWhomItIsFor(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		s := tellStory(t, h, d)
		s.awaited()
		byCase, byUnit := []string{"callback", "contact"}, []string{"callback", "contact", "correction", "duty", "fee", "hearing", "mend", "visit"}
		all := []string{"callback", "contact", "correction", "duty", "fee", "hearing", "mend", "offer", "visit"}
		for name, want := range map[string][]string{"agent": byCase, "dispatcher": {"callback", "contact", "mend"}, "handler": byUnit, "head": byUnit, "supervisor": all, "outreach": {"offer"}} {
			require.Equal(t, want, s.pending(h.as(t, name)), name)
			b := h.visitor(t)
			b.post("/sign-in", "email", name+"@demo.test", "password", app.DemoPassword)
			for lang, words := range map[string]map[string]string{
				"en":      {"fee": "Fee to pay", "offer": "Offer that waits", "duty": "Duty of a permit", "correction": "Correction of an application", "visit": "Visit on site", "hearing": ">Hearing", "callback": "Call about the result", "mend": "Answer to a bad grade", "contact": "First answer promised"},
				"zh-Hant": {"fee": "待繳規費", "offer": "待答復的免申即享", "duty": "許可後的義務", "correction": "待補正的申請", "visit": "現場查核", "hearing": "聽證", "callback": "結果回訪電話", "mend": "差評的回應", "contact": "承諾首次聯繫"},
				"zh-Hans": {"fee": "待缴费用", "offer": "待答复的免申即享", "duty": "许可后的义务", "correction": "待补正的申请", "visit": "现场核查", "hearing": "听证", "callback": "结果回访电话", "mend": "差评的回应", "contact": "承诺首次联系"}} {
				page := b.get("/people/" + s.who + "?lang=" + lang)
				require.Equal(t, 200, page.code, h.log)
				_, part, _ := strings.Cut(page.body, `id="pending"`)
				part, _, _ = strings.Cut(part, "</section>")
				for kind, word := range words {
					require.Equal(t, slices.Contains(want, kind), strings.Contains(part, word), "%s, %s: %s in %s", name, lang, kind, part)
				}
			}
		}
		b := h.visitor(t)
		b.post("/sign-in", "email", "supervisor@demo.test", "password", app.DemoPassword)
		page := b.get("/people/" + s.who + "?lang=en").body
		for _, part := range []string{`href="/desk/fees/orders/F-TWO"`, `href="/desk/permits/P-STORY"`, `href="/people/offers/`, "¥1,234.00", "For them to do", "For us to do"} {
			require.Contains(t, page, part)
		}
		_, duty, _ := strings.Cut(page[strings.Index(page, `id="pending"`):], `href="/desk/permits/P-STORY"`)
		duty, _, _ = strings.Cut(duty, "</li>")
		require.Contains(t, duty, "Overdue", "its day has passed")
		for _, one := range []struct{ kind, done string }{
			{"fee", "UPDATE fee_orders SET state = 'paid'"}, {"offer", "UPDATE offers SET state = 'agreed'"}, {"duty", "UPDATE permits SET state = 'suspended', valid_until = '2026-01-02'"},
			{"correction", "UPDATE permit_notices SET answered_at = given_at"}, {"visit", "UPDATE permit_inspections SET state = 'called_off' WHERE state = 'appointed'"},
			{"callback", "UPDATE callbacks SET state = 'moot'"}, {"mend", "UPDATE cases SET rectify = 'mended' WHERE rectify IN ('contact', 'mend')"}, {"contact", "UPDATE cases SET contacted_at = received_at"},
		} {
			s.exec(one.done)
			all = slices.DeleteFunc(all, func(kind string) bool { return kind == one.kind })
			require.Equal(t, all, s.pending(h.as(t, "supervisor")), one.done)
		}
		require.Equal(t, []string{"hearing"}, all)
	})
}

// TestWhatIsOpenIsFewQuestionsHoweverMuchItIs counts what is asked of the database to
// open a record with little and with much, and lists all of it when asked.
func TestWhatIsOpenIsFewQuestionsHoweverMuchItIs(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		s := tellStory(t, h, d)
		s.awaited()
		ctx := h.as(t, "supervisor")
		var asked atomic.Int64
		counting, err := db.Open(t.Context(), d.URL(), db.Options{OnQuery: func() { asked.Add(1) }})
		require.NoError(t, err)
		t.Cleanup(func() { _ = counting.Close() })
		deps := h.Record.Deps
		deps.DB = counting
		told := record.New(deps)
		opened := func(whole ...record.Part) (*record.Sheet, int64) {
			asked.Store(0)
			sheet, err := told.Open(ctx, s.who, whole...)
			require.NoError(t, err)
			return sheet, asked.Load()
		}
		few, before := opened()
		require.Zero(t, few.PendMore)
		for i := range 40 {
			s.exec(`INSERT INTO fee_orders (id, order_no, case_id, case_no, holder_id, unit_id, unit_path, type_code, type_version, type_name, fee_code, fee_name, charged, amount, currency, state, created_at, created_on, due_on, updated_at)
 SELECT ?, ?, case_id, case_no, holder_id, unit_id, unit_path, type_code, type_version, type_name, ?, fee_name, charged, amount, currency, 'due', created_at, created_on, due_on, updated_at FROM fee_orders WHERE order_no = 'F-TWO'`,
				db.NewID(time.Now()), fmt.Sprintf("F-MANY-%02d", i), fmt.Sprintf("many%02d", i))
		}
		many, after := opened()
		require.Equal(t, before, after, "not one question for each")
		require.LessOrEqual(t, after, int64(3), "what is pending, and what went wrong, which is two on SQLite")
		require.Len(t, many.Pending, len(few.Pending)+9)
		require.Equal(t, 31, many.PendMore)
		all, _ := opened(record.Open)
		require.Len(t, all.Pending, len(few.Pending)+40)
		require.Zero(t, all.PendMore)
	})
}
