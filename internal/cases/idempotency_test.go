package cases_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/vault"
)

// onceBench is the keeper of answers with a clock to turn.
type onceBench struct {
	once *cases.Once
	now  time.Time
}

func newOnceBench(t *testing.T, d *db.DB) *onceBench {
	t.Helper()
	b := &onceBench{now: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return b.now }
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	b.once = cases.NewOnce(d, vault.New(d, ring, clock), clock)
	return b
}

func TestARepeatedRequestGetsTheSameAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newOnceBench(t, d)
		ctx := t.Context()
		runs := 0
		answer := func(context.Context) (cases.Answer, error) {
			runs++
			return cases.Answer{Status: 201, Body: []byte(`{"query_code":"8QH2-1XYZ"}`)}, nil
		}
		r := cases.Request{Scope: "ip 203.0.113.9 POST /api/v1/cases", Key: "k1", Body: []byte(`{"title":"a"}`)}
		first, repeated, err := b.once.Do(ctx, r, answer)
		require.NoError(t, err)
		require.False(t, repeated)
		again, repeated, err := b.once.Do(ctx, r, answer)
		require.NoError(t, err)
		require.True(t, repeated)
		require.Equal(t, first, again)
		require.Equal(t, 1, runs)

		var row struct {
			BodyHash string
			Response []byte
		}
		require.NoError(t, d.From(ctx).Table("idempotency_keys").Select("body_hash, response").Take(&row).Error)
		require.NotContains(t, string(row.Response), "query_code")

		changed := r
		changed.Body = []byte(`{"title":"b"}`)
		_, _, err = b.once.Do(ctx, changed, answer)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		elsewhere := r
		elsewhere.Scope = "ip 203.0.113.10 POST /api/v1/cases"
		_, repeated, err = b.once.Do(ctx, elsewhere, answer)
		require.NoError(t, err)
		require.False(t, repeated)

		b.now = b.now.Add(cases.OnceLife)
		_, repeated, err = b.once.Do(ctx, changed, answer)
		require.NoError(t, err)
		require.False(t, repeated, "after its life a key is free")
		require.NoError(t, b.once.Purge(ctx))
		var left int64
		require.NoError(t, d.From(ctx).Table("idempotency_keys").Count(&left).Error)
		require.EqualValues(t, 1, left)
	})
}

func TestAFailedRequestMayBeSentAgain(t *testing.T) {
	b := newOnceBench(t, dbtest.New(t))
	r := cases.Request{Scope: "s", Key: "k", Body: []byte("x")}
	broken := errors.New("the disk is full")
	_, _, err := b.once.Do(t.Context(), r, func(context.Context) (cases.Answer, error) { return cases.Answer{}, broken })
	require.ErrorIs(t, err, broken)
	_, repeated, err := b.once.Do(t.Context(), r, func(context.Context) (cases.Answer, error) { return cases.Answer{Status: 201}, nil })
	require.NoError(t, err)
	require.False(t, repeated)
	_, _, err = b.once.Do(t.Context(), cases.Request{Scope: "s"}, nil)
	require.Equal(t, fault.Invalid, fault.KindOf(err))
}

func TestEqualRequestsAtOnceAreDoneOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newOnceBench(t, d)
		r := cases.Request{Scope: "s", Key: "k", Body: []byte("x")}
		var runs, repeats atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				a, repeated, err := b.once.Do(context.Background(), r, func(ctx context.Context) (cases.Answer, error) {
					n := runs.Add(1)
					return cases.Answer{Status: 201, Body: []byte{byte('0' + n)}}, d.From(ctx).Exec("UPDATE sequences SET last = last + 1").Error
				})
				if err != nil || a.Status != 201 {
					t.Errorf("%v %v", a, err)
				}
				if repeated {
					repeats.Add(1)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 7, repeats.Load())
		var done int64
		require.NoError(t, d.From(t.Context()).Raw("SELECT last FROM sequences WHERE name = 'case_no'").Scan(&done).Error)
		require.EqualValues(t, 1, done)
	})
}
