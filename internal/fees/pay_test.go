package fees_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/fees"
	"minqing/internal/i18n"
)

func TestAFeeIsPaidOnceHoweverOftenItIsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTill(t, d)
		var heard []bool
		w.Tell = func(_ context.Context, _ *fees.Order, paid bool) error { heard = append(heard, paid); return nil }
		no := w.charged("CG")
		o := w.own(no)
		require.Equal(t, fees.Due, o.State)
		held, err := w.Holds(context.Background(), o.CaseID)
		require.NoError(t, err)
		require.True(t, held)

		p := w.pay(no)
		require.Equal(t, "https://minqing.test/sandbox/pay/"+p.ID, p.PayURL)
		require.Equal(t, p.ID, w.pay(no).ID, "who pays once more goes on with the same payment")
		w.moves(p, 20000, 2)
		require.Equal(t, []bool{false, true}, heard, "the payer hears of each once")

		o = w.own(no)
		require.Equal(t, fees.Paid, o.State)
		require.Equal(t, "2026-000001", o.Receipt(fees.ReceiptPayment).No())
		require.Equal(t, fees.PaymentPaid, o.Payment.State)
		require.Equal(t, 1, w.count("fee_arrivals"))
		require.Equal(t, 1, w.count("audit_entries WHERE action = 'fee.arrive'"))
		held, err = w.Holds(context.Background(), o.CaseID)
		require.NoError(t, err)
		require.False(t, held)
		_, err = w.Pay(w.me(), no, o.Version, i18n.En)
		kind(t, fault.Conflict, err, "fees.pay.state.paid")

		other := actor.With(context.Background(), actor.Actor{Kind: actor.Citizen, ConstituentID: db.NewID(start)})
		_, err = w.Own(other, no)
		kind(t, fault.NotFound, err)
	})
}

// Two callbacks at once, and two members who pay at once: one arrival, one receipt,
// one payment.
func TestTwoAtOnceAreOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTill(t, d)
		no := w.charged("CG")
		version := w.own(no).Version
		var both sync.WaitGroup
		for range 4 {
			both.Go(func() { _, _ = w.Pay(w.me(), no, version, i18n.En) })
		}
		both.Wait()
		require.Equal(t, 1, w.count("fee_payments"))
		h, body, err := w.bank.Move(w.own(no).Payment.ID, fees.StatusPaid, 20000)
		require.NoError(t, err)
		errs := make([]error, 4)
		for i := range errs {
			both.Go(func() { errs[i] = w.Hear(context.Background(), "sandbox", h, body) })
		}
		both.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		require.Equal(t, 1, w.count("fee_arrivals"))
		require.Equal(t, 1, w.count("fee_receipts"))
	})
}

func TestWhatFitsNoOrderIsNotAccepted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTill(t, d)
		above, beside := w.staff("supervisor", "LJ"), w.staff("supervisor", "GS")

		other := w.charged("CG")
		w.moves(w.pay(other), 19999, 2) // another amount
		o := w.own(other)
		require.Equal(t, fees.Due, o.State)
		require.True(t, o.Waits)
		require.Empty(t, o.Receipts)
		_, err := w.Pay(w.me(), other, o.Version, i18n.En)
		kind(t, fault.Conflict, err, "fees.pay.looked_at")

		late := w.charged("CG") // the application was withdrawn before the money came
		p := w.pay(late)
		require.NoError(t, w.Cancel(system(), w.own(late).CaseID))
		w.moves(p, 20000, 1)
		require.Equal(t, fees.Cancelled, w.own(late).State)

		twice := w.charged("CG") // paid at two places
		p = w.pay(twice)
		w.moves(p, 20000, 1)
		w.moves(p, 20000, 1)

		nobodys := fees.Payment{ID: db.NewID(start.Add(time.Hour))} // of which we know nothing
		_, err = w.bank.Start(context.Background(), fees.Bill{ID: nobodys.ID, Currency: "CNY"})
		require.NoError(t, err)
		w.moves(&nobodys, 500, 2)

		list, err := w.Strays(above, false)
		require.NoError(t, err)
		var found []fees.Outcome
		var one fees.Stray
		for _, s := range list {
			if found = append(found, s.Outcome); s.Outcome == fees.OtherSum {
				one = s
			}
		}
		require.ElementsMatch(t, []fees.Outcome{fees.OtherSum, fees.NotDue, fees.NotDue, fees.NoPayment}, found)
		require.Equal(t, other, one.OrderNo)
		require.EqualValues(t, 20000, one.Owed)
		none, err := w.Strays(beside, false)
		require.NoError(t, err)
		require.Empty(t, none, "of other units")
		kind(t, fault.NotFound, w.Settle(beside, one.ID, one.Version, "x"))
		kind(t, fault.Invalid, w.Settle(above, one.ID, one.Version, " "), "settlement")
		require.NoError(t, w.Settle(above, one.ID, one.Version, "已退回。"))
		kind(t, fault.Conflict, w.Settle(above, one.ID, one.Version, "已退回。"))
		list, err = w.Strays(above, false)
		require.NoError(t, err)
		require.Len(t, list, 3)
		w.moves(w.pay(other), 20000, 1) // after it was settled, it can be paid
		require.Equal(t, fees.Paid, w.own(other).State)
	})
}

// signed is a call that the sandbox did not make by itself.
func signed(t *testing.T, w *till, body string) (http.Header, []byte) {
	t.Helper()
	h := http.Header{}
	fees.Sign(h, []byte("guessed"), []byte(body), w.clock())
	return h, []byte(body)
}

func TestForgedAndOldCallsLeaveNoTrace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTill(t, d)
		no := w.charged("CG")
		p := w.pay(no)
		before := w.count("audit_entries")
		h, body := signed(t, w, `{"id":"`+p.ID+`","payment_id":"X-1","status":"paid","amount":20000,"currency":"CNY"}`)
		kind(t, fault.Forbidden, w.Hear(context.Background(), "sandbox", h, body))
		h, body, err := w.bank.Move(p.ID, fees.StatusPaid, 20000)
		require.NoError(t, err)
		kind(t, fault.Forbidden, w.Hear(context.Background(), "sandbox", http.Header{}, body))
		changed := append([]byte{}, body...)
		changed[len(changed)-2] ^= 1
		kind(t, fault.Forbidden, w.Hear(context.Background(), "sandbox", h, changed))
		w.pass(6 * time.Minute)
		kind(t, fault.Forbidden, w.Hear(context.Background(), "sandbox", h, body), "fees.told.forged")
		kind(t, fault.NotFound, w.Hear(context.Background(), "another", h, body))
		require.Zero(t, w.count("fee_arrivals"))
		require.Equal(t, before, w.count("audit_entries"))
		require.Equal(t, fees.Due, w.own(no).State)
	})
}

// A call that was lost: the job asks. A bank that is down says so, and the order
// stays due.
func TestTheJobAsksAboutWhatNobodyTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTill(t, d)
		no := w.charged("CG")
		w.bank.down = true
		_, err := w.Pay(w.me(), no, w.own(no).Version, i18n.En)
		kind(t, fault.Unavailable, err, "fees.provider.down")
		require.Equal(t, fees.Due, w.own(no).State)
		w.bank.down = false
		p := w.pay(no)
		require.Equal(t, 1, w.count("fee_payments"), "tried again, it is the same payment")

		_, _, err = w.bank.Move(p.ID, fees.StatusPaid, 20000) // and the call is lost
		require.NoError(t, err)
		require.NoError(t, w.AskOpen(system()))
		require.Equal(t, fees.Due, w.own(no).State, "a payer has two minutes")
		w.pass(3 * time.Minute)
		w.bank.down = true
		require.Error(t, w.AskOpen(system()))
		w.bank.down = false
		require.NoError(t, w.AskOpen(system()))
		require.Equal(t, fees.Paid, w.own(no).State)
		require.NoError(t, w.AskOpen(system()))
		require.Equal(t, 1, w.count("fee_receipts"))

		given := w.charged("CG") // nobody pays for a day
		p = w.pay(given)
		w.pass(25 * time.Hour)
		require.NoError(t, w.AskOpen(system()))
		o := w.own(given)
		require.Equal(t, fees.PaymentFailed, o.Payment.State)
		require.Equal(t, fees.Due, o.State)
		next := w.pay(given)
		require.NotEqual(t, p.ID, next.ID)
		h, body, err := w.bank.Move(next.ID, fees.StatusFailed, 0)
		require.NoError(t, err)
		require.NoError(t, w.Hear(context.Background(), "sandbox", h, body))
		require.NoError(t, w.AskOwn(w.me(), given))
		require.Equal(t, fees.PaymentFailed, w.own(given).Payment.State)
	})
}
