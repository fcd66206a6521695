package permits_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permits"
)

// 行政許可法 art. 57: whoever sends at once gets a number each, without a gap and in
// the order of receipt; what failed takes none; nobody changes one.
func TestTheOrderOfReceiptHasNoGapAndStays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.law.Quota = 2
		type sender struct {
			who context.Context
			o   *permits.Own
		}
		var all []sender
		for i := range 6 {
			who := w.person(fmt.Sprint("p", i))
			all = append(all, sender{who, w.draft(who)})
		}
		company, hua := actor.From(w.person("company")).ConstituentID, w.person("hua")
		ming := w.person("ming")
		w.members[company] = []string{actor.From(ming).AccountID, actor.From(hua).AccountID}
		shared := w.draft(ming)
		all = append(all, sender{ming, shared}, sender{hua, shared}) // one of the two fails
		var sends sync.WaitGroup
		for i, one := range all {
			sends.Go(func() {
				ctx := one.who
				if i == 0 { // gives up somewhere on the way
					var stop context.CancelFunc
					ctx, stop = context.WithTimeout(ctx, 2*time.Millisecond)
					defer stop()
				}
				_, _ = w.Submit(ctx, one.o.Application.ID, one.o.Application.Version, signed, i18n.ZhHant)
			})
		}
		sends.Wait()
		var rows []struct {
			Place      int64
			ReceivedAt time.Time
		}
		require.NoError(t, d.From(t.Context()).Raw(`SELECT p.place, a.received_at FROM permit_places p JOIN permit_applications a ON a.id = p.application_id
 WHERE p.type_code = 'food' AND p.round = 2026 AND a.state = 'submitted' ORDER BY p.place`).Scan(&rows).Error)
		var sent int64
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM permit_applications WHERE state = 'submitted'").Scan(&sent).Error)
		require.GreaterOrEqual(t, len(rows), 6)
		require.EqualValues(t, sent, len(rows))
		for i := range rows {
			require.EqualValues(t, i+1, rows[i].Place)
		}
		require.True(t, slices.IsSortedFunc(rows, func(a, b struct {
			Place      int64
			ReceivedAt time.Time
		}) int {
			return a.ReceivedAt.Compare(b.ReceivedAt)
		}))
		tried := []string{"UPDATE permit_places SET place = place + 100", "DELETE FROM permit_places"}
		if d.Engine() == db.PostgreSQL {
			tried = append(tried, "TRUNCATE permit_places", "TRUNCATE permit_applications CASCADE")
		}
		for _, sql := range tried {
			require.ErrorContains(t, d.From(t.Context()).Exec(sql).Error, "stays as it is", sql)
		}
	})
}

// A grant waits for those who came earlier, and none goes beyond the quota.
func TestGrantsKeepTheOrderAndTheQuota(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.law.Quota = 1
		handler, head := w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		var ids, nos []string
		for i := range 3 {
			id, no := w.accepted(w.person(fmt.Sprint("p", i)), handler)
			ids, nos = append(ids, id), append(nos, no)
		}
		yes, not := true, false
		p, err := w.Part(handler, nos[2])
		require.NoError(t, err)
		require.Equal(t, permits.Place{Round: 2026, Place: 3, Quota: 1, Before: 2}, *p.Place)
		_, err = w.DraftDecision(handler, nos[1], 0, permits.Drafting{Grants: &yes})
		kind(t, fault.Conflict, err, "permit.quota.earlier")

		// Refused, the first makes room; both drafts of grants are written before either is decided.
		_, err = w.DraftDecision(handler, nos[0], 0, permits.Drafting{Grants: &not, Reasons: "不合規定。"})
		require.NoError(t, err)
		_, err = w.DraftDecision(handler, nos[1], 0, permits.Drafting{Grants: &yes})
		kind(t, fault.Conflict, err, "permit.quota.earlier") // drafted is not decided
		_, err = w.cases.Act(head, nos[0], 0, cases.ReviewReply{Approve: true})
		require.NoError(t, err)
		_, err = w.Decide(handler, nos[0], 0)
		require.NoError(t, err)
		decideGrant(t, w, handler, head, nos[1])
		require.Equal(t, permits.Granted, stateOf(t, d, ids[1]))
		_, err = w.DraftDecision(handler, nos[2], 0, permits.Drafting{Grants: &yes})
		kind(t, fault.Conflict, err, "permit.quota.full")
		_, err = w.DraftDecision(handler, nos[2], 0, permits.Drafting{Grants: &not, Reasons: "名額已滿。"})
		require.NoError(t, err)
	})
}

func decideGrant(t *testing.T, w *town, handler, head context.Context, no string) {
	t.Helper()
	yes := true
	_, err := w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &yes})
	require.NoError(t, err)
	_, err = w.cases.Act(head, no, 0, cases.ReviewReply{Approve: true})
	require.NoError(t, err)
	_, err = w.Decide(handler, no, 0)
	require.NoError(t, err)
}

func stateOf(t *testing.T, d *db.DB, id string) permits.State {
	t.Helper()
	var s permits.State
	require.NoError(t, d.From(t.Context()).Raw("SELECT state FROM permit_applications WHERE id = ?", id).Scan(&s).Error)
	return s
}
