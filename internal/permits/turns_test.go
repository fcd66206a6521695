package permits_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/permits"
)

// lateRefusal drafts a refusal of an accepted application whose correction is overdue; the
// correction is there, and not sent yet.
func (w *town) lateRefusal(ming, handler, head context.Context) (id, no string) {
	w.t.Helper()
	id, no = w.accepted(ming, handler)
	_, err := w.Examine(head, no, 0, permits.Examination{Verdicts: map[string]permits.Judgement{"plan": {Verdict: permits.Correct, Reason: "缺少廚房。"}}, Due: "2026-03-10", Again: "審查時才發現。"})
	require.NoError(w.t, err)
	w.be(at(w.t, "2026-03-11"))
	refuses := false
	_, err = w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &refuses, Ground: permits.NotCorrected, Reasons: "沒有廚房的圖，無法判斷衛生。"})
	require.NoError(w.t, err)
	w.attach(ming, id, "plan", "平面圖二版")
	return id, no
}

// Somebody signs a refusal for want of a correction in the moment in which it is sent:
// whoever comes second sees what the first did, on either side, and not merely that
// something changed.
func TestASignatureAndACorrectionTakeTurns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler, head := w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		for name, signs := range map[string]bool{"ming": true, "hua": false} {
			w.be(at(t, "2026-03-02"))
			who := w.person(name)
			id, no := w.lateRefusal(who, handler, head)
			version := w.own(who, id).Application.Version
			sign := func(ctx context.Context) error {
				_, err := w.cases.Act(ctx, no, 0, cases.ReviewReply{Approve: true})
				return err
			}
			correct := func(ctx context.Context) error { return w.Corrected(ctx, id, version) }
			first, second, firstBy, secondBy := sign, correct, head, who
			if !signs {
				first, second, firstBy, secondBy = correct, sign, who, head
			}
			done, release := make(chan struct{}), make(chan struct{})
			var both sync.WaitGroup
			var errFirst, errSecond error
			both.Go(func() {
				errFirst = d.Tx(firstBy, func(ctx context.Context) error {
					defer func() { <-release }()
					defer close(done)
					return first(ctx)
				})
			})
			<-done
			both.Go(func() { errSecond = second(secondBy) })
			time.Sleep(300 * time.Millisecond) // it waits for the first, or would have read what is not true any more
			close(release)
			both.Wait()
			require.NoError(t, errFirst)
			p, err := w.Part(handler, no)
			require.NoError(t, err)
			if signs {
				kind(t, fault.Conflict, errSecond, "permit.correction.closed")
				require.Equal(t, permits.Correcting, p.Application.State)
				require.NotNil(t, p.Decision.ApprovedAt)
			} else {
				kind(t, fault.Conflict, errSecond, "permit.decide.corrected")
				require.Equal(t, permits.Accepted, p.Application.State)
				require.Nil(t, p.Decision.ApprovedAt)
			}
		}
	})
}

// Pressed at the same moment, however often: never are both done.
func TestNobodySignsWhatIsCorrected(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler, head := w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		for _, name := range []string{"a", "b", "c", "d"} {
			w.be(at(t, "2026-03-02"))
			who := w.person(name)
			id, no := w.lateRefusal(who, handler, head)
			version := w.own(who, id).Application.Version
			var both sync.WaitGroup
			var signed, corrected error
			both.Go(func() { _, signed = w.cases.Act(head, no, 0, cases.ReviewReply{Approve: true}) })
			both.Go(func() { corrected = w.Corrected(who, id, version) })
			both.Wait()
			require.True(t, (signed == nil) != (corrected == nil), "signed: %v, corrected: %v", signed, corrected)
		}
	})
}
