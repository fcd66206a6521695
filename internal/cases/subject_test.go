package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

func TestACaseDoesNotExistForThePersonItComplainsAbout(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file(func(f *cases.Filing) { f.Subject.Name = "照明科的老李" })
		accused, colleague := w.member("handler", "CG03"), w.member("handler", "CG03")
		w.emails["li@example.org"] = accused
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{}, cases.SignIn{}, cases.Assign{HandlerID: accused})
		w.indexed()
		own, other, head := w.as(accused), w.as(colleague), w.as(w.member("head", "CG"))
		seen := func() []string {
			return append(w.search(own, cases.Filter{View: cases.ViewOpen}), append(w.search(own, cases.Filter{Query: "路燈"}), w.search(own, cases.Filter{Query: r.CaseNo})...)...)
		}
		require.Len(t, seen(), 3)
		counts, err := w.Counts(own)
		require.NoError(t, err)
		require.Equal(t, 1, counts[cases.ViewMine])

		name := cases.NameSubject{Email: "li@example.org", Note: "民眾電話中指認。"}
		_, err = w.Act(other, r.CaseNo, 0, name)
		require.Equal(t, fault.Forbidden, fault.KindOf(err), "a handler does not keep colleagues out")
		for _, wrong := range []cases.NameSubject{{Email: "", Note: "x"}, {Email: "nobody@example.org", Note: "x"}, {Email: "li@example.org"}, {Email: "li@example.org", Note: "x", Lift: true}} {
			_, err = w.Act(head, r.CaseNo, 0, wrong)
			require.Equal(t, fault.Invalid, fault.KindOf(err), "%+v", wrong)
		}
		c, err := w.Act(head, r.CaseNo, 0, name)
		require.NoError(t, err)
		require.Nil(t, c.HandlerID, "nobody handles a complaint about themselves")
		_, err = w.Act(head, r.CaseNo, 0, name)
		require.Equal(t, fault.Invalid, fault.KindOf(err), "once")

		_, missing := w.View(other, "LJ20269999999X")
		_, err = w.View(own, r.CaseNo)
		require.Equal(t, missing.Error(), err.Error())
		_, err = w.Act(own, r.CaseNo, 0, cases.Note{Text: "誰投訴的？"})
		require.Equal(t, missing.Error(), err.Error())
		require.Empty(t, seen())
		ahead, err := w.LookAhead(own, []string{r.CaseNo}, cases.ActNote)
		require.NoError(t, err)
		require.True(t, ahead[0].Missing, "nor in the preview of an act on many")
		counts, err = w.Counts(own)
		require.NoError(t, err)
		require.Zero(t, counts[cases.ViewOpen]+counts[cases.ViewMine])
		_, err = w.Act(head, r.CaseNo, 0, cases.Assign{HandlerID: accused})
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		v, err := w.View(other, r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, 1, v.Alarm.People)

		w.do(r.CaseNo, cases.Assign{HandlerID: colleague}, cases.Split{UnitCode: "CG02", Title: "查管線", Task: "請查管線。"})
		require.Empty(t, seen(), "nor its parts")
		part := w.search(w.as(w.member("handler", "CG02")), cases.Filter{View: cases.ViewOpen})
		w.emails["me@example.org"] = w.member("head", "CG")
		_, err = w.Act(w.as(w.emails["me@example.org"]), part[0], 0, cases.NameSubject{Email: "me@example.org", Note: "與本人有關，自行迴避。"})
		require.NoError(t, err, "who sees that it is about themselves says so")
		_, err = w.View(w.as(w.emails["me@example.org"]), part[0])
		require.Equal(t, fault.NotFound, fault.KindOf(err))

		name.Lift = true
		_, err = w.Act(head, r.CaseNo, 0, name)
		require.NoError(t, err)
		_, err = w.View(own, r.CaseNo)
		require.NoError(t, err, "it was somebody else")
		require.Len(t, seen(), 3)
	})
}
