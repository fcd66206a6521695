package permits_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
)

func taiwan(t require.TestingT) *calendar.Calendar {
	c, err := calendar.Builtin("TW")
	require.NoError(t, err)
	return c
}

// inTaiwan moves the town, and its type, under the law of Taiwan: the published
// processing period is two months, and the promise one.
func (w *town) inTaiwan() {
	w.t.Helper()
	require.NoError(w.t, w.db.From(w.t.Context()).Exec("UPDATE units SET calendar = 'TW', legal_profile = 'tw' WHERE code = 'LJ'").Error)
	w.law.Law, w.law.Statutory, w.law.Promised = permittypes.LawTW, limit(w.t, "2mo"), limit(w.t, "1mo")
}

// 行政程序法 art. 48 and 51: months end on the corresponding day, or the last of the month; a
// last day that is off moves on, a Saturday that is worked does not. An extension is as long
// again as the limit.
func TestTheProcessingPeriodOfTaiwan(t *testing.T) {
	law := &permittypes.Type{Law: permittypes.LawTW, Completeness: limit(t, "5wd"), Statutory: limit(t, "2mo"), Promised: limit(t, "2mo"), Issue: limit(t, "10wd")}
	for from, want := range map[string][2]string{
		"2024-12-08": {"2025-02-08", "2025-04-08"}, // Saturday 8 February is worked
		"2025-12-31": {"2026-03-02", "2026-04-30"}, // no 31st: 28 February is a Saturday
		"2026-02-06": {"2026-04-07", "2026-06-08"}, // 6 April is off; 6 June is a Saturday
		"2026-03-02": {"2026-05-04", "2026-07-02"}, // 2 May is a Saturday
		"2026-04-19": {"2026-06-22", "2026-08-19"}, // the boat festival and the weekend after it
	} {
		once, twice := permits.DecideBy(taiwan(t), law, at(t, from), 0, nil), permits.DecideBy(taiwan(t), law, at(t, from), law.ExtensionMost(), nil)
		require.Equal(t, want, [2]string{once.On.String(), twice.On.String()}, from)
		require.False(t, permits.IsDeemed(taiwan(t), law, at(t, from), at(t, from).AddDate(1, 0, 0)), "silence accepts nothing")
	}
	stopped := []calendar.Span{taiwan(t).Closed(date(t, "2026-02-25"), date(t, "2026-03-03"))}
	require.Equal(t, date(t, "2026-04-13"), permits.DecideBy(taiwan(t), law, at(t, "2026-02-06"), 0, stopped).On, "seven days of correction are left out")
}

// 訴願法 art. 14: thirty days from the day after it was served.
func TestTheLastDayOfAnAppeal(t *testing.T) {
	for told, want := range map[string]string{
		"2026-05-12": "2026-06-11",
		"2026-05-20": "2026-06-22", // the boat festival is a Friday
		"2026-09-08": "2026-10-08",
		"2026-09-09": "2026-10-12", // the National Day is a Saturday, Friday is off for it
	} {
		r := permits.RemedyTW(taiwan(t), date(t, told))
		require.Equal(t, want, r.Appeal.String(), told)
		require.Zero(t, r.Reconsider+r.Sue)
	}
}

// The walk under the law of Taiwan: the time counts from the receipt, silence accepts
// nothing, a correction stops the time, more of it is as long again, and a refusal is
// appealed against.
func TestAnApplicationUnderTheLawOfTaiwan(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.inTaiwan()
		w.be(at(t, "2026-02-06"))
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.apply(ming)
		o := w.own(ming, id)
		require.Equal(t, []string{"2026-03-06", "2026-04-07"}, []string{o.Case.DueOn.String(), o.DecideBy.On.String()}, "both from the receipt")

		w.be(at(t, "2026-02-24"))
		require.NoError(t, w.DeemAll(t.Context()))
		require.Equal(t, permits.Submitted, stateOf(t, d, id), "the fifth working day is long over")
		w.ask(handler, no, "2026-03-20")
		o = w.own(ming, id)
		require.Nil(t, o.Case.DueOn)
		require.True(t, o.Case.AwaitsCorrection())
		require.Zero(t, o.DecideBy.On)
		require.Zero(t, w.due(handler, no).DecideBy.On)
		w.be(at(t, "2026-03-03"))
		w.correct(ming, id)
		o = w.own(ming, id)
		require.Equal(t, []string{"2026-03-13", "2026-04-13"}, []string{o.Case.DueOn.String(), o.DecideBy.On.String()}, "seven days later")
		w.be(at(t, "2026-03-04"))
		_, err := w.Examine(handler, no, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		require.Equal(t, "2026-03-13", w.own(ming, id).Case.DueOn.String(), "an acceptance begins nothing anew")

		w.extendsInTaiwan(ming, handler, head, id, no)
		w.stopsInTaiwan(handler, no)
		w.be(at(t, "2026-05-20"))
		decide(t, w, handler, head, no, false)
		o = w.own(ming, id)
		require.Equal(t, permits.Remedy{Told: date(t, "2026-05-20"), Appeal: date(t, "2026-06-22")}, *o.Remedy)
		require.Equal(t, o.Remedy, w.due(handler, no).Remedy)
	})
}

// due is the permit side of a case as its unit sees it.
func (w *town) due(staff context.Context, no string) *permits.Part {
	w.t.Helper()
	p, err := w.Part(staff, no)
	require.NoError(w.t, err)
	return p
}

// extendsInTaiwan asks for more time: as long again as the published period, once, and
// told before it is over (art. 51 (3), (4)).
func (w *town) extendsInTaiwan(ming, handler, head context.Context, id, no string) {
	t := w.t
	t.Helper()
	_, err := w.cases.Act(handler, no, 0, cases.RequestExtension{Days: "3", Ground: "需會勘。"})
	kind(t, fault.Invalid, err, "days")
	_, err = w.cases.Act(handler, no, 0, cases.RequestExtension{Days: "2", Ground: "需會勘。"})
	require.NoError(t, err)
	_, err = w.cases.Act(head, no, 0, cases.DecideExtension{Approve: true, Text: "需會同其他機關會勘，延長二個月。"})
	require.NoError(t, err)
	o := w.own(ming, id)
	require.Equal(t, "3mo", o.Case.HandlingLimit.String())
	require.Equal(t, []string{"2026-05-13", "2026-06-15"}, []string{o.Case.DueOn.String(), o.DecideBy.On.String()}, "seven days after 6 May, and after 6 June, on a Monday")
	_, err = w.cases.Act(handler, no, 0, cases.RequestExtension{Days: "1", Ground: "再會勘。"})
	kind(t, fault.Conflict, err, "case.extension.used")
}

// stopsInTaiwan stops the time for what the law of Taiwan lists, and for nothing that
// the licensing law of the PRC does (art. 51 (5)).
func (w *town) stopsInTaiwan(handler context.Context, no string) {
	t := w.t
	t.Helper()
	_, err := w.TellRight(handler, no, 0, permits.Right{Intends: "擬不予許可。"})
	kind(t, fault.Conflict, err, "permit.hearing.law")
	_, err = w.cases.Act(handler, no, 0, cases.Suspend{Type: "expert", Until: "2026-03-20", Notice: "專家評審。"})
	kind(t, fault.Invalid, err, "permit.suspend.listed.tw")
	_, err = w.cases.Act(handler, no, 0, cases.Suspend{Type: "force_majeure", Until: "2026-03-20", Notice: "颱風後道路中斷。"})
	require.NoError(t, err)
	w.be(at(t, "2026-03-06"))
	c, err := w.cases.Act(handler, no, 0, cases.Resume{})
	require.NoError(t, err)
	require.Equal(t, "2026-05-15", c.DueOn.String(), "two days more")
}

// Of a permit of the PRC none of that holds, on the same day.
func TestTheLawIsThatOfTheType(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler := w.person("ming"), w.staff("handler", "handler", "CG03")
		id, no := w.apply(ming)
		require.Zero(t, w.own(ming, id).DecideBy.On, "before the acceptance the law counts nothing")
		w.ask(handler, no, "2026-03-20")
		require.NotNil(t, w.own(ming, id).Case.DueOn, "a correction stops nothing")
	})
}

// 行政程序法 knows no renewal by silence: a permit ends though somebody asked in time, and
// nobody is warned of a silence.
func TestSilenceRenewsNothingInTaiwan(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.withRegister()
		ming := w.person("ming")
		handler, head := w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		system := actor.AsSystem(t.Context(), "test")
		held := w.grant(ming, handler, head)
		w.law.Law = permittypes.LawTW
		w.be(at(t, "2026-10-26"))
		id, _ := w.renews(ming, held)
		waits, err := w.Renewals().Undecided(system, []string{held})
		require.NoError(t, err)
		require.Empty(t, waits)
		for day := at(t, "2026-11-25"); !day.After(at(t, "2026-12-03")); day = day.Add(24 * time.Hour) {
			w.be(day)
			done, err := r.Expire(system)
			require.NoError(t, err)
			require.Zero(t, done.Renewed)
		}
		p, err := r.ByNo(system, held)
		require.NoError(t, err)
		story, err := r.Story(system, p)
		require.NoError(t, err)
		require.Equal(t, "expired", string(story[0].Act))
		for _, e := range story {
			require.NotContains(t, []string{"alarmed", "stalled"}, string(e.Act))
		}
		require.Equal(t, permits.Submitted, stateOf(t, d, id), "the application is decided all the same")
	})
}

// What stops the processing period is listed, and an opinion that the agency asks of another
// unit is not among it: the unit has a clock of its own, and the period runs on from the
// receipt (行政程序法 art. 51).
func TestAnOpinionStopsNoTimeInTaiwan(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.inTaiwan()
		w.advised()
		w.be(at(t, "2026-02-06"))
		handler, asked, ming := w.staff("handler", "handler", "CG03"), w.staff("asked", "handler", "CG02"), w.person("ming")
		id, no := w.accepted(ming, handler)
		stands := func(on string) {
			t.Helper()
			w.be(at(t, on))
			o := w.own(ming, id)
			require.Equal(t, []string{"2026-03-06", "2026-04-07"}, []string{o.Case.DueOn.String(), o.DecideBy.On.String()}, on)
			require.Nil(t, o.Case.SuspendedAt)
		}
		stands("2026-02-09")
		_, err := w.AskOpinion(handler, no, 0, "CG02", "請就排水表示意見。")
		require.NoError(t, err)
		require.Equal(t, clocks.Running, w.joint(w.due(handler, no).Case.ID).State)
		stands("2026-02-26")
		_, err = w.cases.Act(asked, no, 0, cases.JointAnswer{Text: "排水無礙。"})
		require.NoError(t, err)
		stands("2026-02-26")
	})
}
