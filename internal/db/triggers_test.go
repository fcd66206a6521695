package db_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// TestEveryTriggerIsLookedAt: what the migrations make is what MissingTriggers looks
// for, no less; each that goes is missed.
func TestEveryTriggerIsLookedAt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		live, err := d.Triggers(t.Context())
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(live), 10)
		missing, err := d.MissingTriggers(t.Context())
		require.NoError(t, err)
		require.Empty(t, missing)
		for i, one := range live {
			sql := `DROP TRIGGER "` + one.Name + `"`
			if d.Engine() == db.PostgreSQL {
				sql += ` ON "` + one.Table + `"`
			}
			require.NoError(t, d.From(t.Context()).Exec(sql).Error)
			missing, err = d.MissingTriggers(t.Context())
			require.NoError(t, err)
			require.Len(t, missing, i+1, "%+v went", one)
			require.Contains(t, missing, one)
		}
	})
}

// TestNobodyEmptiesWhatStays: PostgreSQL's TRUNCATE fires no trigger of rows.
func TestNobodyEmptiesWhatStays(t *testing.T) {
	d := dbtest.Postgres(t)
	for table, says := range map[string]string{"permit_places": "stays as it is", "consents": "consents"} {
		require.ErrorContains(t, d.From(t.Context()).Exec("TRUNCATE "+table+" CASCADE").Error, says, table)
	}
	require.Error(t, d.From(t.Context()).Exec("TRUNCATE permit_applications CASCADE").Error, "with what hangs on it")
}
