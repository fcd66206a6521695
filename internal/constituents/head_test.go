package constituents_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// heads compares what stands for every record with a walk from mark to mark, and says
// how many stand under one that is merged itself.
func heads(t *testing.T, d *db.DB) (deep int) {
	t.Helper()
	var list []struct {
		ID                   string
		MergedIntoID, HeadID *string
	}
	require.NoError(t, d.From(system()).Raw("SELECT id, merged_into_id, head_id FROM constituents").Scan(&list).Error)
	into := map[string]*string{}
	for _, r := range list {
		into[r.ID] = r.MergedIntoID
	}
	for _, r := range list {
		if r.MergedIntoID == nil {
			require.Nil(t, r.HeadID)
			continue
		}
		top, steps := *r.MergedIntoID, 1
		for ; into[top] != nil; steps++ {
			require.Less(t, steps, len(list), "a circle")
			top = *into[top]
		}
		require.NotNil(t, r.HeadID)
		require.Equal(t, top, *r.HeadID)
		if steps > 1 {
			deep++
		}
	}
	return deep
}

func TestWhatStandsForARecordHoldsWhileManyMergeAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := merging(t, d)
		ids := people(t, m, 8)
		deep := 0
		for round := range 10 {
			var all sync.WaitGroup
			for worker := range 4 {
				all.Go(func() {
					r := rand.New(rand.NewPCG(uint64(round), uint64(worker)))
					for range 4 {
						a, b := ids[r.IntN(len(ids))], ids[r.IntN(len(ids))]
						var open []string
						if r.IntN(3) == 0 && d.From(system()).Raw("SELECT id FROM constituent_merges WHERE undone_at IS NULL AND merged_id = ?", a).Scan(&open).Error == nil && len(open) > 0 {
							allowed(t, m.Unmerge(system(), open[0], 1, "弄錯了"))
							continue
						}
						_, err := m.Merge(system(), constituents.Merge{Survivor: b, Merged: a, SurvivorVersion: version(t, m, b), MergedVersion: version(t, m, a), Reason: why})
						allowed(t, err)
					}
				})
			}
			all.Wait()
			deep += heads(t, d)
		}
		require.Positive(t, deep, "no chain was tried")
	})
}

// allowed is what somebody may hear who comes second.
func allowed(t *testing.T, err error) {
	if err != nil && fault.KindOf(err) != fault.Conflict && fault.KindOf(err) != fault.NotFound {
		t.Errorf("not for who comes second: %v", err)
	}
}

// TestProofSetsARecordFreeThatStaffMergedTheOtherWay has somebody prove that the record
// into which staff merged theirs is theirs: it comes under theirs, and no circle.
func TestProofSetsARecordFreeThatStaffMergedTheOtherWay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := merging(t, d)
		h := &held{m}
		ids := people(t, m, 3)
		mine, middle, guest := ids[0], ids[1], ids[2]
		for _, step := range [][2]string{{middle, mine}, {guest, middle}} {
			_, err := h.merge(t, step[0], step[1])
			require.NoError(t, err)
		}
		require.NoError(t, m.Join(system(), mine, guest))
		heads(t, d)
		head, err := m.Head(system(), guest)
		require.NoError(t, err)
		require.Equal(t, mine, head)
		family, err := m.Family(system(), mine)
		require.NoError(t, err)
		require.Equal(t, []string{mine, guest}, family)
		head, err = m.Head(system(), middle)
		require.NoError(t, err)
		require.Equal(t, mine, head, "what staff merged into the guest's record goes along")
	})
}

// TestWhatAnOlderProgramMergedIsMended marks records as a program does that knows of
// no heads.
func TestWhatAnOlderProgramMergedIsMended(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := merging(t, d)
		ids := people(t, m, 5)
		mark := func(id string, into any) {
			require.NoError(t, d.From(system()).Exec("UPDATE constituents SET merged_into_id = ? WHERE id = ?", into, id).Error)
		}
		for i := range 4 {
			mark(ids[i], ids[i+1])
		}
		require.NoError(t, m.Rehang(system()))
		require.Equal(t, 3, heads(t, d))
		mark(ids[2], nil)
		require.NoError(t, m.Rehang(system()))
		require.Equal(t, 1, heads(t, d))
	})
}

// TestProofSetsARecordFreeOutOfAChain has staff merge somebody's record into a guest's, and
// that one into a third; then the guest's is proven to be theirs.
func TestProofSetsARecordFreeOutOfAChain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := merging(t, d)
		h := &held{m}
		ids := people(t, m, 3)
		mine, guest, other := ids[0], ids[1], ids[2]
		for _, step := range [][2]string{{guest, mine}, {other, guest}} {
			_, err := h.merge(t, step[0], step[1])
			require.NoError(t, err)
		}
		require.NoError(t, m.Join(system(), mine, guest))
		heads(t, d)
		family, err := m.Family(system(), mine)
		require.NoError(t, err)
		require.Equal(t, []string{mine, guest}, family)
	})
}

// TestNobodyWhoIsTheSamePersonAsAnAccountIsIdle has a guest joined to an account's record
// by proof, and staff merge that into a third one, which has no account.
func TestNobodyWhoIsTheSamePersonAsAnAccountIsIdle(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := merging(t, d)
		h := &held{m}
		ids := people(t, m, 4)
		guest, mine, third, idle := ids[0], ids[1], ids[2], ids[3]
		require.NoError(t, d.From(system()).Exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, link_key, constituent_id, created_at)
 SELECT ?, 'citizen', ?, vault_key_id, ?, 'en', 'active', 'k1', id, ? FROM constituents WHERE id = ?`, db.NewID(time.Now()), []byte("index"), []byte{1}, time.Now().UTC(), mine).Error)
		require.NoError(t, m.Join(system(), mine, guest))
		_, err := h.merge(t, third, mine)
		require.NoError(t, err)
		heads(t, d)
		found, err := m.Idle(system(), time.Now().Add(time.Hour), "00000000-0000-0000-0000-000000000000", 100)
		require.NoError(t, err)
		require.Equal(t, []string{idle}, found)
	})
}
