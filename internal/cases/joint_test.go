package cases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

func (w *town) joint(no string) []cases.Part {
	w.t.Helper()
	v, err := w.View(w.system(), no)
	require.NoError(w.t, err)
	list, err := w.Parts(w.system(), v)
	require.NoError(w.t, err)
	return list
}

func (w *town) refused(no string, cmd cases.Command, key string) {
	w.t.Helper()
	_, err := w.Act(w.system(), no, 0, cmd)
	e, ok := fault.As(err)
	require.True(w.t, ok, "%v", err)
	got := e.Key
	if len(e.Fields) > 0 {
		got = e.Fields[0].Key
	}
	require.Equal(w.t, key, got)
}

func TestTheLeadWaitsForEveryJointUnit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		lead, joint, head := w.member("handler", "CG03"), w.member("handler", "CG02"), w.member("head", "CG02")
		r := w.file()
		w.do(r.CaseNo, path(w, cases.Handling, lead)...)
		_, err := w.View(w.as(joint), r.CaseNo)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		_, err = w.Act(w.as(lead), r.CaseNo, 0, cases.AddJoint{UnitCode: "CG02", Task: "請查管線。", Days: "2"})
		require.NoError(t, err)
		_, err = w.Act(w.as(lead), r.CaseNo, 0, cases.AddJoint{UnitCode: "CG01", Task: "請提供圖資。"})
		require.NoError(t, err)
		w.refused(r.CaseNo, cases.AddJoint{UnitCode: "CG02", Task: "再查。"}, "case.joint.twice")
		w.refused(r.CaseNo, cases.AddJoint{UnitCode: "CG03", Task: "查。"}, "case.joint.lead")
		w.refused(r.CaseNo, cases.AddJoint{UnitCode: "CG05", Task: "查。", Days: "30"}, "case.joint.days.late")
		w.refused(r.CaseNo, cases.AddJoint{UnitCode: "CG04", Task: "查。", Days: "x"}, "case.joint.days.invalid")
		w.refused(r.CaseNo, cases.AddJoint{UnitCode: "NOWHERE", Task: "查。"}, "case.unit.unknown")
		w.refused(r.CaseNo, cases.Reply{Text: "已修復。"}, "case.joint.open")
		w.refused(r.CaseNo, cases.Merge{Into: w.file().CaseNo}, "case.joint.open")

		inbox := func(view string) (list []string) {
			page, err := w.Queue(w.as(joint), cases.Filter{View: view})
			require.NoError(t, err)
			for _, it := range page.Items {
				list = append(list, it.CaseNo)
			}
			return list
		}
		require.Equal(t, []string{r.CaseNo}, inbox(cases.ViewJoint))
		require.Empty(t, inbox(cases.ViewOpen), "it is not theirs to conclude")
		v, err := w.View(w.as(joint), r.CaseNo)
		require.NoError(t, err)
		require.ElementsMatch(t, []cases.Action{cases.ActJointSignIn, cases.ActJointAnswer, cases.ActNote}, v.Actions)
		for _, cmd := range []cases.Command{cases.Reply{Text: "我來回。"}, cases.Conclude{Outcome: cases.Resolved}, cases.Assign{}, cases.ReleaseJoint{UnitCode: "CG01", Reason: "不必"}} {
			_, err = w.Act(w.as(joint), r.CaseNo, 0, cmd)
			require.Equal(t, fault.Forbidden, fault.KindOf(err), "%s", cmd.Action())
		}
		_, err = w.Act(w.as(joint), r.CaseNo, 0, cases.JointSignIn{})
		require.NoError(t, err)
		_, err = w.Act(w.as(joint), r.CaseNo, 0, cases.JointSignIn{})
		require.Equal(t, fault.Conflict, fault.KindOf(err))
		_, err = w.Act(w.as(joint), r.CaseNo, 0, cases.JointAnswer{UnitCode: "CG01", Text: "替別人答。"})
		require.Equal(t, fault.Invalid, fault.KindOf(err), "of another unit")
		_, err = w.Act(w.as(joint), r.CaseNo, 0, cases.Note{Text: "已派員。"})
		require.NoError(t, err)
		_, err = w.Act(w.as(joint), r.CaseNo, 0, cases.JointAnswer{Text: "管線無礙。"})
		require.NoError(t, err)
		require.Empty(t, inbox(cases.ViewJoint))
		_, err = w.View(w.as(joint), r.CaseNo)
		require.NoError(t, err, "they read on")
		require.Empty(t, w.track(r).Messages, "the citizen sees nothing of it")

		w.refused(r.CaseNo, cases.Reply{Text: "已修復。"}, "case.joint.open")
		w.do(r.CaseNo, cases.ReleaseJoint{UnitCode: "CG01", Reason: "圖資已有。"}, cases.Reply{Text: "已修復。"}, cases.Conclude{Outcome: cases.Resolved})
		list := w.joint(r.CaseNo)
		require.Equal(t, []string{cases.JointAnswered, cases.JointReleased}, []string{list[0].State, list[1].State})
		require.Equal(t, "管線無礙。", list[0].Answer)
		require.Equal(t, clocks.Met, list[0].ClockState)
		require.Equal(t, clocks.Dropped, list[1].ClockState)

		var events []string
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM case_events WHERE case_id = ? AND action IN ('add_joint', 'joint_answer') ORDER BY seq", r.CaseID).Scan(&events).Error)
		asked, err := w.Concerned(w.system(), cases.Told{CaseID: r.CaseID, EventID: events[0], Action: cases.ActAddJoint})
		require.NoError(t, err)
		require.ElementsMatch(t, []string{joint, head}, asked)
		answered, err := w.Concerned(w.system(), cases.Told{CaseID: r.CaseID, EventID: events[2], Action: cases.ActJointAnswer})
		require.NoError(t, err)
		require.Equal(t, []string{lead}, answered, "who handles the case")
	})
}

func TestAJointUnitHasAClockThatWarnsIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		lead, head := w.member("handler", "CG03"), w.member("head", "CG02")
		r := w.file()
		w.do(r.CaseNo, path(w, cases.Handling, lead)...)
		w.do(r.CaseNo, cases.Note{Text: "已致電。", Contacted: true}, cases.AddJoint{UnitCode: "CG02", Task: "請查管線。", Days: "1"})
		w.wait(41 * time.Hour) // Thursday 9:00
		require.NoError(t, w.Warn(w.system()))
		list := w.warned(r.CaseID)
		require.Contains(t, levels(list, clocks.Joint), clocks.After)
		for _, one := range list {
			if one.Clock == clocks.Joint {
				who, err := w.Warnees(w.system(), one)
				require.NoError(t, err)
				require.Equal(t, []string{head}, who, "the joint unit's own")
			}
		}
		w.do(r.CaseNo, cases.JointAnswer{Text: "管線無礙。"})
		require.Equal(t, clocks.Late, w.joint(r.CaseNo)[0].ClockState)
	})
}

func TestJointUnitsGoWhereTheCaseGoes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		about := w.file(func(f *cases.Filing) { f.Subject = cases.Subject{UnitCode: "CG02"} })
		w.do(about.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "SW"}, cases.SignIn{})
		w.refused(about.CaseNo, cases.AddJoint{UnitCode: "CG02", Task: "查。"}, "case.unit.conflict")

		r := w.file()
		w.do(r.CaseNo, path(w, cases.SignedIn, "")...)
		w.do(r.CaseNo, cases.AddJoint{UnitCode: "CG02", Task: "查。"}, cases.AddJoint{UnitCode: "CG01", Task: "查。"})
		c := w.do(r.CaseNo, cases.Redispatch{UnitCode: "CG02", Note: "改派"})
		require.EqualValues(t, 1, c.JointOpen, "who becomes the lead is asked no more")
		require.Equal(t, "CG02", w.roles(r.CaseNo)["lead"])
		require.Equal(t, "CG01", w.roles(r.CaseNo)["joint"])
		_, err := w.Withdraw(w.guest(), keyOf(r), "")
		require.NoError(t, err)
		for _, p := range w.joint(r.CaseNo) {
			require.Equal(t, cases.JointReleased, p.State, "nobody works on a case that is over")
		}
		page, err := w.Queue(w.system(), cases.Filter{View: cases.ViewJoint})
		require.NoError(t, err)
		require.Empty(t, page.Items)

		secret := w.file(func(f *cases.Filing) { f.Confidentiality = cases.IdentityHidden })
		w.do(secret.CaseNo, path(w, cases.SignedIn, "")...)
		w.do(secret.CaseNo, cases.AddJoint{UnitCode: "CG02", Task: "秘密事項"}, cases.JointAnswer{UnitCode: "CG02", Text: "秘密回覆"})
		var clear int
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM case_joints WHERE case_id = ? AND (task <> '' OR answer <> '')", secret.CaseID).Scan(&clear).Error)
		require.Zero(t, clear)
		require.Equal(t, "秘密回覆", w.joint(secret.CaseNo)[0].Answer)
	})
}
