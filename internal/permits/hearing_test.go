package permits_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/permits"
)

// 行政許可法 art. 47, 48, 82: five, twenty and seven working days, over holidays,
// make-up days and the turn of the year, and into a year that has no calendar yet.
func TestTheLimitsOfAHearing(t *testing.T) {
	cal := china(t)
	for _, c := range []struct {
		from, ask, hold, earliest string
		provisional               [3]bool // ask, hold, earliest
	}{
		{from: "2025-09-26", ask: "2025-10-10", hold: "2025-10-30", earliest: "2025-10-13"}, // the eight-day holiday, with its make-up days
		{from: "2025-12-30", ask: "2026-01-07", hold: "2026-01-28", earliest: "2026-01-09"}, // over the year, with the make-up Sunday 01-04
		{from: "2026-02-10", ask: "2026-02-24", hold: "2026-03-16", earliest: "2026-02-26"},
		{from: "2026-03-02", ask: "2026-03-09", hold: "2026-03-30", earliest: "2026-03-11"},
		{from: "2026-12-15", ask: "2026-12-22", hold: "2027-01-12", earliest: "2026-12-24", provisional: [3]bool{false, true, false}},
		{from: "2026-12-30", ask: "2027-01-06", hold: "2027-01-27", earliest: "2027-01-08", provisional: [3]bool{true, true, true}},
	} {
		ask, hold, earliest := permits.HearingAskBy(cal, at(t, c.from)), permits.HearingHoldBy(cal, at(t, c.from)), permits.HearingEarliest(cal, at(t, c.from))
		require.Equal(t, []string{c.ask, c.hold, c.earliest}, []string{ask.On.String(), hold.On.String(), earliest.On.String()}, c.from)
		require.Equal(t, c.provisional, [3]bool{ask.Provisional, hold.Provisional, earliest.Provisional}, c.from)
	}
}

// Every limit of the law that the program counts, from one Monday over the spring
// holiday of the tombs and the first of May (行政許可法 art. 32, 42, 44, 47, 48; art. 82).
// That of art. 50 is in TestWhenARenewalMayBeAsked.
func TestEveryLimitOfTheLaw(t *testing.T) {
	cal, law, from := china(t), byLaw(t), at(t, "2026-03-02")
	joint := byLaw(t)
	joint.Statutory, joint.Extension = limit(t, "45wd"), limit(t, "15wd") // unified or joint handling
	for article, c := range map[string]struct {
		by calendar.Result
		on string
	}{
		"32: say whether it is complete":  {permits.AcceptBy(cal, law, from), "2026-03-09"},
		"42: decide":                      {permits.DecideBy(cal, law, from, 0, nil), "2026-03-30"},
		"42: decide, with the head's ten": {permits.DecideBy(cal, law, from, permits.ExtensionMost, nil), "2026-04-14"},
		"42: decide together":             {permits.DecideBy(cal, joint, from, 0, nil), "2026-05-08"},
		"42: together, with fifteen more": {permits.DecideBy(cal, joint, from, joint.ExtensionMost(), nil), "2026-05-28"},
		"44: hand out":                    {permits.IssueBy(cal, law, from), "2026-03-16"},
		"45: decide, after a hearing":     {permits.DecideBy(cal, law, from, 0, []calendar.Span{cal.Closed(date(t, "2026-03-10"), date(t, "2026-03-20"))}), "2026-04-13"},
		"47: ask for a hearing":           {permits.HearingAskBy(cal, from), "2026-03-09"},
		"47: hold it":                     {permits.HearingHoldBy(cal, from), "2026-03-30"},
		"48: between notice and hearing":  {permits.HearingEarliest(cal, from), "2026-03-11"},
	} {
		require.Equal(t, c.on, c.by.On.String(), article)
		require.False(t, c.by.Provisional, article)
	}
}

// heard is a hearing that was asked for by the applicant on 2026-03-03, having been told
// on 2026-03-02.
func (w *town) heard(ming, handler context.Context, id, no string) *permits.Hearing {
	w.t.Helper()
	_, err := w.TellRight(handler, no, 0, permits.Right{Intends: "擬不予許可：廚房沒有排煙。", Others: "鄰居陳大文"})
	require.NoError(w.t, err)
	w.be(at(w.t, "2026-03-03"))
	require.NoError(w.t, w.AskHearing(ming, id, w.own(ming, id).Hearings[0].ID))
	return &w.own(ming, id).Hearings[0]
}

// The walk: told, asked, announced while the clock stands still, recorded, decided.
func TestADecisionRestsOnTheHearing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.accepted(ming, handler)
		require.Equal(t, date(t, "2026-03-30"), w.own(ming, id).DecideBy.On)
		refuse := permits.Drafting{Grants: new(bool), Reasons: "沒有排煙。"}

		_, err := w.TellRight(handler, no, 0, permits.Right{})
		kind(t, fault.Invalid, err, "intends permit.hearing.intends.required")
		_, err = w.TellRight(ming, no, 0, permits.Right{Intends: "x"})
		require.Error(t, err)
		_, err = w.TellRight(handler, no, 1, permits.Right{Intends: "x"})
		kind(t, fault.Conflict, err, "case.changed")
		_, err = w.cases.Act(handler, no, 0, cases.Suspend{Type: "hearing", Until: "2026-03-20", Notice: "聽證。"})
		kind(t, fault.Invalid, err, "permit.hearing.suspend")

		h := w.heard(ming, handler, id, no)
		said := told(t, d, id)
		require.Contains(t, said[len(said)-1], "擬不予許可：廚房沒有排煙。")
		require.Contains(t, said[len(said)-1], "2026-03-09")
		require.NoError(t, w.AskHearing(ming, id, h.ID), "asked twice, it is asked once")
		require.Error(t, w.AskHearing(w.person("stranger"), id, h.ID))
		_, err = w.TellRight(handler, no, 0, permits.Right{Intends: "x"})
		kind(t, fault.Conflict, err, "permit.hearing.under_way")
		_, err = w.DraftDecision(handler, no, 0, refuse)
		kind(t, fault.Conflict, err, "permit.hearing.first")

		good := permits.Sitting{Day: "2026-03-12", Time: "09:30", Place: "市政大樓 3 樓", Chair: account(head)}
		for name, spoil := range map[string]func(*permits.Sitting){
			"day permit.hearing.day.early":              func(s *permits.Sitting) { s.Day = "2026-03-11" },
			"day permit.hearing.day.late":               func(s *permits.Sitting) { s.Day = "2026-04-01" },
			"day permit.hearing.day.required":           func(s *permits.Sitting) { s.Day = "" },
			"time permit.inspection.time.required":      func(s *permits.Sitting) { s.Time = "noon" },
			"place permit.hearing.place.required":       func(s *permits.Sitting) { s.Place = " " },
			"chair permit.hearing.chair.other":          func(s *permits.Sitting) { s.Chair = account(handler) },
			"closed_why permit.hearing.closed.required": func(s *permits.Sitting) { s.Closed = true },
		} {
			bad := good
			spoil(&bad)
			_, err := w.Announce(handler, no, 0, bad)
			kind(t, fault.Invalid, err, name)
		}
		_, err = w.Announce(handler, no, 0, good)
		require.NoError(t, err)
		c := w.own(ming, id).Case
		require.Equal(t, "hearing", c.Suspension)
		require.Equal(t, date(t, "2026-03-12"), *c.SuspendedUntil)
		_, err = w.cases.Act(handler, no, 0, cases.Resume{})
		kind(t, fault.Conflict, err, "permit.hearing.resume")
		_, err = w.CallOff(handler, no, 0, "主持人生病。")
		require.NoError(t, err)
		require.Nil(t, w.own(ming, id).Case.SuspendedAt)
		_, err = w.Announce(handler, no, 0, good)
		require.NoError(t, err)

		record := permits.HearingRecord{Text: "申請人說明已加裝排煙。", Signed: "王小明\n陳大文"}
		_, err = w.RecordHearing(handler, no, 0, record)
		kind(t, fault.Conflict, err, "permit.hearing.not_yet")
		w.be(at(t, "2026-03-13"))
		_, err = w.RecordHearing(handler, no, 0, permits.HearingRecord{})
		kind(t, fault.Invalid, err, "record permit.hearing.record.required")
		_, err = w.RecordHearing(handler, no, 0, record)
		require.NoError(t, err)
		_, err = w.RecordHearing(handler, no, 0, record)
		kind(t, fault.Conflict, err, "permit.not_now")
		scan := []byte("signed record")
		for range 2 {
			require.NoError(t, w.AddHearingFile(handler, no, files.Upload{Name: "record.txt", Content: bytes.NewReader(scan), Size: int64(len(scan))}))
		}
		o := w.own(ming, id)
		require.Nil(t, o.Case.SuspendedAt, "the clock runs on from the record")
		require.True(t, date(t, "2026-03-30") < o.DecideBy.On, "the days of the hearing do not count")
		require.Equal(t, record, o.Hearings[0].Record)
		require.Len(t, o.Hearings[0].Files, 1)
		content, err := w.OwnHearingFile(ming, id, h.ID, o.Hearings[0].Files[0].ID)
		require.NoError(t, err)
		require.NoError(t, content.Close())
		content, err = w.HearingFile(handler, no, h.ID, o.Hearings[0].Files[0].ID)
		require.NoError(t, err)
		require.NoError(t, content.Close())
		var noted int
		require.NoError(t, d.From(handler).Raw("SELECT count(*) FROM audit_reads WHERE object_id = ?", no).Scan(&noted).Error)
		require.Equal(t, 1, noted, "what staff opened, not the applicant")

		decide(t, w, handler, head, no, false)
		require.Equal(t, permits.Refused, w.own(ming, id).Application.State)

		require.NoError(t, d.Tx(actor.AsSystem(t.Context(), "test"), func(ctx context.Context) error {
			return w.Erase(ctx, []string{w.own(ming, id).Application.HolderID})
		}))
		p, err := w.Part(handler, no)
		require.NoError(t, err)
		require.Empty(t, p.Hearings[0].Record)
		require.Empty(t, p.Hearings[0].Others)
		require.Empty(t, p.Hearings[0].Files)
		require.Equal(t, date(t, "2026-03-12"), *p.Hearings[0].HeardOn)
	})
}

// A right that nobody uses ends with the fifth working day, not before.
func TestARightToAHearingLapses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.accepted(ming, handler)
		_, err := w.TellRight(handler, no, 0, permits.Right{Intends: "擬許可。"})
		require.NoError(t, err)
		yes := true
		w.be(date(t, "2026-03-09").End(china(t).Zone()))
		_, err = w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &yes})
		kind(t, fault.Conflict, err, "permit.hearing.open")
		w.be(at(t, "2026-03-10"))
		kind(t, fault.Conflict, w.AskHearing(ming, id, w.own(ming, id).Hearings[0].ID), "permit.hearing.late")
		_, err = w.EnterAsking(handler, no, 0, permits.PaperAsking{Asker: permits.AskerInterested, Day: "2026-03-10"})
		kind(t, fault.Invalid, err, "day permit.hearing.late")
		decide(t, w, handler, head, no, true)
		require.Equal(t, permits.Granted, w.own(ming, id).Application.State)

		_, no = w.accepted(w.person("hua"), handler)
		_, err = w.TellRight(handler, no, 0, permits.Right{Intends: "擬許可。"})
		require.NoError(t, err)
		w.be(at(t, "2026-03-19")) // past the fifth day, but it came on paper before
		_, err = w.EnterAsking(handler, no, 0, permits.PaperAsking{Asker: permits.AskerInterested, Day: "2026-03-17"})
		require.NoError(t, err)
		_, err = w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &yes})
		kind(t, fault.Conflict, err, "permit.hearing.first")
	})
}

// Where the calendar of the year is not published, the right stays open, and it is said.
func TestARightOverAYearWithoutACalendarStaysOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.be(at(t, "2026-12-29"))
		ming, handler := w.person("ming"), w.staff("handler", "handler", "CG03")
		id, no := w.accepted(ming, handler)
		_, err := w.TellRight(handler, no, 0, permits.Right{Intends: "擬許可。"})
		require.NoError(t, err)
		said := told(t, d, id)
		require.Contains(t, said[len(said)-1], "2027")
		yes := true
		w.be(at(t, "2027-02-01"))
		_, err = w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &yes})
		kind(t, fault.Conflict, err, "permit.hearing.open.provisional")
		require.NoError(t, w.AskHearing(ming, id, w.own(ming, id).Hearings[0].ID))
	})
}

// 行政許可法 art. 46: of the unit's own accord, with its reason and a public notice; the
// twenty days of art. 47 do not bind it, the seven of art. 48 do.
func TestAUnitHearsOfItsOwnAccord(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.accepted(ming, handler)
		_, err := w.HearUnasked(handler, no, 0, permits.OwnHearing{Why: "涉及公共道路。"})
		kind(t, fault.Invalid, err, "public permit.hearing.public.required")
		_, err = w.HearUnasked(ming, no, 0, permits.OwnHearing{Why: "x", Public: "y"})
		require.Error(t, err)
		_, err = w.HearUnasked(handler, no, 0, permits.OwnHearing{Why: "涉及公共道路。", Public: "機關網站"})
		require.NoError(t, err)
		said := told(t, d, id)
		require.Contains(t, said[len(said)-1], "機關網站")
		_, err = w.HearUnasked(handler, no, 0, permits.OwnHearing{Why: "x", Public: "y"})
		kind(t, fault.Conflict, err, "permit.hearing.under_way")
		_, err = w.Announce(handler, no, 0, permits.Sitting{Day: "2026-03-05", Time: "09:30", Place: "第一會議室", Chair: account(head)})
		kind(t, fault.Invalid, err, "day permit.hearing.day.early")
		_, err = w.Announce(handler, no, 0, permits.Sitting{Day: "2026-04-20", Time: "09:30", Place: "第一會議室", Chair: account(head)})
		require.NoError(t, err)
		require.Equal(t, permits.AskerUnit, w.own(ming, id).Hearings[0].Asker)
	})
}
