package permits_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/permits"
)

// listed is the whole list of an applicant, page after page.
func (w *town) listed(ctx context.Context) (all []permits.Application, pages int) {
	w.t.Helper()
	for cursor := ""; ; {
		list, next, err := w.List(ctx, cursor)
		require.NoError(w.t, err)
		require.LessOrEqual(w.t, len(list), 50)
		all, pages = append(all, list...), pages+1
		if cursor = next; cursor == "" {
			return all, pages
		}
	}
}

// However many there are, each is listed once: what the authority waits for, the drafts,
// and the rest.
func TestAnApplicantFindsEveryApplication(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, hua, handler := w.person("ming"), w.person("hua"), w.staff("handler", "handler", "CG03")
		corrected, no := w.apply(ming)
		var sent []string
		for range 3 {
			id, _ := w.apply(ming)
			sent = append(sent, id)
		}
		w.apply(hua)
		verdicts := fine("lease")
		verdicts["plan"] = permits.Judgement{Verdict: permits.Correct, Reason: "缺少廚房。"}
		_, err := w.Examine(handler, no, 0, permits.Examination{Verdicts: verdicts, Due: "2026-03-16"})
		require.NoError(t, err)
		const drafts = 101
		var first, last string
		for i := range drafts {
			law := *w.law
			law.Code = fmt.Sprintf("food_%d", i)
			w.more = append(w.more, &law)
			if i == drafts/2 {
				w.be(w.clock().Add(time.Minute)) // half of them at the same instant
			}
			a, err := w.Begin(ming, law.Code)
			require.NoError(t, err)
			if first == "" {
				first = a.ID
			}
			last = a.ID
		}
		all, pages := w.listed(ming)
		require.Equal(t, 3, pages)
		require.Len(t, all, 4+drafts)
		seen := map[string]bool{}
		for i := range all {
			seen[all[i].ID] = true
			require.Equal(t, i <= drafts, all[i].Waits(), "what waits for the applicant is before the rest")
		}
		require.Len(t, seen, len(all), "none is listed twice")
		require.Equal(t, corrected, all[0].ID, "the authority waits for it, though it was changed first")
		require.True(t, all[1].UpdatedAt.After(all[drafts].UpdatedAt))
		require.True(t, seen[first] && seen[last])
		for _, id := range sent {
			require.True(t, seen[id])
		}
		pending, err := w.Pending(ming, 2)
		require.NoError(t, err)
		require.Len(t, pending, 2)
		for _, wrong := range []string{"x", db.EncodeCursor("0", "z", all[0].ID), db.EncodeCursor("0", "1", "z"), db.EncodeCursor("0", "9223372036854775807", all[0].ID)} {
			_, _, err := w.List(ming, wrong)
			kind(t, fault.Invalid, err, "cursor fault.cursor")
		}
	})
}

// What is due first is shown first where only some are shown; what stands still is last.
func TestApplicationsUnderWayComeByTheirClocks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming := w.person("ming")
		var ids []string
		for i, due := range []string{"2026-04-10", "2026-03-20", "2026-03-05"} {
			id, no := w.apply(ming)
			ids = append(ids, id)
			sql, args := "UPDATE cases SET due_at = ?, due_on = ? WHERE case_no = ?", []any{at(t, due), date(t, due), no}
			if i == 2 {
				sql, args = "UPDATE cases SET due_at = ?, due_on = ?, suspended_at = ? WHERE case_no = ?", []any{at(t, due), date(t, due), w.clock(), no}
			}
			require.NoError(t, d.From(t.Context()).Exec(sql, args...).Error)
		}
		w.draft(ming)
		list, err := w.Pending(ming, 8)
		require.NoError(t, err)
		var got []string
		for i := range list {
			got = append(got, list[i].ID)
		}
		require.Equal(t, []string{ids[1], ids[0], ids[2]}, got)
	})
}

// The drafts of one bundle are one row, and each of them a row once it is sent.
func TestABundleIsOneRowUntilItIsSent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		opening(t, w)
		ming := w.person("ming")
		o := bundle(t, w, ming)
		all, _ := w.listed(ming)
		require.Len(t, all, 1)
		require.Equal(t, o.ID, *all[0].BundleID)
		require.NoError(t, w.AnswerBundle(ming, o.ID, 1, map[string][]string{"where": {"湖濱路"}, "food__seats": {"20"}}))
		w.attach(ming, o.Part("fire").Application.ID, "system", "一份給兩個機關")
		w.attach(ming, o.Part("food").Application.ID, "lease", "租約")
		_, err := w.SubmitBundle(ming, o.ID, 2, signed, "zh-Hant")
		require.NoError(t, err)
		all, _ = w.listed(ming)
		require.Len(t, all, 2)
	})
}
