package cases_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

var sentBack = cases.Return{Reason: "not_our_duty", Basis: "three_definitions", Explanation: "依編制屬市政設施科。"}

// held is how many cases a view holds for somebody.
func (w *town) held(account, view string) int {
	w.t.Helper()
	n, err := w.Counts(w.as(account))
	require.NoError(w.t, err)
	page, err := w.Queue(w.as(account), cases.Filter{View: view})
	require.NoError(w.t, err)
	require.Len(w.t, page.Items, n[view], "count and list of %s", view)
	return n[view]
}

func (w *town) heard() (list []string) {
	w.t.Helper()
	require.NoError(w.t, w.db.From(w.t.Context()).Raw("SELECT args FROM river_job WHERE kind = 'case.heard' ORDER BY id").Scan(&list).Error)
	return list
}

// A case goes back and forth until the unit above decides, and then no more.
func TestReturnsAreDecidedAndTheLastWordBinds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		desk, handler, head, other := w.member("dispatcher", "LJ"), w.member("handler", "CG03"), w.member("head", "CG"), w.member("head", "SW")
		r := w.file()
		act := func(who string, cmd cases.Command) (*cases.Case, error) { return w.Act(w.as(who), r.CaseNo, 0, cmd) }
		must := func(who string, cmd cases.Command) *cases.Case {
			t.Helper()
			c, err := act(who, cmd)
			require.NoError(t, err, cmd.Action())
			return c
		}
		must(desk, cases.Accept{})
		must(desk, cases.Dispatch{UnitCode: "CG03"})
		first := sentBack
		first.UnitCode = "CG02"
		c := must(handler, first)
		require.Equal(t, cases.Accepted, c.Status)
		require.Equal(t, cases.DeskDecides, c.Objection)
		require.EqualValues(t, 1, c.ReturnedCount)
		w.wait(time.Minute)
		require.Equal(t, 1, w.held(desk, cases.ViewObjections))
		require.Equal(t, 1, w.held(desk, cases.ViewReturned))
		require.Equal(t, 0, w.held(head, cases.ViewObjections), "the desk decides first")
		_, err := act(head, cases.RuleObjection{UnitCode: "CG02", Note: "由市政設施科辦理。"})
		require.Error(t, err, "not hers yet")
		_, err = act(desk, cases.DecideObjection{Agree: true, UnitCode: "CG03"})
		require.Equal(t, fault.Invalid, fault.KindOf(err), "agreeing means another unit")

		c = must(desk, cases.DecideObjection{Note: "路燈列於貴科職責。"})
		require.Equal(t, cases.Dispatched, c.Status)
		require.Empty(t, c.Objection)
		v, err := w.View(w.as(handler), r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, "路燈列於貴科職責。", v.Events[len(v.Events)-1].Text)
		require.False(t, v.Events[len(v.Events)-1].Public, "no news for the citizen")

		c = must(handler, first)
		require.Equal(t, cases.SuperiorDecides, c.Objection)
		for _, cmd := range []cases.Command{cases.DecideObjection{Agree: true, UnitCode: "CG02"}, cases.Dispatch{UnitCode: "CG02"},
			cases.RequestInfo{Question: "哪裡？"}, cases.NotAccept{Reason: "not_ours", Explanation: "請洽鄰市。"}} {
			_, err = act(desk, cmd)
			require.ErrorContains(t, err, "case.objection.superior", cmd.Action())
		}
		w.wait(time.Minute)
		require.Equal(t, 0, w.held(desk, cases.ViewObjections))
		require.Equal(t, 1, w.held(head, cases.ViewObjections), "both units are hers")
		require.Equal(t, 0, w.held(other, cases.ViewObjections))
		_, err = act(other, cases.RuleObjection{UnitCode: "SW01", Note: "由本局辦理。"})
		require.Error(t, err)

		v, err = w.View(w.as(head), r.CaseNo)
		require.NoError(t, err)
		offered, err := w.Offered(w.as(head), v)
		require.NoError(t, err)
		require.Contains(t, offered, cases.ActRuleObjection)
		c = must(head, cases.RuleObjection{First: true, Note: "查無其他主管科，首接單位主辦。"})
		require.Equal(t, cases.Dispatched, c.Status)
		v, err = w.View(w.as(handler), r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, c.UnitID, v.FirstReceiver())
		offered, err = w.Offered(w.as(handler), v)
		require.NoError(t, err)
		require.NotContains(t, offered, cases.ActReturn)
		_, err = act(handler, sentBack)
		require.ErrorContains(t, err, "case.return.bound")
		_, err = act(desk, cases.Redispatch{UnitCode: "CG02", Note: "改分。"})
		require.ErrorContains(t, err, "case.redispatch.bound")
		must(handler, cases.SignIn{})
		_, err = act(handler, sentBack)
		require.ErrorContains(t, err, "case.return.bound")
		require.Len(t, w.heard(), 4, "two objections and their decisions")
		w.wait(time.Minute)
		require.Equal(t, 0, w.held(head, cases.ViewObjections))
		require.Equal(t, 1, w.held(head, cases.ViewReturned))
	})
}

func TestTheUnitAboveAllThatDisputeDecides(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	head, city := w.member("head", "CG"), w.member("supervisor", "LJ")
	r := w.file()
	across := sentBack
	across.UnitCode = "SW01"
	w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"}, across, cases.DecideObjection{Note: "屬貴科。"}, across)
	_, err := w.Act(w.as(head), r.CaseNo, 0, cases.RuleObjection{UnitCode: "CG02", Note: "由市政設施科辦理。"})
	require.Error(t, err, "a bureau does not decide on what another shall do")
	w.wait(time.Minute)
	require.Equal(t, 1, w.held(city, cases.ViewObjections))
	c, err := w.Act(w.as(city), r.CaseNo, 0, cases.RuleObjection{UnitCode: "SW01", Note: "由水務局辦理。"})
	require.NoError(t, err)
	require.NotNil(t, c.BoundUnitID)
	c, err = w.Act(w.as(city), r.CaseNo, 0, cases.Redispatch{UnitCode: "CG02", Note: "另有考量。"})
	require.NoError(t, err, "who designates may designate otherwise")
	require.Equal(t, c.UnitID, *c.BoundUnitID)
	_, err = w.Act(w.system(), r.CaseNo, 0, sentBack)
	require.ErrorContains(t, err, "case.return.bound")
}

func TestACaseIsReturnedWithinItsLimit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r, fast := w.file(), w.file()
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"})
		c := w.do(fast.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"})
		by, err := w.ReturnBy(w.system(), c)
		require.NoError(t, err)
		require.True(t, by.After(w.clock()))
		w.at = *by
		w.do(fast.CaseNo, sentBack)
		w.wait(time.Second)
		_, err = w.Act(w.system(), r.CaseNo, 0, sentBack)
		require.ErrorContains(t, err, "case.return.late")
		v, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		offered, err := w.Offered(w.system(), v)
		require.NoError(t, err)
		require.NotContains(t, offered, cases.ActReturn)
	})
}

// rules sets the clock rules of the usual matter.
func (w *town) rules(written string) {
	w.t.Helper()
	tx := w.db.From(w.t.Context())
	require.NoError(w.t, tx.Exec("UPDATE matters SET clock_rules = ?, version = version + 1 WHERE code = 'street-light'", written).Error)
	require.NoError(w.t, tx.Exec("UPDATE reference_state SET revision = ? WHERE area = 'catalogue'", db.NewID(w.clock())).Error)
	w.wait(2 * time.Second) // the catalogue is looked at once a second
}

// A matter says how long a unit may object, and from when on the unit above decides.
func TestAMatterSetsHowCasesAreReturned(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	w.rules(`{"return": "2h", "returns": 1}`)
	r, late := w.file(), w.file()
	w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"})
	w.do(late.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"})
	w.wait(time.Hour)
	require.Equal(t, cases.SuperiorDecides, w.do(r.CaseNo, sentBack).Objection)
	w.wait(2 * time.Hour)
	_, err := w.Act(w.system(), late.CaseNo, 0, sentBack)
	require.ErrorContains(t, err, "case.return.late")
}

func TestTwoWhoDecideAtOnceDecideOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		c := w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"}, sentBack)
		cmds := []cases.Command{cases.DecideObjection{Note: "屬貴科。"}, cases.DecideObjection{Agree: true, UnitCode: "CG02"}, cases.Dispatch{UnitCode: "SW01"}}
		errs := make([]error, len(cmds))
		var done sync.WaitGroup
		for i, cmd := range cmds {
			done.Add(1)
			go func() {
				defer done.Done()
				_, errs[i] = w.Act(w.system(), r.CaseNo, c.Version, cmd)
			}()
		}
		done.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)
		}
		require.Equal(t, 1, won)
		_, err := w.Act(w.system(), r.CaseNo, c.Version, cmds[0])
		require.ErrorContains(t, err, "case.changed", "a double click says what happened")
		_, err = w.Act(w.system(), r.CaseNo, 0, cases.DecideObjection{Note: "屬貴科。"})
		require.Equal(t, fault.Conflict, fault.KindOf(err))
	})
}

// What overtakes an objection ends it: the case waits in nobody's queue for it.
func TestAnObjectionEndsWithItsCase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		head := w.member("head", "CG")
		proposal := sentBack
		proposal.UnitCode = "CG02"
		r := w.file()
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"}, proposal, cases.DecideObjection{Note: "屬貴科。"}, proposal)
		w.wait(time.Minute)
		require.Equal(t, 1, w.held(head, cases.ViewObjections))
		_, err := w.Withdraw(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "")
		require.NoError(t, err)
		w.wait(time.Minute)
		require.Equal(t, 0, w.held(head, cases.ViewObjections))
		require.Equal(t, 0, w.held(head, cases.ViewReturned))

		asked := w.file()
		w.do(asked.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"}, cases.Return{Reason: "too_little", Explanation: "未說明路口。"},
			cases.RequestInfo{Question: "請問在哪個路口？"})
		c, err := w.Say(w.guest(), cases.Key{CaseNo: asked.CaseNo, QueryCode: asked.QueryCode}, "中山路口")
		require.NoError(t, err)
		require.Equal(t, cases.Accepted, c.Status)
		require.Empty(t, c.Objection)
	})
}

func TestWhoDecidesHearsOfAReturn(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	desk, handler, head := w.member("dispatcher", "LJ"), w.member("handler", "CG03"), w.member("head", "CG03")
	r := w.file()
	c := w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"})
	c, err := w.Act(w.as(handler), r.CaseNo, c.Version, sentBack)
	require.NoError(t, err)
	who, err := w.Hearers(w.system(), cases.Heard{CaseID: c.ID, About: cases.HearObjection})
	require.NoError(t, err)
	require.Equal(t, []string{desk}, who)
	w.do(r.CaseNo, cases.DecideObjection{Note: "屬貴科。"})
	who, err = w.Hearers(w.system(), cases.Heard{CaseID: c.ID, About: cases.HearDecided})
	require.NoError(t, err)
	require.ElementsMatch(t, []string{handler, head}, who)
	who, err = w.Hearers(w.system(), cases.Heard{CaseID: c.ID, About: cases.HearObjection})
	require.NoError(t, err)
	require.Empty(t, who, "it is decided")
}
