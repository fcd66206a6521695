package permits_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/permits"
)

// neighbour is a third party that is told.
func neighbour() permits.ThirdParty {
	return permits.ThirdParty{Kind: permits.InterestedPerson, Name: "陳大文", Mail: "Neighbour@Example.org", Reason: "廚房的排煙口對著您的窗戶。", Intends: "在中山路 5 號一樓開餐館。", Days: "5"}
}

// told names a neighbour and gives the link that they got.
func (w *town) told(handler context.Context, no string) (id, token string) {
	w.t.Helper()
	var letters []string
	w.TellsInterested = func(_ context.Context, id string) error {
		letters = append(letters, id)
		return nil
	}
	_, err := w.TellInterested(handler, no, 0, neighbour())
	require.NoError(w.t, err)
	require.Len(w.t, letters, 1)
	letter, err := w.Letter(w.t.Context(), letters[0])
	require.NoError(w.t, err)
	require.Equal(w.t, "neighbour@example.org", letter.Mail)
	require.Equal(w.t, "食品經營許可", letter.Title)
	return letters[0], strings.TrimPrefix(letter.LinkPath, permits.InterestedPath)
}

// Art. 36: until the days of a third party are over no decision is drafted; whoever says
// nothing holds up nothing longer. Five working days from Monday, 2 March 2026, end on the
// 9th. The applicant hears that somebody is heard, not who.
func TestTheDecisionWaitsForThirdParties(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler, head, other := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03"), w.staff("other", "handler", "CG01")
		id, no := w.apply(ming)
		_, err := w.TellInterested(handler, no, 0, neighbour())
		kind(t, fault.Conflict, err, "permit.not_now")
		_, err = w.Examine(handler, no, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		_, err = w.cases.Act(handler, no, 0, cases.Assign{})
		require.NoError(t, err)
		for field, change := range map[string]func(*permits.ThirdParty){
			"kind": func(p *permits.ThirdParty) { p.Kind = "cat" }, "name": func(p *permits.ThirdParty) { p.Name = " " }, "mail": func(p *permits.ThirdParty) { p.Mail = "x@" },
			"reason": func(p *permits.ThirdParty) { p.Reason = "" }, "intends": func(p *permits.ThirdParty) { p.Intends = "" },
			"days": func(p *permits.ThirdParty) { p.Days = "2" }, "days ": func(p *permits.ThirdParty) { p.Days = "21" },
		} {
			bad := neighbour()
			change(&bad)
			_, err := w.TellInterested(handler, no, 0, bad)
			kind(t, fault.Invalid, err, strings.TrimSpace(field)+" ")
		}
		_, err = w.TellInterested(other, no, 0, neighbour())
		kind(t, fault.NotFound, err)
		w.told(handler, no)

		for _, grants := range []bool{true, false} {
			_, err = w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &grants, Reasons: "不合規定。"})
			kind(t, fault.Conflict, err, "permit.interested.wait")
		}
		page, err := w.InterestedPage(handler, no)
		require.NoError(t, err)
		require.Len(t, page.Interested, 1)
		one := &page.Interested[0]
		require.Equal(t, []any{"陳大文", "neighbour@example.org", date(t, "2026-03-09"), true}, []any{one.Name, one.Mail, one.StateBy(page.Calendar).On, one.Waits(page.Calendar, w.clock())})
		require.Empty(t, page.Links, "what went to an address nobody else answers")
		o := w.own(ming, id)
		require.Len(t, o.Interested, 1)
		require.Empty(t, o.Interested[0].Name)
		for _, table := range []string{"case_messages WHERE text LIKE '%陳大文%'", "case_events WHERE text LIKE '%陳大文%'", "case_messages WHERE text LIKE '%排煙口%'"} {
			require.Zero(t, rows(t, d, table), table)
		}
		require.Equal(t, 1, rows(t, d, "case_messages WHERE case_id = ? AND text LIKE '%2026-03-09%'", o.Case.ID))

		w.be(date(t, "2026-03-09").End(china(t).Zone()).Add(-1))
		yes := true
		_, err = w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &yes})
		kind(t, fault.Conflict, err, "permit.interested.wait")
		w.be(at(t, "2026-03-10"))
		_, err = w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &yes})
		require.NoError(t, err)
		_, err = w.TellInterested(handler, no, 0, neighbour())
		require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)

		// Neither is it signed or made while somebody waits, however that came about.
		again := func(at any) {
			t.Helper()
			require.NoError(t, d.From(t.Context()).Exec("UPDATE permit_interested SET told_at = ?", at).Error)
		}
		again(w.clock())
		_, err = w.cases.Act(head, no, 0, cases.ReviewReply{Approve: true})
		kind(t, fault.Conflict, err, "permit.interested.wait")
		again(at(t, "2026-03-02"))
		_, err = w.cases.Act(head, no, 0, cases.ReviewReply{Approve: true})
		require.NoError(t, err)
		again(w.clock())
		_, err = w.Decide(handler, no, 0)
		kind(t, fault.Conflict, err, "permit.interested.wait")
		again(at(t, "2026-03-02"))
		_, err = w.Decide(handler, no, 0)
		require.NoError(t, err)
		require.Equal(t, permits.Granted, stateOf(t, d, id))
	})
}

// A third party states their case by the link, once however often it is pressed; then
// nothing waits for them any more. Staff read it in the story, the applicant that it came.
func TestAThirdPartyStatesTheirCaseByTheLink(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler := w.person("ming"), w.staff("handler", "handler", "CG03")
		_, no := w.accepted(ming, handler)
		id, token := w.told(handler, no)
		for _, wrong := range []string{"", "x", id, id + ".", token + "0", strings.ToLower(token[:len(token)-1]) + "!"} {
			_, err := w.HeardBy(t.Context(), wrong)
			kind(t, fault.NotFound, err, "permit.interested.missing")
			kind(t, fault.NotFound, w.StateByLink(t.Context(), wrong, "x"))
		}
		kind(t, fault.Invalid, w.StateByLink(t.Context(), token, " "), "statement ")
		one, err := w.HeardBy(t.Context(), token)
		require.NoError(t, err)
		require.Equal(t, []any{no, date(t, "2026-03-09"), false, "食品經營許可", "在中山路 5 號一樓開餐館。"}, []any{one.CaseNo, one.By.On, one.Over, one.TypeName.In("zh-Hant"), one.Intends})
		var all sync.WaitGroup
		errs := make([]error, 3)
		for i := range errs {
			all.Go(func() { errs[i] = w.StateByLink(t.Context(), token, "油煙會進我家。") })
		}
		all.Wait()
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
				continue
			}
			require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)
		}
		require.Equal(t, 1, done)
		kind(t, fault.Conflict, w.StateByLink(t.Context(), token, "再說一次。"), "permit.interested.stated")
		one, err = w.HeardBy(t.Context(), token)
		require.NoError(t, err)
		require.Equal(t, "油煙會進我家。", one.Statement)
		_, err = w.Letter(t.Context(), id)
		kind(t, fault.NotFound, err)

		v, err := w.cases.View(handler, no)
		require.NoError(t, err)
		last := v.Events[len(v.Events)-1]
		require.Equal(t, cases.ActInterested, last.Action)
		require.Contains(t, last.Text, "油煙會進我家。")
		require.Zero(t, rows(t, d, "case_messages WHERE text LIKE '%油煙%'"), "the applicant reads that it came")
		require.Equal(t, 1, rows(t, d, "audit_entries WHERE action = 'permit.interested.state'"))
		yes := true
		_, err = w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &yes})
		require.NoError(t, err, "nobody is waited for any more")
	})
}

// What comes on paper is entered with its day; what comes late is heard as long as nobody
// has drafted, and no longer.
func TestAStatementOnPaperAndALateOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler := w.person("ming"), w.staff("handler", "handler", "CG03")
		_, no := w.accepted(ming, handler)
		first, _ := w.told(handler, no)
		_, late := w.told(handler, no)
		_, silent := w.told(handler, no)
		paper := neighbour()
		paper.Mail = ""
		_, err := w.TellInterested(handler, no, 0, paper)
		require.NoError(t, err)
		page, err := w.InterestedPage(handler, no)
		require.NoError(t, err)
		require.Len(t, page.Links, 1)
		link := page.Links[page.Interested[3].ID]
		require.NoError(t, w.StateByLink(t.Context(), strings.TrimPrefix(link, permits.InterestedPath), "收到信了，反對。"))
		w.be(at(t, "2026-03-04"))
		enter := func(id, day, text string) error {
			_, err := w.EnterStatement(handler, no, 0, permits.PaperStatement{ID: id, Day: day, Text: text})
			return err
		}
		kind(t, fault.Invalid, enter(first, "2026-03-01", "反對。"), "day ")
		kind(t, fault.Invalid, enter(first, "2026-03-05", "反對。"), "day ")
		kind(t, fault.Invalid, enter(first, "2026-03-03", ""), "statement ")
		kind(t, fault.NotFound, enter(db.NewID(w.clock()), "2026-03-03", "反對。"))
		require.NoError(t, enter(first, "2026-03-03", "反對。"))
		kind(t, fault.Conflict, enter(first, "2026-03-03", "反對。"), "permit.interested.stated")
		page, err = w.InterestedPage(handler, no)
		require.NoError(t, err)
		require.Equal(t, []any{date(t, "2026-03-03"), actor.From(handler).AccountID, "反對。"}, []any{*page.Interested[0].StatedOn, *page.Interested[0].StatedByID, page.Interested[0].Statement})
		yes := true
		_, err = w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &yes})
		kind(t, fault.Conflict, err, "permit.interested.wait")
		w.be(at(t, "2026-03-11"))
		require.NoError(t, w.StateByLink(t.Context(), late, "來晚了，但是反對。"))
		_, err = w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &yes})
		require.NoError(t, err)
		kind(t, fault.Conflict, w.StateByLink(t.Context(), silent, "太晚了。"), "permit.interested.over")
		one, err := w.HeardBy(t.Context(), silent)
		require.NoError(t, err)
		require.True(t, one.Over)
	})
}

// With the applicant's records go the names, addresses and words of third parties; that
// they were told and heard stays.
func TestThirdPartiesAreErasedWithTheApplication(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler := w.person("ming"), w.staff("handler", "handler", "CG03")
		_, no := w.accepted(ming, handler)
		_, token := w.told(handler, no)
		require.NoError(t, w.StateByLink(t.Context(), token, "油煙會進我家。"))
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error { return w.Erase(ctx, []string{actor.From(ming).ConstituentID}) }))
		require.Equal(t, 1, rows(t, d, "permit_interested WHERE name_cipher IS NULL AND mail_cipher IS NULL AND statement_cipher IS NULL AND stated_at IS NOT NULL"))
		page, err := w.InterestedPage(handler, no)
		require.NoError(t, err)
		require.Empty(t, page.Interested[0].Name+page.Interested[0].Mail+page.Interested[0].Statement)
	})
}
