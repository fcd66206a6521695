package app_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/identity"
)

// TestWhoIsErasedFilesNothingMeanwhile files while the same person is being erased,
// after their open cases were looked for.
func TestWhoIsErasedFilesNothingMeanwhile(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		_, err := h.Identity.CreateCitizen(actor.AsSystem(t.Context(), "test"), identity.NewAccount{Email: leaver, Password: leaverPassword, Name: leaverName, Locale: "en"})
		require.NoError(t, err)
		who, err := h.Identity.ByEmail(t.Context(), leaver)
		require.NoError(t, err)
		me := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: who.ID, ConstituentID: who.ConstituentID})
		filed := make(chan error, 1)
		begun := false
		h.Privacy.Now = func() time.Time {
			if !begun {
				begun = true
				go func() {
					_, err := h.Cases.File(me, cases.Filing{Kind: cases.Complaint, Title: "路燈不亮", Description: "湖濱路三天沒有路燈。", Locale: "zh-Hant",
						Channel: cases.ChannelWeb, Confidentiality: cases.Normal})
					filed <- err
				}()
				time.Sleep(300 * time.Millisecond)
			}
			return time.Now()
		}
		kept, err := h.Privacy.Erase(actor.AsSystem(t.Context(), "test"), who.ConstituentID, "letter 1")
		require.NoError(t, err)
		require.Zero(t, kept)
		err = <-filed
		require.Equal(t, fault.Unauthenticated, fault.KindOf(err), "%v", err)
		require.Zero(t, count(t, d, "case_parties WHERE constituent_id = ?", who.ConstituentID))
	})
}
