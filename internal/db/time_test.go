package db_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

type note struct {
	ID   string
	Body string
	At   *time.Time
}

func (note) TableName() string { return "notes" }

func TestTimesOfAnyZoneComeBackAsTheSameInstantInUTC(t *testing.T) {
	taipei, newYork := time.FixedZone("Taipei", 8*3600), time.FixedZone("New York", -5*3600)
	at := time.Date(2026, 11, 24, 17, 3, 4, 123456789, taipei)
	want := at.UTC().Truncate(time.Microsecond)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		notes(t, d)
		g := d.From(t.Context())
		there := at.In(newYork)
		args := []any{"value", at, "pointer", &there, "null time", sql.NullTime{Time: at, Valid: true}, "null", sql.Null[time.Time]{V: there, Valid: true}}
		require.NoError(t, g.Exec("INSERT INTO notes (id, at) VALUES (?, ?), (?, ?), (?, ?), (?, ?)", args...).Error)
		require.Equal(t, at, args[1], "the caller's values stay as they were")
		require.NoError(t, g.Create(&note{ID: "gorm", At: &there}).Error)
		require.NoError(t, g.Exec("INSERT INTO notes (id, at) VALUES (?, ?), (?, ?)", "nothing", (*time.Time)(nil), "invalid", sql.NullTime{}).Error)

		var rows []note
		require.NoError(t, g.Where("at IS NOT NULL").Order("id").Find(&rows).Error)
		require.Len(t, rows, 5)
		for _, r := range rows {
			require.Equal(t, want, *r.At, r.ID)
			require.Equal(t, time.UTC, r.At.Location(), r.ID)
		}
		var same int
		require.NoError(t, g.Raw("SELECT count(*) FROM notes WHERE at = ?", at.In(newYork)).Scan(&same).Error)
		require.Equal(t, 5, same)
	})
}

func TestInstantsSortAndFilterByTheMicrosecond(t *testing.T) {
	base := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	zones := []*time.Location{time.UTC, time.FixedZone("", 8*3600), time.FixedZone("", -11*3600), time.FixedZone("", 20700)}
	// Spelled with none, three and six digits: text must not sort apart from time.
	after := []time.Duration{0, time.Microsecond, 10 * time.Microsecond, time.Millisecond, 500 * time.Millisecond,
		500*time.Millisecond + time.Microsecond, 999999 * time.Microsecond, time.Second, time.Hour, 24 * time.Hour}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		notes(t, d)
		g := d.From(t.Context())
		for i := range after {
			n := len(after) - 1 - i
			require.NoError(t, g.Exec("INSERT INTO notes (id, at) VALUES (?, ?)", string(rune('a'+n)), base.Add(after[n]).In(zones[n%len(zones)])).Error)
		}
		for i, x := range after {
			bound := base.Add(x).In(zones[(i+1)%len(zones)])
			var before, from int
			require.NoError(t, g.Raw("SELECT count(*) FROM notes WHERE at < ?", bound).Scan(&before).Error)
			require.NoError(t, g.Raw("SELECT count(*) FROM notes WHERE at >= ?", bound).Scan(&from).Error)
			require.Equal(t, []int{i, len(after) - i}, []int{before, from}, "%v", x)
		}
		var ids []string
		require.NoError(t, g.Raw("SELECT id FROM notes ORDER BY at").Scan(&ids).Error)
		require.IsIncreasing(t, ids)
	})
}
