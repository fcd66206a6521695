package cases_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// The superior unit sees an appeal until it orders the case to be handled
// again. From then on the case waits in one queue, and a page lists it once.
func TestAnAppealThatWasGrantedWaitsInOneQueue(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		w.do(r.CaseNo, path(w, cases.Concluded, w.handler())...)
		listed := func() (list []cases.Status) {
			page, err := w.Queue(w.system(), cases.Filter{View: cases.ViewOpen})
			require.NoError(t, err)
			for _, i := range page.Items {
				list = append(list, i.Status)
			}
			return list
		}
		require.Empty(t, listed())
		_, err := w.Appeal(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "燈又不亮了。")
		require.NoError(t, err)
		require.Equal(t, []cases.Status{cases.Concluded}, listed())
		w.do(r.CaseNo, cases.Rework{Reason: "申訴有理由。"})
		require.Equal(t, []cases.Status{cases.Handling}, listed())
	})
}

// lists is what the inbox shows of a case to everybody together.
func (w *town) lists(no string) (n int) {
	w.t.Helper()
	page, err := w.Queue(w.system(), cases.Filter{View: cases.ViewOpen})
	require.NoError(w.t, err)
	for _, i := range page.Items {
		if i.CaseNo == no {
			n++
		}
	}
	return n
}

// roles are the units of a case by role.
func (w *town) roles(no string) map[string]string {
	w.t.Helper()
	snap, err := w.Catalogue.Snapshot(w.t.Context())
	require.NoError(w.t, err)
	v, err := w.View(w.system(), no)
	require.NoError(w.t, err)
	out := map[string]string{}
	for _, u := range v.Units {
		unit, err := snap.Unit(u.UnitID)
		require.NoError(w.t, err)
		out[u.Role] = unit.Code
	}
	return out
}

// Nobody stands above the government as a whole: it looks at its own case again,
// and stays the one who has it.
func TestAnAppealOfACaseOfTheRootStaysWithTheRoot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		c := w.commands(w.handler())
		w.do(r.CaseNo, c[cases.ActAccept], cases.Dispatch{UnitCode: "LJ"}, c[cases.ActSignIn], c[cases.ActAssign], c[cases.ActReply], c[cases.ActConclude])
		require.Equal(t, "LJ", w.roles(r.CaseNo)["lead"])
		require.Zero(t, w.lists(r.CaseNo))
		_, err := w.Appeal(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "燈又不亮了。")
		require.NoError(t, err)
		require.Equal(t, "LJ", w.roles(r.CaseNo)["lead"])
		require.Equal(t, 1, w.lists(r.CaseNo), "somebody has to look at it")
		w.do(r.CaseNo, cases.Note{Text: "已調閱。"})
		require.Equal(t, 1, w.lists(r.CaseNo), "a note settles nothing")
		w.do(r.CaseNo, cases.Rework{Reason: "申訴有理由。"}, c[cases.ActReply], c[cases.ActConclude])
		require.Zero(t, w.lists(r.CaseNo))
	})
}

func TestAnAppealIsDecidedByTheUnitAboveAndEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		below, above := w.as(w.member("head", "CG03")), w.as(w.member("head", "CG"))
		handler := w.handler()
		r := w.file()
		key := cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}
		w.do(r.CaseNo, path(w, cases.Concluded, handler)...)
		decline := cases.DecideAppeal{Text: "現場照度合於標準。"}
		_, err := w.Act(above, r.CaseNo, 0, decline)
		require.ErrorContains(t, err, "case.appeal.none")
		_, err = w.Appeal(w.guest(), key, "燈又不亮了。")
		require.NoError(t, err)
		offered := func(ctx context.Context) []cases.Action {
			v, err := w.View(ctx, r.CaseNo)
			require.NoError(t, err)
			list, err := w.Offered(ctx, v)
			require.NoError(t, err)
			return list
		}
		require.NotContains(t, offered(below), cases.ActDecideAppeal)
		require.Contains(t, offered(above), cases.ActDecideAppeal)
		_, err = w.Act(below, r.CaseNo, 0, decline)
		require.ErrorContains(t, err, "case.appeal.above")
		_, err = w.Act(above, r.CaseNo, 0, cases.DecideAppeal{})
		require.Equal(t, fault.Invalid, fault.KindOf(err), "a decision has its grounds")
		require.Equal(t, 1, w.lists(r.CaseNo))

		c, err := w.Act(above, r.CaseNo, 0, decline)
		require.NoError(t, err)
		require.Equal(t, cases.Concluded, c.Status)
		require.NotNil(t, c.ConcludedAt, "the result stands")
		require.Zero(t, w.lists(r.CaseNo), "nothing waits any more")
		require.NotContains(t, offered(above), cases.ActDecideAppeal)
		seen, err := w.Track(w.guest(), key)
		require.NoError(t, err)
		answer := seen.Messages[len(seen.Messages)-1]
		require.Equal(t, "現場照度合於標準。", answer.Text)
		snap, err := w.Catalogue.Snapshot(t.Context())
		require.NoError(t, err)
		bureau, err := snap.Unit("CG")
		require.NoError(t, err)
		require.Equal(t, bureau.ID, *answer.UnitID, "the unit that decided speaks, not the one that handled it")
		require.NotContains(t, seen.Actions, cases.ActAppeal)
		_, err = w.Appeal(w.guest(), key, "我不服。")
		require.ErrorContains(t, err, "case.appeal.final")
		var told int
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM audit_entries WHERE action = 'case.decide_appeal'").Scan(&told).Error)
		require.Equal(t, 1, told)

		w.do(r.CaseNo, cases.Rework{Reason: "上級交辦。"}, cases.Reply{Text: "再修。"}, cases.Conclude{Outcome: cases.Resolved})
		_, err = w.Appeal(w.guest(), key, "還是不亮。")
		require.NoError(t, err, "another result may be appealed")
		c, err = w.Act(above, r.CaseNo, 0, cases.DecideAppeal{Uphold: true, Text: "申訴有理由。"})
		require.NoError(t, err)
		require.Equal(t, cases.Handling, c.Status)
		require.Nil(t, c.ConcludedAt)
		require.Equal(t, 1, w.lists(r.CaseNo))
	})
}

func TestAnAppealAgainstNonAcceptanceMayBeUpheld(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		w.do(r.CaseNo, cases.NotAccept{Reason: "not_ours", Explanation: "請洽鄰市。"})
		require.Zero(t, w.lists(r.CaseNo))
		_, err := w.Appeal(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "路燈在本市。")
		require.NoError(t, err)
		require.Equal(t, 1, w.lists(r.CaseNo))
		lead := w.roles(r.CaseNo)["lead"]
		require.NotEmpty(t, lead)
		c := w.do(r.CaseNo, cases.DecideAppeal{Uphold: true, Text: "確屬本市。"})
		require.Equal(t, cases.Submitted, c.Status)
		require.Equal(t, lead, w.roles(r.CaseNo)["lead"], "the intake desk takes it in again")
		require.Equal(t, 1, w.lists(r.CaseNo))
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{})
		require.Equal(t, 1, w.lists(r.CaseNo))
	})
}

// A unit that is complained about does not decide on the appeal.
func TestAnAppealPassesOverTheUnitComplainedAbout(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	r := w.file()
	w.do(r.CaseNo, path(w, cases.Concluded, w.handler())...)
	require.NoError(t, w.db.From(t.Context()).Exec(`INSERT INTO case_parties (id, case_id, role, unit_id, relation)
 SELECT ?, c.id, 'subject', u.id, '' FROM cases c, units u WHERE c.case_no = ? AND u.code = 'CG'`, db.NewID(now), r.CaseNo).Error)
	_, err := w.Appeal(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "燈又不亮了。")
	require.NoError(t, err)
	require.Equal(t, "LJ", w.roles(r.CaseNo)["supervising"])
}
