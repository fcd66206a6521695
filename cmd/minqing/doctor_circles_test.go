package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestADoctorListsMergesInACircle(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPatient(t, d.URL())
		require.Equal(t, 0, p.run(t, nil, "demo", "load").code)
		require.Regexp(t, "^ok .*no records are merged in a circle", p.run(t, nil, "doctor").line(t, "people"))
		exec := func(sql string, args ...any) {
			t.Helper()
			require.NoError(t, d.From(t.Context()).Exec(sql, args...).Error)
		}
		now := time.Now().UTC()
		a, b := db.NewID(now), db.NewID(now)
		for _, id := range []string{a, b} {
			key := db.NewID(now)
			exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'constituent', 'aes256gcm', 'k1', ?)", key, now)
			exec("INSERT INTO constituents (id, kind, vault_key_id, locale, created_at) VALUES (?, 'person', ?, 'en', ?)", id, key, now)
		}
		exec("UPDATE constituents SET merged_into_id = ? WHERE id = ?", b, a)
		exec("UPDATE constituents SET merged_into_id = ? WHERE id = ?", a, b)
		s := p.run(t, nil, "doctor")
		require.Equal(t, 1, s.code)
		require.Regexp(t, "^fail .*"+a+" into "+b+" into "+a+" → .*merged_into_id", s.line(t, "people"))
		exec("UPDATE constituents SET merged_into_id = NULL, merged_how = NULL WHERE id = ?", b) // as the doctor says
		require.Regexp(t, "^ok ", p.run(t, nil, "doctor").line(t, "people"))
	})
}
