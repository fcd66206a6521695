package cases_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// merging merges records of a town's people.
func (w *town) merging() *constituents.Merging {
	return constituents.NewMerging(w.Constituents, w.Access, nil)
}

func (w *town) merge(m *constituents.Merging, survivor, merged string) (string, error) {
	return m.Merge(w.system(), constituents.Merge{Survivor: survivor, Merged: merged, SurvivorVersion: w.versionOf(survivor), MergedVersion: w.versionOf(merged), Reason: "來電確認"})
}

func (w *town) versionOf(id string) (v int64) {
	require.NoError(w.t, w.db.From(w.system()).Raw("SELECT version FROM constituents WHERE id = ?", id).Scan(&v).Error)
	return v
}

// asks is whose case it is.
func (w *town) asks(caseNo string) (id string) {
	require.NoError(w.t, w.db.From(w.system()).Raw("SELECT p.constituent_id FROM case_parties p JOIN cases c ON c.id = p.case_id WHERE c.case_no = ? AND p.role = 'requester'", caseNo).Scan(&id).Error)
	return id
}

func TestACallerWhoseRecordsWereMergedIsOnePerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		m, agent := w.merging(), w.as(w.member("call_agent", "HL"))
		old, recent := w.file(), w.file(func(f *cases.Filing) { f.Contact.Name = "王小銘" })
		first, second := w.asks(old.CaseNo), w.asks(recent.CaseNo)
		third := w.asks(w.file(func(f *cases.Filing) { f.Contact.Phone = "13900001111" }).CaseNo)
		before, err := w.Callers(agent, "13812345678")
		require.NoError(t, err)
		require.Len(t, before, 2)

		mergeID, err := w.merge(m, first, second)
		require.NoError(t, err)
		callers, err := w.Callers(agent, "13812345678")
		require.NoError(t, err)
		require.Len(t, callers, 1, "one line for one person")
		require.Equal(t, first, callers[0].ID)
		require.Len(t, callers[0].Cases, 2, "with the cases of both records")

		// The page of before the merge says the record that stood then.
		r, err := w.TakeCall(agent, aCall(func(c *cases.Call) { c.RequesterID = second }))
		require.NoError(t, err)
		require.Equal(t, first, w.asks(r.CaseNo), "a new case goes to the one that stands for both")
		require.Len(t, w.search(agent, cases.Filter{Query: "13812345678"}), 3)

		// Merged into somebody who is reached elsewhere: found by either number.
		_, err = w.merge(m, third, first)
		require.NoError(t, err)
		for _, phone := range []string{"13812345678", "13900001111"} {
			callers, err = w.Callers(agent, phone)
			require.NoError(t, err)
			require.Len(t, callers, 1)
			require.Equal(t, third, callers[0].ID)
			require.Len(t, callers[0].Cases, 4)
		}

		require.NoError(t, m.Unmerge(w.system(), mergeID, 1, "是兄弟"))
		callers, err = w.Callers(agent, "13812345678")
		require.NoError(t, err)
		require.Len(t, callers, 2, "two again")
		require.Equal(t, first, w.asks(r.CaseNo), "what was filed since stays")
		_, err = w.TakeCall(agent, aCall(func(c *cases.Call) { c.RequesterID, c.Contact.Phone = second, "13900001111" }))
		kindOf(t, err, "requester", "case.requester.other")
	})
}

func TestAMergeWhileACaseIsFiledLosesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		m, agent := w.merging(), w.as(w.member("call_agent", "HL"))
		for i := range 8 {
			phone := fmt.Sprintf("1381234500%d", i)
			file := func() string {
				return w.asks(w.file(func(f *cases.Filing) { f.Contact.Phone = phone }).CaseNo)
			}
			survivor, merged := file(), file()
			a, b := w.versionOf(survivor), w.versionOf(merged)
			var r *cases.Receipt
			var filed, joined error
			var both sync.WaitGroup
			both.Go(func() {
				r, filed = w.TakeCall(agent, aCall(func(c *cases.Call) { c.RequesterID, c.Contact.Phone = merged, phone }))
			})
			both.Go(func() {
				_, joined = m.Merge(w.system(), constituents.Merge{Survivor: survivor, Merged: merged, SurvivorVersion: a, MergedVersion: b, Reason: "來電確認"})
			})
			both.Wait()
			require.NoError(t, filed)
			require.NoError(t, joined)
			callers, err := w.Callers(agent, phone)
			require.NoError(t, err)
			require.Len(t, callers, 1)
			require.Len(t, callers[0].Cases, 3, "whoever was first, the case is the person's")
			require.Equal(t, r.CaseNo, callers[0].Cases[0].CaseNo)
		}
	})
}

// Who waits for a merge files for the record that stands afterwards.
func TestACaseThatWaitsForAMergeGoesToTheSurvivor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		m, agent := w.merging(), w.as(w.member("call_agent", "HL"))
		survivor, merged := w.asks(w.file().CaseNo), w.asks(w.file().CaseNo)
		begun, filed := make(chan bool), make(chan error, 1)
		var r *cases.Receipt
		go func() {
			<-begun
			var err error
			r, err = w.TakeCall(agent, aCall(func(c *cases.Call) { c.RequesterID = merged }))
			filed <- err
		}()
		require.NoError(t, d.Tx(w.system(), func(ctx context.Context) error {
			_, err := m.Merge(ctx, constituents.Merge{Survivor: survivor, Merged: merged, SurvivorVersion: 1, MergedVersion: 1, Reason: "來電確認"})
			close(begun)
			return err
		}))
		require.NoError(t, <-filed)
		require.Equal(t, survivor, w.asks(r.CaseNo))
	})
}
