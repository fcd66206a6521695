package constituents_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/match"
)

const why = "同一支電話與同一個生日，來電確認"

func merging(t *testing.T, d *db.DB) *constituents.Merging {
	s := service(t, d)
	who, err := access.New(d, s.Audit, os.DirFS("../../policies"), s.Now)
	require.NoError(t, err)
	return constituents.NewMerging(s, who, nil)
}

// people are some that are alike and some that are not.
func people(t *testing.T, m *constituents.Merging, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		c := constituents.Contact{Name: fmt.Sprintf("王小%c", '一'+rune(i)), Phone: fmt.Sprintf("1381234567%d", i), Email: fmt.Sprintf("w%d@example.com", i), Address: fmt.Sprintf("中山路 %d 號", i)}
		id, err := m.Create(system(), c, []string{"zh-Hant", "zh-Hans", "en"}[i%3])
		require.NoError(t, err)
		p := constituents.Profile{BirthYear: 1970 + i, Source: constituents.FromStaff, Locale: []string{"zh-Hant", "zh-Hans", "en"}[i%3], Version: version(t, m, id)}
		require.NoError(t, m.SetProfile(system(), id, p))
		_, err = m.AddNumber(system(), id, constituents.Document{Kind: constituents.OtherID, Value: fmt.Sprintf("P%07d", i)})
		require.NoError(t, err)
		ids[i] = id
	}
	return ids
}

// told has people say what they need and agree to, and who they are to each other.
func told(t *testing.T, m *constituents.Merging, ids []string) {
	t.Helper()
	for i, id := range ids {
		_, err := m.AddNeed(system(), id, constituents.NeedKinds[i%len(constituents.NeedKinds)], constituents.FromSelf)
		require.NoError(t, err)
		_, err = m.Relate(system(), constituents.Relating{FromID: id, ToID: ids[(i+1)%len(ids)], Kind: "household", Source: constituents.FromStaff})
		require.NoError(t, err)
		require.NoError(t, m.Decide(system(), id, constituents.Decision{Purpose: constituents.Outreach, Channel: constituents.ChannelMail, Given: i%2 == 0, Words: "x", Locale: "en"}))
		_, err = m.AddNote(system(), id, constituents.NewNote{Text: "請先打電話。", Purpose: "contact", KeepUntil: calendar.DateOf(start, time.UTC).Add(30)})
		require.NoError(t, err)
	}
}

func version(t require.TestingT, m *constituents.Merging, id string) (v int64) {
	require.NoError(t, m.DB.From(system()).Raw("SELECT version FROM constituents WHERE id = ?", id).Scan(&v).Error)
	return v
}

// rows are all rows of people, as they stand; versions only ever grow.
func rows(t require.TestingT, d *db.DB) map[string][]map[string]any {
	out := map[string][]map[string]any{}
	for _, table := range []string{"constituents", "contact_points", "constituent_ids", "constituent_needs", "consents", "constituent_relations", "constituent_notes"} {
		var list []map[string]any
		require.NoError(t, d.From(system()).Raw("SELECT * FROM "+table+" ORDER BY id").Scan(&list).Error)
		for _, r := range list {
			if table == "constituents" {
				delete(r, "version")
				delete(r, "trail_key_id") // minted for the first reason
			}
		}
		out[table] = list
	}
	return out
}

func (h *held) merge(t require.TestingT, survivor, merged string, take ...string) (string, error) {
	return h.m.Merge(system(), constituents.Merge{Survivor: survivor, Merged: merged, SurvivorVersion: version(t, h.m, survivor), MergedVersion: version(t, h.m, merged), Take: take, Reason: why})
}

type held struct{ m *constituents.Merging }

func TestRandomMergesTakenBackInAnyOrderRestoreEveryRow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := merging(t, d)
		h := &held{m}
		ids := people(t, m, 6)
		told(t, m, ids)
		before := rows(t, d)
		for table, list := range before {
			require.GreaterOrEqual(t, len(list), len(ids), "%s tries nothing", table)
		}
		rapid.Check(t, func(t *rapid.T) {
			var open []string
			undo := func() {
				i := rapid.IntRange(0, len(open)-1).Draw(t, "undo")
				require.NoError(t, m.Unmerge(system(), open[i], 1, "弄錯了"))
				open = append(open[:i], open[i+1:]...)
			}
			for range rapid.IntRange(1, 10).Draw(t, "steps") {
				if len(open) > 0 && rapid.IntRange(0, 3).Draw(t, "what") == 0 {
					undo()
					continue
				}
				a, b := rapid.SampledFrom(ids).Draw(t, "survivor"), rapid.SampledFrom(ids).Draw(t, "merged")
				take := rapid.SliceOfDistinct(rapid.SampledFrom(constituents.Fields(constituents.Person)), rapid.ID[string]).Draw(t, "take")
				id, err := h.merge(t, a, b, take...)
				if err != nil { // one of them stands for nothing any more, or both are one
					require.Contains(t, []fault.Kind{fault.Conflict, fault.NotFound}, fault.KindOf(err))
					continue
				}
				open = append(open, id)
			}
			for len(open) > 0 {
				undo()
			}
			require.Equal(t, before, rows(t, d))
		})
	})
}

func TestWhatWasEditedSinceAMergeStays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := merging(t, d)
		h := &held{m}
		ids := people(t, m, 3)
		id, err := h.merge(t, ids[0], ids[1], "name", "locale", "phone")
		require.NoError(t, err)
		own, err := m.Own(system(), ids[0])
		require.NoError(t, err)
		require.Equal(t, "王小丁", own.Name)
		require.Equal(t, "zh-Hans", own.Locale)
		reach, err := m.Reach(system(), ids[0])
		require.NoError(t, err)
		require.Equal(t, "+8613812345671", reach.Phone)
		require.False(t, reach.PhoneProven, "a merge proves nothing")

		require.NoError(t, m.Rename(system(), ids[0], "王大明"))
		require.NoError(t, m.Rename(system(), ids[1], "王小二"), "the merged one may be corrected too")
		require.NoError(t, m.Unmerge(system(), id, 1, why))
		own, err = m.Own(system(), ids[0])
		require.NoError(t, err)
		require.Equal(t, "王大明", own.Name, "somebody corrected it")
		require.Equal(t, "zh-Hant", own.Locale)
		reach, err = m.Reach(system(), ids[0])
		require.NoError(t, err)
		require.Equal(t, "+8613812345670", reach.Phone)
		own, err = m.Own(system(), ids[1])
		require.NoError(t, err)
		require.Equal(t, "王小二", own.Name)
		err = m.Unmerge(system(), id, 1, why)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "taken back already")
		done, _, err := m.History(system(), ids[1], "")
		require.NoError(t, err)
		require.Len(t, done, 1)
		require.Equal(t, []string{ids[0], ids[1], why, why}, []string{done[0].Survivor.ID, done[0].Merged.ID, done[0].Reason, done[0].UndoReason})
		require.NotNil(t, done[0].UndoneAt)
		kept, _, err := m.Remembered(system(), "")
		require.NoError(t, err)
		require.Len(t, kept, 1)
		require.Equal(t, why, kept[0].Reason)
		require.EqualValues(t, 1, count(t, d, "SELECT count(*) FROM constituent_pairs WHERE state = 'apart'"), "and remembered")
		require.Zero(t, count(t, d, "SELECT count(*) FROM constituent_merge_changes"))
	})
}

func TestAMergeIsRefusedThatWouldTie(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := merging(t, d)
		h := &held{m}
		ids := people(t, m, 4)
		_, err := h.merge(t, ids[0], ids[1])
		require.NoError(t, err)
		_, err = h.merge(t, ids[1], ids[2])
		require.Equal(t, fault.Conflict, fault.KindOf(err), "merged meanwhile")
		_, err = h.merge(t, ids[1], ids[0])
		require.Equal(t, fault.Conflict, fault.KindOf(err), "a circle")
		_, err = h.merge(t, ids[2], ids[0])
		require.NoError(t, err, "a survivor may be merged in its turn")
		whole, err := m.Whole(system(), ids[2])
		require.NoError(t, err)
		require.Equal(t, []string{ids[2], ids[0], ids[1]}, whole)
		head, err := m.Head(system(), ids[1])
		require.NoError(t, err)
		require.Equal(t, ids[2], head)
		family, err := m.Family(system(), ids[2])
		require.NoError(t, err)
		require.Equal(t, []string{ids[2]}, family, "what staff judge opens nothing to an account")

		firm, err := m.Create(system(), constituents.Contact{Kind: constituents.Enterprise, Name: "臨江電器有限公司"}, "zh-Hant")
		require.NoError(t, err)
		_, err = h.merge(t, ids[3], firm)
		require.Equal(t, fault.Conflict, fault.KindOf(err))
		_, err = m.Merge(system(), constituents.Merge{Survivor: ids[3], Merged: ids[2], SurvivorVersion: 1, MergedVersion: version(t, m, ids[2]), Reason: why})
		require.Equal(t, fault.Conflict, fault.KindOf(err), "changed since the page was made")
		_, err = m.Merge(system(), constituents.Merge{Survivor: ids[3], Merged: ids[2], Reason: "  "})
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		_, err = m.Merge(system(), constituents.Merge{Survivor: ids[3], Merged: "' OR 1=1", Reason: why})
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		for i, number := range []string{"A123456789", "B142610160"} {
			_, err = m.AddNumber(system(), ids[2+i], constituents.Document{Kind: constituents.TaiwanID, Value: number, Seen: true})
			require.NoError(t, err)
		}
		_, err = h.merge(t, ids[3], ids[2])
		require.Equal(t, fault.Conflict, fault.KindOf(err), "two documents that were seen differ")
	})
}

func TestOfTwoWhoMergeAtOnceOneIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := merging(t, d)
		ids := people(t, m, 2)
		versions := []int64{version(t, m, ids[0]), version(t, m, ids[1])}
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			wg.Go(func() {
				a, b := i, 1-i
				_, errs[i] = m.Merge(system(), constituents.Merge{Survivor: ids[a], Merged: ids[b], SurvivorVersion: versions[a], MergedVersion: versions[b], Reason: why})
			})
		}
		wg.Wait()
		if errs[0] != nil {
			errs[0], errs[1] = errs[1], errs[0]
		}
		require.NoError(t, errs[0])
		require.Equal(t, fault.Conflict, fault.KindOf(errs[1]))
		require.EqualValues(t, 1, count(t, d, "SELECT count(*) FROM constituents WHERE merged_into_id IS NOT NULL"))
	})
}

func TestErasingOneOfTwoLeavesNothingOfThemWithTheOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := merging(t, d)
		h := &held{m}
		ids := people(t, m, 4)
		before, err := m.Own(system(), ids[2])
		require.NoError(t, err)
		_, err = h.merge(t, ids[1], ids[0], "name", "phone", "birth_year")
		require.NoError(t, err)
		_, err = h.merge(t, ids[2], ids[1], "name", "phone", "birth_year")
		require.NoError(t, err)
		_, err = h.merge(t, ids[0+3], ids[2], "name")
		require.NoError(t, err)
		require.NoError(t, m.DB.Tx(system(), func(ctx context.Context) error { return m.Erase(ctx, ids[:1], start) }))
		for _, id := range ids[1:] {
			own, err := m.Own(system(), id)
			require.NoError(t, err)
			require.NotEqual(t, "王小一", own.Name)
			for _, p := range own.Points {
				require.NotEqual(t, "+8613812345670", p.Value)
			}
		}
		after, err := m.Own(system(), ids[2])
		require.NoError(t, err)
		require.Equal(t, before.Name, after.Name)
		require.Zero(t, count(t, d, "SELECT count(*) FROM constituents WHERE id = ? AND (name_index IS NOT NULL OR name_parts IS NOT NULL OR merged_into_id IS NOT NULL)", ids[0]))
		require.EqualValues(t, 2, count(t, d, "SELECT count(*) FROM constituents WHERE merged_into_id IS NOT NULL"), "the others stay as they were judged")
		var sealed string
		require.NoError(t, d.From(system()).Raw("SELECT reason FROM audit_entries WHERE action = 'constituent.merge' AND object_id = ?", ids[1]).Scan(&sealed).Error)
		_, gone, err := m.Reason(system(), sealed)
		require.NoError(t, err)
		require.True(t, gone, "why they were taken for the same is gone with either")

		require.NoError(t, m.DB.Tx(system(), func(ctx context.Context) error { return m.Erase(ctx, ids[3:], start) }))
		require.EqualValues(t, 1, count(t, d, "SELECT count(*) FROM constituents WHERE merged_into_id IS NOT NULL"), "who was merged into them stands alone")
	})
}

func TestProofTakesThePlaceOfAJudgement(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := merging(t, d)
		h := &held{m}
		ids := people(t, m, 3)
		id, err := h.merge(t, ids[1], ids[0], "name")
		require.NoError(t, err)
		require.NoError(t, m.Join(system(), ids[2], ids[0]))
		own, err := m.Own(system(), ids[1])
		require.NoError(t, err)
		require.Equal(t, "王小丁", own.Name, "what came from them is given back")
		family, err := m.Family(system(), ids[2])
		require.NoError(t, err)
		require.Equal(t, []string{ids[2], ids[0]}, family)
		require.Equal(t, fault.Conflict, fault.KindOf(m.Unmerge(system(), id, 1, why)))

		id, err = h.merge(t, ids[2], ids[1])
		require.NoError(t, err)
		require.NoError(t, m.Join(system(), ids[2], ids[1]))
		require.Equal(t, fault.Conflict, fault.KindOf(m.Unmerge(system(), id, 1, why)), "what the person has proven is not for staff to take back")
	})
}

func TestTheQueueProposesRemembersAndForgets(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := merging(t, d)
		make := func(name, phone, mail string) string {
			id, err := m.Create(system(), constituents.Contact{Name: name, Phone: phone, Email: mail}, "zh-Hant")
			require.NoError(t, err)
			return id
		}
		a, b := make("張曉麗", "13812345678", "z@example.com"), make("张晓丽女士", "+86 138 1234 5678", "Z@example.com")
		c, e := make("陳美玲", "13912345678", ""), make("陳美玲", "13912345678", "")
		make("陳大衛", "13912345678", "") // of the same household
		clock := start
		m.Now = func() time.Time { return clock }
		sweep := func() {
			clock = clock.Add(time.Hour)
			more, err := m.Go(system(), time.Minute, true)
			require.NoError(t, err)
			require.False(t, more)
		}
		sweep()
		list, next, err := m.Queue(system(), "")
		require.NoError(t, err)
		require.Empty(t, next)
		require.Len(t, list, 2)
		require.Equal(t, []string{a, b, c, e}, []string{list[0].Pair.A, list[0].Pair.B, list[1].Pair.A, list[1].Pair.B})
		require.GreaterOrEqual(t, list[0].Score, match.Certain)
		require.Equal(t, "張*麗", list[0].A.Name)

		f := make("陳美玲", "13912345678", "")
		_, err = m.Go(system(), time.Minute, false)
		require.NoError(t, err)
		list, _, err = m.Queue(system(), "")
		require.NoError(t, err)
		require.Len(t, list, 4, "who is new is found without a sweep of all")
		require.NoError(t, m.Instead(system(), f, constituents.Phone, ""))
		require.NoError(t, m.Apart(system(), c, e, "同名的兩姊妹", 1))
		require.Equal(t, fault.Conflict, fault.KindOf(m.Apart(system(), c, e, why, 1)), "decided meanwhile")
		sweep()
		list, _, err = m.Queue(system(), "")
		require.NoError(t, err)
		require.Len(t, list, 1)
		found, more, err := m.Candidates(system(), c)
		require.NoError(t, err)
		require.Empty(t, found)
		require.Zero(t, more)
		require.NoError(t, m.Again(system(), c, e, why, 2))
		found, _, err = m.Candidates(system(), c)
		require.NoError(t, err)
		require.Len(t, found, 1)

		require.NoError(t, m.Instead(system(), b, constituents.Phone, "13712345678"))
		require.NoError(t, m.Instead(system(), b, constituents.Email, ""))
		sweep()
		list, _, err = m.Queue(system(), "")
		require.NoError(t, err)
		require.Len(t, list, 1, "what is not alike any more goes by itself")
		require.Equal(t, c, list[0].Pair.A)
	})
}

func TestOnlyCertainIdentifiersMergeByThemselves(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := merging(t, d)
		var ids []string
		for _, name := range []string{"張曉麗", "张晓丽", "陳美玲"} {
			id, err := m.Create(system(), constituents.Contact{Name: name, Phone: "13812345678"}, "zh-Hant")
			require.NoError(t, err)
			_, err = m.AddNumber(system(), id, constituents.Document{Kind: constituents.TaiwanID, Value: "A123456789", Seen: true})
			require.NoError(t, err)
			ids = append(ids, id)
		}
		_, err := m.Go(system(), time.Minute, true)
		require.NoError(t, err)
		var merged []string
		require.NoError(t, d.From(system()).Raw("SELECT merged_id FROM constituent_merges WHERE how = 'certain' AND survivor_id = ?", ids[0]).Scan(&merged).Error)
		require.Equal(t, ids[1:2], merged, "another name is for somebody to look at")
		same, err := m.Same(system(), ids[0])
		require.NoError(t, err)
		require.Equal(t, ids[:2], same)
		family, err := m.Family(system(), ids[0])
		require.NoError(t, err)
		require.Equal(t, ids[:1], family)

		var id string
		require.NoError(t, d.From(system()).Raw("SELECT id FROM constituent_merges").Scan(&id).Error)
		require.NoError(t, m.Unmerge(system(), id, 1, "兩人的證件被抄錯"))
		_, err = m.Go(system(), time.Minute, true)
		require.NoError(t, err)
		require.Zero(t, count(t, d, "SELECT count(*) FROM constituents WHERE merged_into_id IS NOT NULL"), "what somebody took back is not done again")
	})
}

func TestMarksAreMadeForWhoIsThereAlready(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := merging(t, d)
		people(t, m, 3)
		before := rows(t, d)
		require.NoError(t, d.From(system()).Exec("UPDATE constituents SET name_index = NULL, name_parts = NULL").Error)
		require.NoError(t, d.From(system()).Exec("UPDATE contact_points SET match_index = NULL").Error)
		_, err := m.Go(system(), time.Minute, false)
		require.NoError(t, err)
		require.Equal(t, before, rows(t, d))
	})
}
