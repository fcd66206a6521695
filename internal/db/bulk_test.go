package db_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/i18n"
)

type colour string

const ofEverything = "id, word, colour, doc, yes, n, x, at, day, raw"

// everything makes a table with a column of each type that our tables have.
func everything(t *testing.T, d *db.DB) {
	t.Helper()
	types := map[db.Engine]string{
		db.SQLite: `CREATE TABLE everything (id TEXT PRIMARY KEY, word TEXT, colour TEXT, doc TEXT, yes BOOLEAN, n INTEGER, x REAL,
 at DATETIME, day DATE, raw BLOB)`,
		db.PostgreSQL: `CREATE TABLE everything (id uuid PRIMARY KEY, word text, colour text, doc jsonb, yes boolean, n bigint, x double precision,
 at timestamptz, day date, raw bytea)`,
	}
	require.NoError(t, d.From(t.Context()).Exec(types[d.Engine()]).Error)
}

func contents(t *testing.T, d *db.DB) []map[string]any {
	t.Helper()
	rows := []map[string]any{}
	require.NoError(t, d.From(context.Background()).Raw("SELECT "+ofEverything+" FROM everything ORDER BY id").Scan(&rows).Error)
	return rows
}

func samples() [][]any {
	at := time.Date(2026, 3, 2, 9, 30, 0, 123_456_789, time.FixedZone("east", 8*3600))
	day, word, yes, x := calendar.NewDate(1969, 12, 31), "字", true, -1.5
	limit, err := calendar.ParseLimit("5wd")
	if err != nil {
		panic(err)
	}
	none := []any{nil, nil, nil, nil, nil, nil, nil, nil, nil}
	return [][]any{
		{"plain", colour("red"), `{"a":1}`, true, int64(-7), 2.25, at, calendar.NewDate(2026, 2, 28), []byte{0, 1, 255}},
		{&word, limit, i18n.Text{i18n.En: "x"}, &yes, 12, &x, &at, &day, []byte{}},
		{"", "", "[]", false, 0, 0.0, time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC), calendar.Date(0), []byte("raw")},
		{(*string)(nil), (*colour)(nil), nil, (*bool)(nil), (*int64)(nil), (*float64)(nil), (*time.Time)(nil), (*calendar.Date)(nil), []byte(nil)},
		none,
	}
}

func TestABulkStoresWhatSingleInsertsWould(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		everything(t, d)
		bulk := db.NewBulk("everything")
		var single []db.Stmt
		for i := range 150 {
			row := samples()[i%len(samples())]
			id := fmt.Sprintf("01990000-0000-7000-8000-%012d", i)
			stmt := db.Insert("everything", ofEverything, append([]any{id}, row...)...)
			single = append(single, stmt)
			bulk.Add(stmt)
		}
		for _, s := range single {
			require.NoError(t, d.InsertAll(t.Context(), s))
		}
		want := contents(t, d)
		require.NoError(t, d.From(t.Context()).Exec("DELETE FROM everything").Error)
		require.NoError(t, d.Store(t.Context(), bulk))
		require.Len(t, want, 150)
		require.Equal(t, want, contents(t, d))
	})
}

func TestABulkBelongsToTheOpenTransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		everything(t, d)
		one := db.NewBulk("everything")
		one.Add(db.Insert("everything", "id, n", db.NewID(time.Now()), 1))
		no := errors.New("no")
		err := d.Tx(t.Context(), func(ctx context.Context) error {
			require.NoError(t, d.Store(ctx, one))
			var n int
			require.NoError(t, d.From(ctx).Raw("SELECT count(*) FROM everything").Scan(&n).Error)
			require.Equal(t, 1, n)
			return no
		})
		require.ErrorIs(t, err, no)
		require.Empty(t, contents(t, d), "undone with its transaction")

		require.NoError(t, d.Store(t.Context(), one))
		err = d.Store(t.Context(), one)
		require.True(t, db.IsDuplicate(err), "%v", err)
		require.ErrorContains(t, err, "everything")
		require.Len(t, contents(t, d), 1)

	})
}

func TestABulkStoresNothingOutsideOfItsTransaction(t *testing.T) {
	d := dbtest.Postgres(t) // on SQLite a transaction runs to its end
	everything(t, d)
	ctx, cancel := context.WithCancel(t.Context())
	err := d.Tx(ctx, func(ctx context.Context) error {
		cancel()
		free := context.WithoutCancel(ctx)
		require.Eventually(t, func() bool { return d.From(free).Exec("SELECT 1").Error != nil }, time.Minute, time.Millisecond, "rolled back behind us")
		b := db.NewBulk("everything")
		b.Add(db.Insert("everything", "id, n", db.NewID(time.Now()), 2))
		return d.Store(free, b)
	})
	require.Error(t, err)
	require.Empty(t, contents(t, d))
}

func TestABulkRefusesWhatDoesNotFit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		everything(t, d)
		id := db.NewID(time.Now())
		for name, add := range map[string]func(*db.Bulk){
			"unknown table":   func(b *db.Bulk) { b.Add(db.Insert("elsewhere", "id", id)) },
			"other columns":   func(b *db.Bulk) { b.Add(db.Insert("everything", "id", id), db.Insert("everything", "word", "x")) },
			"no INSERT of us": func(b *db.Bulk) { b.Add(db.Stmt{SQL: "INSERT INTO everything (id) VALUES (?)", Args: []any{id}}) },
			"odd value":       func(b *db.Bulk) { b.Add(db.Insert("everything", "id, n", id, struct{}{})) },
		} {
			b := db.NewBulk("everything")
			add(b)
			require.Error(t, d.Store(t.Context(), b), name)
		}
		require.Empty(t, contents(t, d))
		require.NoError(t, d.Store(t.Context(), db.NewBulk("everything")), "nothing to store is no error")
	})
}
