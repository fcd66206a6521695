package audit_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

var start = time.Date(2026, 11, 24, 9, 0, 0, 123456789, time.UTC)

func trail(d *db.DB) *audit.Service { return audit.New(d, func() time.Time { return start }) }

func record(t testing.TB, d *db.DB, s *audit.Service, entries ...audit.Entry) {
	t.Helper()
	require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error {
		for _, e := range entries {
			if err := s.Record(ctx, e); err != nil {
				return err
			}
		}
		return nil
	}))
}

func count(t testing.TB, d *db.DB, table string) (n int) {
	t.Helper()
	require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM "+table).Scan(&n).Error)
	return n
}

func TestAnEntryNeedsATransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		require.Error(t, trail(d).Record(t.Context(), audit.Entry{Action: "case.accept", Kind: "case", ID: "x"}))
		require.Zero(t, count(t, d, "audit_entries"))
	})
}

func TestAnEntryGoesWithItsChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		no := errors.New("no")
		require.ErrorIs(t, d.Tx(t.Context(), func(ctx context.Context) error {
			require.NoError(t, trail(d).Record(ctx, audit.Entry{Action: "case.accept", Kind: "case", ID: "x"}))
			return no
		}), no)
		require.Zero(t, count(t, d, "audit_entries"))
	})
}

func TestAnEntrySaysWhoDidWhatAsWhomFromWhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := trail(d)
		me, colleague := db.NewID(start), db.NewID(start)
		ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: me, AsAccountID: colleague, IP: "192.0.2.1", RequestID: "r1"})
		require.NoError(t, d.Tx(ctx, func(ctx context.Context) error {
			return s.Record(ctx, audit.Entry{Action: "case.return", Kind: "case", ID: "20261124-000017", Reason: "退回：缺少附件",
				Fields: []audit.Change{{Field: "status", Before: "dispatched", After: "returned"}, {Field: "phone"}}})
		}))
		require.NoError(t, d.Tx(actor.AsSystem(t.Context(), "clocks.warn"), func(ctx context.Context) error {
			return s.Record(ctx, audit.Entry{Action: "case.warn", Kind: "case", ID: "20261124-000017"})
		}))
		var rows []audit.Row
		require.NoError(t, d.From(t.Context()).Order("id").Find(&rows).Error)
		require.Len(t, rows, 2)
		r := rows[0]
		require.Equal(t, start.Truncate(time.Microsecond), r.At)
		require.Equal(t, []string{"staff", me, colleague, "192.0.2.1", "r1"}, []string{r.ActorKind, *r.AccountID, *r.AsAccountID, r.IP, r.RequestID})
		require.Equal(t, []string{"case.return", "case", "20261124-000017", "退回：缺少附件"}, []string{r.Action, r.ObjectKind, r.ObjectID, r.Reason})
		require.JSONEq(t, `[{"field":"status","before":"dispatched","after":"returned"},{"field":"phone"}]`, r.Changes)
		require.Nil(t, rows[1].AccountID)
		require.Equal(t, []string{"system", "clocks.warn", "[]"}, []string{rows[1].ActorKind, rows[1].Job, rows[1].Changes})
	})
}

func TestOddBytesNeitherFailTheActNorBreakTheChain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := trail(d)
		record(t, d, s, audit.Entry{Action: "a", Kind: "case", ID: "x\x00", Reason: "nul\x00 and \xff <&> \u2028 😀",
			Fields: []audit.Change{{Field: "title", Before: "\x00\xfe", After: "\" \\ \t </script>"}}})
		n, err := s.Seal(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		_, err = s.Verify(t.Context())
		require.NoError(t, err)
		var r audit.Row
		require.NoError(t, d.From(t.Context()).Take(&r).Error)
		require.Equal(t, "nul and \uFFFD <&> \u2028 😀", r.Reason)
	})
}

func TestAnEntryWrittenBesideOthersInOneStatementVerifies(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := trail(d)
		r, err := s.Prepare(t.Context(), audit.Entry{Action: "case.file", Kind: "case", ID: "x", Fields: []audit.Change{{Field: "title"}}})
		require.NoError(t, err)
		require.NoError(t, d.InsertAll(t.Context(), db.Stmt{SQL: audit.Insert, Args: r.Args()}))
		_, err = s.Seal(t.Context())
		require.NoError(t, err)
		n, err := s.Verify(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	})
}

func TestAReadOfPersonalDataIsLogged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		me := db.NewID(start)
		ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: me, RequestID: "r1"})
		require.NoError(t, trail(d).Read(ctx, "constituent", "c1", []string{"phone", "name"}, "call back"))
		require.NoError(t, trail(d).Read(ctx, "constituent", "c1", nil, ""))
		var rows []struct{ AccountID, ObjectID, Fields, Reason string }
		require.NoError(t, d.From(ctx).Raw("SELECT * FROM audit_reads ORDER BY id").Scan(&rows).Error)
		require.Len(t, rows, 2)
		require.Equal(t, []string{me, "c1", `["phone","name"]`, "call back"}, []string{rows[0].AccountID, rows[0].ObjectID, rows[0].Fields, rows[0].Reason})
		require.Equal(t, "[]", rows[1].Fields)
	})
}
