package fees_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/fees"
)

func TestTwoPeopleWaiveAndGiveBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTill(t, d)
		handler, head, stranger := w.staff("handler", "CG"), w.staff("head", "CG"), w.staff("head", "GS")
		no := w.charged("CG")
		_, err := w.Read(stranger, no)
		kind(t, fault.NotFound, err)
		read := func() *fees.Staffed {
			o, err := w.Read(handler, no)
			require.NoError(t, err)
			return o
		}
		kind(t, fault.NotFound, w.Ask(stranger, no, 1, fees.Waive, "x"))
		kind(t, fault.Invalid, w.Ask(handler, no, 1, fees.Waive, ""), "reason")
		kind(t, fault.Conflict, w.Ask(handler, no, 1, fees.Refund, "x"), "fees.refund.state")
		kind(t, fault.Conflict, w.Ask(handler, no, 9, fees.Waive, "x"), "fees.changed")
		require.NoError(t, w.Ask(head, no, 1, fees.Waive, "低收入戶。"))
		kind(t, fault.Conflict, w.Ask(handler, no, 1, fees.Waive, "x"), "fees.asked")
		kind(t, fault.Forbidden, w.Decide(handler, no, read().Open().ID, true, ""))
		kind(t, fault.Forbidden, w.Decide(head, no, read().Open().ID, true, ""), "fees.own_request")
		deputy, second := w.staff("head", "CG"), w.staff("head", "CG")
		w.exec("UPDATE grants SET deputy_for_id = ? WHERE account_id = ?", actor.From(head).AccountID, actor.From(deputy).AccountID)
		kind(t, fault.Forbidden, w.Decide(deputy, no, read().Open().ID, true, ""), "fees.own_request")
		o := read()
		for _, c := range []struct {
			who      context.Context
			may, own bool
		}{{handler, false, false}, {head, false, true}, {deputy, false, true}, {second, true, false}, {stranger, false, false}} {
			may, own := w.MayDecide(c.who, &o.Order, o.Open())
			require.Equal(t, []bool{c.may, c.own}, []bool{may, own})
		}
		kind(t, fault.Invalid, w.Decide(second, no, read().Open().ID, false, ""), "note")
		require.NoError(t, w.Decide(second, no, read().Open().ID, false, "沒有證明。"))
		require.Nil(t, read().Open())
		require.NoError(t, w.Ask(deputy, no, read().Version, fees.Waive, "代首長提出。"))
		kind(t, fault.Forbidden, w.Decide(head, no, read().Open().ID, true, ""), "fees.own_request")
		may, own := w.MayDecide(head, &o.Order, read().Open())
		require.Equal(t, []bool{false, true}, []bool{may, own}, "in whose place it was asked for")
		require.NoError(t, w.Decide(second, no, read().Open().ID, false, "沒有證明。"))
		require.NoError(t, w.Ask(handler, no, read().Version, fees.Waive, "補了證明。"))
		require.NoError(t, w.Decide(deputy, no, read().Open().ID, true, ""))
		require.Equal(t, fees.Waived, read().State)
		require.Equal(t, 1, w.count("audit_entries WHERE action = 'fee.waive' AND as_account_id = ?", actor.From(head).AccountID), "in both names")
		require.Equal(t, 1, w.count("audit_entries WHERE action = 'fee.waive' AND reason = '補了證明。'"))

		no = w.charged("CG")
		w.moves(w.pay(no), 20000, 1)
		require.NoError(t, w.Ask(handler, no, read().Version, fees.Refund, "多收。"))
		require.NoError(t, w.Decide(head, no, read().Open().ID, true, ""))
		o = read()
		require.Equal(t, fees.Refunded, o.State)
		require.Len(t, o.Receipts, 2)
		require.Equal(t, fees.ReceiptRefund, o.Receipts[1].Kind)

		// Paid while the request to waive it waits: the request cannot be granted.
		no = w.charged("CG")
		p := w.pay(no)
		require.NoError(t, w.Ask(handler, no, read().Version, fees.Waive, "x"))
		w.moves(p, 20000, 1)
		kind(t, fault.Conflict, w.Decide(head, no, read().Open().ID, true, ""), "fees.waive.state")
		require.NoError(t, w.Decide(head, no, read().Open().ID, false, "已繳。"))
		require.Equal(t, fees.Paid, read().State)
	})
}

func TestACounterVoucherCountsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTill(t, d)
		handler := w.staff("handler", "CG")
		one, two := w.charged("CG"), w.charged("CG")
		kind(t, fault.Invalid, w.Collect(handler, one, 1, ""), "reference")
		require.NoError(t, w.Collect(handler, one, 1, "V-77"))
		kind(t, fault.Conflict, w.Collect(handler, one, 2, "V-78"))
		kind(t, fault.Invalid, w.Collect(handler, two, 1, "V-77"), "fees.collect.twice")
		require.Equal(t, fees.Due, w.own(two).State)
		list, _, next, err := w.List(handler, fees.Filter{State: fees.Paid})
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Empty(t, next)
		list, _, _, err = w.List(w.staff("head", "GS"), fees.Filter{})
		require.NoError(t, err)
		require.Empty(t, list)
	})
}

// Receipts of a year are numbered from 1 without a gap, whoever pays at once and
// whatever is rolled back in between.
func TestReceiptsHaveNoGap(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTill(t, d)
		handler := w.staff("handler", "CG")
		var nos []string
		for range 12 {
			nos = append(nos, w.charged("CG"))
		}
		collect := func(i int) {
			_ = w.Collect(handler, nos[i], 1, "V-"+nos[i/2*2]) // each second voucher was used before
		}
		var all sync.WaitGroup
		for i := range nos {
			all.Go(func() { collect(i) })
		}
		all.Wait()
		require.Equal(t, 6, w.count("fee_receipts"))
		require.Equal(t, 6, w.count("fee_receipts WHERE year = 2026 AND number BETWEEN 1 AND 6"))
		w.pass(60 * 24 * time.Hour)
		require.NoError(t, w.Collect(handler, w.charged("CG"), 1, "V-next"))
		require.Equal(t, 1, w.count("fee_receipts WHERE year = 2027 AND number = 1"), "a year begins anew")
	})
}

func TestMoneyIsWrittenToTheCoin(t *testing.T) {
	for want, is := range map[string]string{
		"¥200.00": fees.Money(20000, "CNY"), "¥1,500.05": fees.Money(150005, "CNY"), "NT$1,200": fees.Money(120000, "TWD"), "NT$0.50": fees.Money(50, "TWD"),
	} {
		require.Equal(t, want, is)
	}
}
