package db_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

type tone string

// quickRow has a field of every type that is read quickly, and what may be NULL of each.
type quickRow struct {
	ID        string
	Words     tone
	MaybeID   *string
	MaybeWord *tone
	Sure      bool
	MaybeSure *bool
	Little    int
	Large     int64
	MaybeMuch *int64
	At        time.Time
	MaybeAt   *time.Time
	Day       calendar.Date
	MaybeDay  *calendar.Date
}

const quickColumns = `id, words, maybe_id, maybe_word, sure, maybe_sure, little, large, maybe_much, at, maybe_at, day, maybe_day`

// What is written into a column of any of the common types comes back the same,
// far from the epoch of either side too.
func TestRowsComeBackAsTheyWereWritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		types := `(id uuid NOT NULL, words text NOT NULL, maybe_id uuid, maybe_word text, sure boolean NOT NULL, maybe_sure boolean, little integer NOT NULL,
 large bigint NOT NULL, maybe_much bigint, at timestamptz NOT NULL, maybe_at timestamptz, day date NOT NULL, maybe_day date)`
		if d.Engine() == db.SQLite {
			types = strings.ReplaceAll(types, "timestamptz", "datetime")
		}
		require.NoError(t, d.From(t.Context()).Exec("CREATE TABLE quick_rows "+types).Error)
		words := rapid.StringMatching(`[a-z 民情é]{0,12}`)
		days := rapid.Map(rapid.IntRange(-40_000, 60_000), func(n int) calendar.Date { return calendar.Date(n) })
		moments := rapid.Map(rapid.Int64Range(-2_000_000_000_000_000, 4_000_000_000_000_000), func(us int64) time.Time { return time.UnixMicro(us).UTC() })
		rapid.Check(t, func(rt *rapid.T) {
			id := db.NewID(time.Now())
			want := quickRow{
				ID: id, Words: tone(words.Draw(rt, "words")), Sure: rapid.Bool().Draw(rt, "sure"), Little: int(rapid.Int32().Draw(rt, "little")),
				Large: rapid.Int64().Draw(rt, "large"), At: moments.Draw(rt, "at"), Day: days.Draw(rt, "day"),
			}
			if rapid.Bool().Draw(rt, "filled") {
				other, word, sure, much, at, day := db.NewID(time.Now()), tone(words.Draw(rt, "word")), false, rapid.Int64().Draw(rt, "much"), moments.Draw(rt, "then"), days.Draw(rt, "on")
				want.MaybeID, want.MaybeWord, want.MaybeSure, want.MaybeMuch, want.MaybeAt, want.MaybeDay = &other, &word, &sure, &much, &at, &day
			}
			w := want
			require.NoError(rt, d.From(t.Context()).Exec("INSERT INTO quick_rows ("+quickColumns+") VALUES ?", []any{w.ID, string(w.Words), w.MaybeID, w.MaybeWord,
				w.Sure, w.MaybeSure, w.Little, w.Large, w.MaybeMuch, w.At, w.MaybeAt, w.Day, w.MaybeDay}).Error)
			var structs []quickRow
			var each quickRow
			query := "SELECT " + quickColumns + " FROM quick_rows WHERE id = ?"
			require.NoError(rt, d.Together(t.Context(), db.Rows(&structs, query, id), db.Each(func(scan func(...any) error) error {
				return scan(&each.ID, &each.Words, &each.MaybeID, &each.MaybeWord, &each.Sure, &each.MaybeSure, &each.Little, &each.Large, &each.MaybeMuch,
					&each.At, &each.MaybeAt, &each.Day, &each.MaybeDay)
			}, query, id)))
			require.Equal(rt, []quickRow{want}, structs)
			require.Equal(rt, want, each)
		})
	})
}

// What no field can hold is an error and not a value that looks like one.
func TestWhatAFieldCannotHoldIsAnError(t *testing.T) {
	d := dbtest.Postgres(t)
	for _, sql := range []string{"CAST(NULL AS text) AS words", "CAST(NULL AS timestamptz) AS at", "CAST('infinity' AS timestamptz) AS at", "CAST('-infinity' AS date) AS day"} {
		var rows []quickRow
		require.Error(t, d.Together(t.Context(), db.Rows(&rows, "SELECT "+sql)), sql)
	}
}

// A question that is written anew for every filter is one more each time: a connection does
// not remember all there ever were, and reads on rightly when it has forgotten.
func TestAConnectionRemembersSoManyQuestionsAndNoMore(t *testing.T) {
	d, err := db.Open(t.Context(), dbtest.Postgres(t).URL(), db.Options{MaxConns: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	ask := func(i int) {
		t.Helper()
		var rows []struct{ Words string }
		sql := "SELECT CAST(? AS text) AS words WHERE 1 = 1" + strings.Repeat(" ", i)
		require.NoError(t, d.Together(t.Context(), db.Rows(&rows, sql, strconv.Itoa(i))))
		require.Len(t, rows, 1)
		require.Equal(t, strconv.Itoa(i), rows[0].Words)
	}
	most := 0
	for i := range db.PlansMost + 40 {
		ask(i)
		if i%20 == 0 || i > db.PlansMost-3 {
			conn, process, err := db.Plans(t.Context(), d)
			require.NoError(t, err)
			require.LessOrEqual(t, conn, db.PlansMost)
			require.LessOrEqual(t, process, db.PlansMost)
			most = max(most, conn)
		}
	}
	require.Equal(t, db.PlansMost, most)
	ask(0)
	ask(0)
}
