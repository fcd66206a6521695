package cases_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// apply files an application for somebody whom the city knows.
func (w *town) apply() *cases.Receipt {
	w.t.Helper()
	known := w.file()
	holder, err := w.Requester(w.system(), known.CaseID)
	require.NoError(w.t, err)
	r, err := w.FileApplication(w.guest(), cases.Application{HolderID: holder, Filing: cases.Filing{MatterCode: "outdoor-sign-permit",
		Title: "申請：戶外招牌許可", Description: "招牌設計圖", Locale: "zh-Hant", Channel: cases.ChannelWeb}})
	require.NoError(w.t, err)
	return r
}

// trackPath leads an application to a status by real acts; nil, false where the
// track never comes there.
func trackPath(w *town, to cases.Status, handler string) ([]cases.Command, bool) {
	c := w.commands(handler)
	walk := []cases.Command{c[cases.ActAccept], c[cases.ActAssign], c[cases.ActReply], c[cases.ActReviewReply], c[cases.ActConclude], c[cases.ActArchive]}
	if i := slices.Index([]cases.Status{cases.Submitted, cases.SignedIn, cases.Handling, cases.Replied, cases.Reviewed, cases.Concluded, cases.Archived}, to); i >= 0 {
		return walk[:i], true
	}
	switch to {
	case cases.NeedInfo:
		return []cases.Command{c[cases.ActRequestInfo]}, true
	case cases.NotAccepted:
		return []cases.Command{c[cases.ActNotAccept]}, true
	}
	return nil, false
}

// Every status of the permit track × every act that any track knows: it is
// possible just where the table of the track says.
func TestAnApplicationGoesWhereItsTrackSays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler := w.handler()
		pairs := 0
		for _, status := range cases.Statuses {
			steps, reached := trackPath(w, status, handler)
			if !reached {
				continue
			}
			for action, cmd := range w.commands(handler) {
				r := w.apply()
				for _, step := range steps {
					_, err := w.Act(w.system(), r.CaseNo, 0, step)
					require.NoError(t, err, "%s on the way to %s", step.Action(), status)
				}
				_, err := w.Act(w.system(), r.CaseNo, 0, cmd)
				i := slices.IndexFunc(cases.PermitMachine, func(tr cases.Transition) bool { return tr.Action == action })
				allowed := i >= 0 && cases.PermitMachine[i].Allows(status)
				e, _ := fault.As(err)
				impossible := e != nil && e.Key == "case.action.impossible"
				require.Equal(t, !allowed, impossible, "%s from %s: %v", action, status, err)
				pairs++
			}
		}
		require.Greater(t, pairs, 250)
	})
}

// A correction may be asked for before and after the acceptance. After it the review
// goes on meanwhile; before it there is nothing to review, and none of its acts is
// offered or done.
func TestTheReviewGoesOnAfterTheAcceptanceAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler := w.handler()
		c := w.commands(handler)
		ask := c[cases.ActRequestInfo]
		for name, one := range map[string]struct {
			steps []cases.Command
			early bool
		}{
			"before":         {steps: []cases.Command{ask}, early: true},
			"after":          {steps: []cases.Command{c[cases.ActAccept], ask}},
			"while handling": {steps: []cases.Command{c[cases.ActAccept], c[cases.ActAssign], ask}},
		} {
			for _, cmd := range []cases.Command{c[cases.ActAddJoint], c[cases.ActSuspend], c[cases.ActReply],
				cases.Notice{Act: cases.ActAppoint, Text: "3 月 6 日到場。"}, cases.Notice{Act: cases.ActInspect, Text: "已查核。"}, cases.Notice{Act: cases.ActHearing, Text: "您可以申請聽證。"}, cases.Notice{Act: cases.ActInterested, Text: "已告知鄰居。"}} {
				r := w.apply()
				w.do(r.CaseNo, one.steps...)
				v, err := w.View(w.system(), r.CaseNo)
				require.NoError(t, err)
				require.Equal(t, cases.NeedInfo, v.Status)
				offered, err := w.Offered(w.system(), v)
				require.NoError(t, err)
				require.Equal(t, !one.early, slices.Contains(offered, cmd.Action()), "%s offered %s", cmd.Action(), name)
				after, err := w.TrackStep(w.system(), r.CaseID, cmd)
				if one.early {
					require.Equal(t, fault.Conflict, fault.KindOf(err), "%s %s", cmd.Action(), name)
					require.ErrorContains(t, err, "case.review.early")
					continue
				}
				require.NoError(t, err, "%s %s", cmd.Action(), name)
				if cmd.Action() != cases.ActReply {
					require.Equal(t, cases.NeedInfo, after.Status, "it still waits for the correction")
				}
			}
		}
	})
}

type keeper struct{ done []cases.Action }

func (*keeper) Owns(a cases.Action) bool { return a == cases.ActAccept }

func (*keeper) Before(_ context.Context, _ *cases.Case, cmd cases.Command) error {
	if cmd.Action() == cases.ActNote {
		return fault.New(fault.Conflict, "test.no")
	}
	return nil
}

func (*keeper) Extendable(context.Context, *cases.Case) (most calendar.Limit, until time.Time, err error) {
	return most, until, nil
}

func (*keeper) ExtendedBy(context.Context, *cases.Case) (v access.Verb, unitPath string, err error) {
	return v, unitPath, nil
}

func (k *keeper) After(_ context.Context, _ *cases.Case, a cases.Action) error {
	k.done = append(k.done, a)
	return nil
}

// What a guard owns is done through its package alone, what it refuses changes
// nothing, and other tracks do not know it.
func TestAGuardOwnsAndRefusesActsOfItsTrack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k := &keeper{}
		w.GuardBy(catalogue.TrackPermit, k)
		w.do(w.file().CaseNo, cases.Note{Text: "已聯絡。"}, cases.Accept{})
		require.Empty(t, k.done)

		r := w.apply()
		_, err := w.Act(w.system(), r.CaseNo, 0, cases.Accept{})
		require.Equal(t, fault.Conflict, fault.KindOf(err))
		require.ErrorContains(t, err, "case.track.own")
		_, err = w.Act(w.system(), r.CaseNo, 0, cases.Note{Text: "已聯絡。"})
		require.ErrorContains(t, err, "test.no")
		v, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		require.Len(t, v.Events, 1)
		list, err := w.Offered(w.system(), v)
		require.NoError(t, err)
		require.NotContains(t, list, cases.ActAccept)
		c, err := w.TrackStep(w.system(), r.CaseID, cases.Accept{})
		require.NoError(t, err)
		require.Equal(t, cases.SignedIn, c.Status)
		require.Equal(t, []cases.Action{cases.ActAccept}, k.done)
	})
}
