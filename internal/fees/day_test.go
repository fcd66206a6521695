package fees_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/fees"
)

// The books of a day beside the list of the bank: what differs is named, and what was
// missed is booked once.
func TestADayIsReconciledWithTheBank(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTill(t, d)
		all, bureau := w.staff("supervisor", "LJ"), w.staff("supervisor", "CG")
		day := calendar.DateOf(start, zone)
		books := func() *fees.DayBooks {
			t.Helper()
			b, err := w.Reconcile(all, day)
			require.NoError(t, err)
			return b
		}
		require.Empty(t, books().Sums)
		good, less, lost, gone := w.charged("CG"), w.charged("CG"), w.charged("GS"), w.charged("GS")
		w.moves(w.pay(good), 20000, 1)
		w.moves(w.pay(less), 15000, 1)
		b := books()
		require.Empty(t, b.Differences, "money that fits no order is booked, and both have it")
		require.Equal(t, []fees.Sum{{Currency: "CNY", Booked: 35000, Listed: 35000, BookedN: 2, ListedN: 2, Loose: 15000, LooseN: 1}}, b.Sums)

		_, _, err := w.bank.Move(w.pay(lost).ID, fees.StatusPaid, 20000) // nobody tells
		require.NoError(t, err)
		w.moves(w.pay(gone), 20000, 1)
		w.exec("UPDATE fee_arrivals SET provider_ref = 'other' WHERE order_id = (SELECT id FROM fee_orders WHERE order_no = ?)", gone)
		w.exec("UPDATE fee_arrivals SET amount = 19000 WHERE order_id = (SELECT id FROM fee_orders WHERE order_no = ?)", good)
		b = books()
		kinds := map[string]int{}
		for _, x := range b.Differences {
			kinds[x.Kind]++
			switch x.Kind {
			case fees.Unequal:
				require.Equal(t, []any{good, int64(19000), int64(20000)}, []any{x.OrderNo, x.Booked, x.Listed})
			case fees.Unlisted:
				require.Equal(t, []any{gone, "other", int64(20000), ""}, []any{x.OrderNo, x.ProviderRef, x.Booked, x.ListedIn})
			}
		}
		require.Equal(t, map[string]int{fees.Unequal: 1, fees.Unlisted: 1, fees.Unbooked: 2}, kinds)
		n, err := w.BookDay(all, day)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.Equal(t, fees.Paid, w.own(lost).State, "what fits its order pays it")
		require.Equal(t, "2026-000003", w.own(lost).Receipt(fees.ReceiptPayment).No())
		require.Equal(t, 1, w.count("fee_receipts WHERE order_id = (SELECT id FROM fee_orders WHERE order_no = ?)", gone), "paid already: it waits for somebody")
		n, err = w.BookDay(all, day)
		require.NoError(t, err)
		require.Zero(t, n, "again, nothing is booked twice")
		require.Len(t, books().Differences, 2)

		other, err := w.Reconcile(all, day.Add(-1))
		require.NoError(t, err)
		require.Empty(t, other.Sums)
		_, err = w.Reconcile(all, day.Add(1))
		kind(t, fault.Invalid, err, "fees.day.ahead")
		_, err = w.Reconcile(bureau, day)
		kind(t, fault.Forbidden, err, "fees.day.root")
		_, err = w.BookDay(w.staff("head", "LJ"), day)
		kind(t, fault.Forbidden, err)
		w.bank.down = true
		_, err = w.Reconcile(all, day)
		kind(t, fault.Unavailable, err, "fees.day.down")
		w.Provider = nil
		_, err = w.Reconcile(all, day)
		kind(t, fault.Conflict, err, "fees.day.none")
	})
}

// The gateway asks for a day with a signature, and takes no list that is not whole.
func TestTheGatewayListsADay(t *testing.T) {
	one := fees.Told{PaymentID: "p1", Ref: "B1", Status: fees.StatusPaid, Amount: 20000, Currency: "CNY", PaidAt: start}
	good, err := json.Marshal(map[string]any{"payments": []fees.Told{one}})
	require.NoError(t, err)
	status, answer := 200, string(good)
	var asked *http.Request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	g, err := fees.OpenGateway(strings.Replace(s.URL, "://", "://city:hunter2@", 1)+"/v1", func() time.Time { return start })
	require.NoError(t, err)
	day := calendar.NewDate(2026, 11, 24)
	list, err := g.Day(context.Background(), day, zone)
	require.NoError(t, err)
	require.Equal(t, []fees.Told{one}, list)
	h := http.Header{}
	fees.Sign(h, []byte("hunter2"), []byte("GET /v1/days/2026-11-24\n"), start)
	require.Equal(t, h.Get(fees.HeaderSignature), asked.Header.Get(fees.HeaderSignature))
	for _, bad := range []string{`{}`, `{"payments":[{"id":"p1","status":"pending"}]}`, `{"payments":[{"id":"p1","status":"paid"}]}`, string(good[:20])} {
		answer = bad
		_, err := g.Day(context.Background(), day, zone)
		require.Error(t, err, bad)
		require.NotErrorIs(t, err, fees.ErrUnknown)
	}
	status = 404
	_, err = g.Day(context.Background(), day, zone)
	require.ErrorIs(t, err, fees.ErrUnknown)
}
