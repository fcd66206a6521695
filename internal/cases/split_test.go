package cases_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

func (w *town) pieces(no string) []cases.Piece {
	w.t.Helper()
	v, err := w.View(w.system(), no)
	require.NoError(w.t, err)
	list, err := w.PartsBelow(w.system(), &v.Case)
	require.NoError(w.t, err)
	return list
}

func TestACaseWaitsForItsParts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		lead, other, boss := w.member("handler", "CG03"), w.member("handler", "CG02"), w.member("handler", "LJ")
		r := w.file(func(f *cases.Filing) { f.Subject = cases.Subject{UnitCode: "SW"} })
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"}, cases.SignIn{}, cases.Assign{HandlerID: lead})
		w.refused(r.CaseNo, cases.Split{UnitCode: "SW", Title: "查", Task: "查。"}, "case.unit.conflict")
		w.refused(r.CaseNo, cases.Split{UnitCode: "CG03", Title: "查", Task: "查。"}, "case.joint.lead")
		w.refused(r.CaseNo, cases.Split{UnitCode: "CG02", Title: "查", Task: "查。", Days: "60"}, "case.joint.days.late")
		w.do(r.CaseNo, cases.Split{UnitCode: "CG02", Title: "查管線", Task: "請查管線。", Days: "2"}, cases.Split{UnitCode: "CG01", Title: "查圖資", Task: "請查圖資。"})
		parts := w.pieces(r.CaseNo)
		require.Len(t, parts, 2)
		one := parts[0].CaseNo
		w.refused(r.CaseNo, cases.Merge{Into: w.file().CaseNo}, "case.part.open")
		w.refused(one, cases.RenewCode{Note: "姓名相符"}, "case.part.inside")
		w.do(r.CaseNo, cases.Reply{Text: "處理中。"})
		w.refused(r.CaseNo, cases.Conclude{Outcome: cases.Resolved}, "case.part.open")

		v, err := w.View(w.as(other), one)
		require.NoError(t, err, "its unit has it")
		require.Empty(t, v.People, "and learns nothing of who asked")
		require.Equal(t, "請查管線。", v.Description)
		require.Len(t, v.Clocks, 2)
		_, err = w.View(w.as(other), r.CaseNo)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		for _, cmd := range []cases.Command{cases.SignIn{}, cases.Assign{}, cases.Reply{Text: "管線無礙。"}, cases.Conclude{Outcome: cases.Explained}} {
			_, err = w.Act(w.as(other), one, 0, cmd)
			require.NoError(t, err, "%s", cmd.Action())
		}
		require.Equal(t, "管線無礙。", w.pieces(r.CaseNo)[0].Answer)
		_, err = w.View(w.as(lead), one)
		require.NoError(t, err, "whoever has the case reads its parts")
		seen := w.track(r)
		for _, m := range seen.Messages {
			require.NotEqual(t, "管線無礙。", m.Text, "the citizen sees only the case")
		}
		require.Equal(t, 1, w.told(r, cases.ActPartEnded))

		w.do(one, cases.Rework{Reason: "再查。"})
		require.EqualValues(t, 2, w.do(r.CaseNo, cases.Note{Text: "再等。"}).PartsOpen)
		w.do(one, cases.Reply{Text: "確實無礙。"}, cases.Conclude{Outcome: cases.Explained})
		w.refused(r.CaseNo, cases.RecallPart{CaseNo: one, Reason: "不必"}, "case.part.unknown")
		w.do(r.CaseNo, cases.RecallPart{CaseNo: parts[1].CaseNo, Reason: "圖資已有。"}, cases.Conclude{Outcome: cases.Resolved})
		require.Equal(t, cases.Withdrawn, w.pieces(r.CaseNo)[1].Status)
		w.refused(one, cases.Rework{Reason: "再查。"}, "case.part.over")
		_, err = w.Track(w.as(boss), cases.Key{CaseNo: one})
		require.Equal(t, fault.NotFound, fault.KindOf(err))
	})
}

func TestPartsEndAtOnceAndWithTheirCase(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler := w.handler()
		r := w.file(func(f *cases.Filing) { f.Confidentiality = cases.IdentityHidden })
		w.do(r.CaseNo, path(w, cases.Handling, handler)...)
		for _, unit := range []string{"CG02", "CG01", "CG05"} {
			w.do(r.CaseNo, cases.Split{UnitCode: unit, Title: "秘密標題", Task: "秘密事項"})
		}
		parts := w.pieces(r.CaseNo)
		require.Equal(t, "秘密標題", parts[0].Title)
		var clear int
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM cases WHERE title <> '' OR description <> ''").Scan(&clear).Error)
		require.Zero(t, clear, "a part is sealed as its case is")
		for _, p := range parts[:2] {
			w.do(p.CaseNo, cases.SignIn{}, cases.Assign{HandlerID: handler}, cases.Reply{Text: "好了。"})
		}
		var done sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			done.Add(1)
			go func() {
				defer done.Done()
				_, errs[i] = w.Act(w.system(), parts[i].CaseNo, 0, cases.Conclude{Outcome: cases.Explained})
			}()
		}
		done.Wait()
		require.NoError(t, errs[0])
		require.NoError(t, errs[1])
		require.EqualValues(t, 1, w.do(r.CaseNo, cases.Note{Text: "等。"}).PartsOpen, "both are counted")
		_, err := w.Withdraw(w.guest(), keyOf(r), "")
		require.NoError(t, err)
		require.Equal(t, cases.Withdrawn, w.pieces(r.CaseNo)[2].Status)
		page, err := w.Queue(w.system(), cases.Filter{})
		require.NoError(t, err)
		require.Empty(t, page.Items)
	})
}
