package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestWhatADeputyDoesIsWrittenDownInBothNames(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{})
		away, stands := w.member("handler", "CG03"), w.member("call_agent", "HL")
		w.sql(`INSERT INTO grants (id, account_id, role, unit_id, deputy_for_id, valid_from, created_at)
 SELECT ?, ?, 'handler', id, ?, ?, ? FROM units WHERE code = 'CG03'`, db.NewID(w.clock()), stands, away, w.clock(), w.clock())
		_, err := w.Act(w.as(stands), r.CaseNo, 0, cases.SignIn{})
		require.NoError(t, err)
		_, err = w.Act(w.as(away), r.CaseNo, 0, cases.Assign{})
		require.NoError(t, err)
		for _, table := range []string{"case_events WHERE case_id = '" + r.CaseID + "'", "audit_entries WHERE object_id = '" + r.CaseNo + "'"} {
			var as []string
			require.NoError(t, d.From(t.Context()).Raw("SELECT COALESCE(CAST(as_account_id AS text), '') FROM "+table+" AND account_id IN ? ORDER BY id", []string{stands, away}).Scan(&as).Error)
			require.Equal(t, []string{away, ""}, as, table)
		}
	})
}
