package permits_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
)

// onSite makes the type of the town one that wants an inspection.
func (w *town) onSite() {
	name := func(s string) i18n.Text { return i18n.Text{i18n.ZhHant: s, i18n.En: s} }
	w.law.Inspection = true
	w.law.Checklist = []permittypes.Check{{Code: "hands", Name: name("洗手設備")}, {Code: "flow", Name: name("動線")}}
}

func account(ctx context.Context) string { return actor.From(ctx).AccountID }

// accepted is an application that waits for its decision, and its case.
func (w *town) accepted(ming, handler context.Context) (id, no string) {
	w.t.Helper()
	id, no = w.apply(ming)
	_, err := w.Examine(handler, no, 0, permits.Examination{Verdicts: fine("plan", "lease")})
	require.NoError(w.t, err)
	_, err = w.cases.Act(handler, no, 0, cases.Assign{})
	require.NoError(w.t, err)
	return id, no
}

func (w *town) appoint(handler, other context.Context, no, day string) *permits.Inspection {
	w.t.Helper()
	_, err := w.Appoint(handler, no, 0, permits.Appointment{Day: day, Time: "09:30", Officials: []string{account(handler), account(other)}, Notice: "請負責人在場。"})
	require.NoError(w.t, err)
	site, err := w.Site(handler, no)
	require.NoError(w.t, err)
	return site.Open()
}

func visit(one *permits.Inspection, passed bool, who ...context.Context) permits.Visit {
	v := permits.Visit{InspectionID: one.ID, ClientID: db.NewID(time.Now()), Passed: &passed,
		Findings: map[string]permits.Finding{"hands": {Verdict: permits.Met}, "flow": {Verdict: permits.Met}}}
	if !passed {
		v.Findings["flow"] = permits.Finding{Verdict: permits.Unmet, Note: "生熟沒有分開。"}
	}
	for _, one := range who {
		v.Present = append(v.Present, account(one))
	}
	return v
}

// 行政許可法 art. 34: two officials at least; told beforehand; no grant before it.
func TestAGrantWaitsForTheInspection(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.onSite()
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.accepted(ming, handler)
		yes, not := true, false
		_, err := w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &yes})
		kind(t, fault.Conflict, err, "permit.inspection.first")
		_, err = w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &not, Reasons: "不合規定。"})
		kind(t, fault.Invalid, err, "permit.inspection.uninspected")

		two := []string{account(handler), account(head)}
		for name, bad := range map[string]permits.Appointment{
			"officials permit.inspection.officials.two":     {Day: "2026-03-05", Time: "09:30", Officials: []string{two[0], two[0]}},
			"officials permit.inspection.officials.unknown": {Day: "2026-03-05", Time: "09:30", Officials: []string{two[0], account(ming)}},
			"day permit.inspection.day.past":                {Day: "2026-03-02", Time: "09:30", Officials: two},
			"day permit.inspection.day.far":                 {Day: "2026-06-01", Time: "09:30", Officials: two},
			"time permit.inspection.time.required":          {Day: "2026-03-05", Time: "half past", Officials: two},
		} {
			_, err := w.Appoint(handler, no, 0, bad)
			kind(t, fault.Invalid, err, name)
		}
		_, err = w.Appoint(ming, no, 0, permits.Appointment{Day: "2026-03-05", Time: "09:30", Officials: two})
		require.Error(t, err)
		_, err = w.Appoint(handler, no, 1, permits.Appointment{Day: "2026-03-05", Time: "09:30", Officials: two})
		kind(t, fault.Conflict, err, "case.changed")

		first := w.appoint(handler, head, no, "2026-03-04")
		one := w.appoint(handler, head, no, "2026-03-05")
		said := told(t, d, id)
		require.Contains(t, said[len(said)-1], "2026 年 3 月 5 日")
		require.Contains(t, said[len(said)-1], "09:30")
		require.Contains(t, said[len(said)-1], "請負責人在場。")
		require.Equal(t, one.ID, w.own(ming, id).Inspections[0].ID)
		_, _, err = w.RecordInspection(handler, no, visit(first, true, handler, head))
		kind(t, fault.Conflict, err, "permit.inspection.called_off")

		w.be(at(t, "2026-03-05"))
		v := visit(one, false, handler, head)
		v.FilledAt = w.clock().Add(-time.Hour)
		_, again, err := w.RecordInspection(handler, no, v)
		require.NoError(t, err)
		require.False(t, again)
		_, err = w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &yes})
		kind(t, fault.Conflict, err, "permit.inspection.failed")
		said = told(t, d, id)
		require.Contains(t, said[len(said)-1], "動線：不符合。生熟沒有分開。")
		site, err := w.Site(head, no)
		require.NoError(t, err)
		require.Equal(t, w.clock().Add(-time.Hour).UTC(), site.Inspections[0].FilledAt.UTC())

		w.be(at(t, "2026-03-06"))
		one = w.appoint(handler, head, no, "2026-03-09")
		_, _, err = w.RecordInspection(head, no, visit(one, true, handler, head))
		require.NoError(t, err)
		decide(t, w, handler, head, no, true)
		require.Equal(t, permits.Granted, w.own(ming, id).Application.State)
		_, _, err = w.RecordInspection(head, no, visit(one, true, handler, head))
		kind(t, fault.Conflict, err, "permit.inspection.recorded")
	})
}

// told is what the applicant of a case was told, the oldest first.
func told(t *testing.T, d *db.DB, application string) (list []string) {
	t.Helper()
	require.NoError(t, d.From(t.Context()).Raw(`SELECT m.text FROM case_messages m JOIN permit_applications a ON a.case_id = m.case_id
 WHERE a.id = ? AND m.direction = 'out' AND m.published ORDER BY m.at, m.id`, application).Scan(&list).Error)
	require.NotEmpty(t, list)
	return list
}

func TestARefusalWithoutAnInspectionSaysWhy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.onSite()
		ming, handler := w.person("ming"), w.staff("handler", "handler", "CG03")
		_, no := w.accepted(ming, handler)
		not := false
		_, err := w.DraftDecision(handler, no, 0, permits.Drafting{Grants: &not, Reasons: "不合規定。", Uninspected: "場所已拆除。"})
		require.NoError(t, err)
		p, err := w.Part(handler, no)
		require.NoError(t, err)
		require.Equal(t, "場所已拆除。", p.Decision.Uninspected)
	})
}

// A form that was filled in without network comes late, and more than once.
func TestAFormFromThePhoneCountsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.onSite()
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.accepted(ming, handler)
		one := w.appoint(handler, head, no, "2026-03-05")
		v := visit(one, true, handler, head)

		bad := map[string]func(*permits.Visit){
			"officials permit.inspection.officials.two":   func(v *permits.Visit) { v.Present = v.Present[:1] },
			"passed permit.inspection.passed.required":    func(v *permits.Visit) { v.Passed = nil },
			"check.flow permit.inspection.check.required": func(v *permits.Visit) { delete(v.Findings, "flow") },
			"note.flow permit.inspection.check.reason":    func(v *permits.Visit) { v.Findings["flow"] = permits.Finding{Verdict: permits.Unmet} },
			"summary permit.inspection.summary.despite":   func(v *permits.Visit) { v.Findings["flow"] = permits.Finding{Verdict: permits.Unmet, Note: "x"} },
		}
		for name, spoil := range bad {
			worse := v
			worse.Findings = maps.Clone(v.Findings)
			spoil(&worse)
			_, _, err := w.RecordInspection(handler, no, worse)
			kind(t, fault.Invalid, err, name)
		}
		third := w.staff("third", "handler", "CG03")
		_, _, err := w.RecordInspection(third, no, v)
		kind(t, fault.Invalid, err, "officials permit.inspection.officials.self")

		var sends sync.WaitGroup
		errs, agains := make([]error, 3), make([]bool, 3)
		for i := range errs {
			sends.Go(func() {
				same := v
				same.FilledAt = w.clock().Add(time.Duration(i) * time.Second) // no part of what it says
				_, agains[i], errs[i] = w.RecordInspection(handler, no, same)
			})
		}
		sends.Wait()
		fresh := 0
		for i, err := range errs {
			require.NoError(t, err)
			if !agains[i] {
				fresh++
			}
		}
		require.Equal(t, 1, fresh)
		var events int64
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM case_events e JOIN permit_applications a ON a.case_id = e.case_id WHERE a.id = ? AND action = 'inspect'", id).Scan(&events).Error)
		require.EqualValues(t, 1, events)

		changed := v
		changed.Summary = "另有說明。"
		for _, other := range []permits.Visit{visit(one, false, handler, head), changed} {
			_, _, err := w.RecordInspection(head, no, other)
			kind(t, fault.Conflict, err, "permit.inspection.recorded")
		}

		photo := func(name string) files.Upload {
			var body bytes.Buffer
			require.NoError(t, jpeg.Encode(&body, image.NewGray(image.Rect(0, 0, 8, 8)), nil))
			return files.Upload{Name: name, Content: bytes.NewReader(body.Bytes()), Size: int64(body.Len())}
		}
		for range 2 {
			sends.Go(func() { _ = w.AddPhoto(handler, no, v, 1, photo("a.jpg")) })
		}
		sends.Wait()
		require.NoError(t, w.AddPhoto(handler, no, v, 1, photo("a.jpg")))
		require.NoError(t, w.AddPhoto(handler, no, v, 2, photo("b.jpg")))
		text := []byte("no photo")
		kind(t, fault.Invalid, w.AddPhoto(handler, no, v, 3, files.Upload{Name: "c.txt", Content: bytes.NewReader(text), Size: int64(len(text))}), "photos permit.inspection.photo.kind")
		site, err := w.Site(head, no)
		require.NoError(t, err)
		require.Len(t, site.Inspections[0].Photos, 2)
		content, err := w.Photo(head, no, one.ID, site.Inspections[0].Photos[0].ID)
		require.NoError(t, err)
		require.NoError(t, content.Close())
		_, err = w.Photo(ming, no, one.ID, site.Inspections[0].Photos[0].ID)
		require.Error(t, err)
	})
}

// owed is what the permits of the town owe.
type owed struct {
	none   error
	visits []string
	found  string
}

func (o *owed) Visitable(context.Context, string) error { return o.none }

func (o *owed) Appointed(_ context.Context, no, id string) error {
	o.visits = append(o.visits, no+" "+id)
	return nil
}

func (o *owed) Inspected(_ context.Context, no, id string, passed bool, found string) error {
	o.found = fmt.Sprint(no, " ", id, " ", passed, "\n", found)
	return o.none
}

// TestOfficialsComeAgainAfterThePermitIsIssued: only while the permit owes it, with the
// same two officials and checklist, and the case stays as it was concluded.
func TestOfficialsComeAgainAfterThePermitIsIssued(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, handler, head := w.person("ming"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		_, no := w.apply(ming)
		w.decided(handler, head, no)
		w.onSite()
		o := &owed{none: fault.New(fault.Conflict, "duty.no_visit")}
		w.Visits = o
		before, err := w.Part(handler, no)
		require.NoError(t, err)
		when := permits.Appointment{Day: "2026-04-01", Time: "09:30", Officials: []string{account(handler), account(head)}}
		_, err = w.Appoint(handler, no, before.Case.Version, when)
		kind(t, fault.Conflict, err, "duty.no_visit")
		o.none = nil
		_, err = w.Appoint(handler, no, before.Case.Version-1, when)
		kind(t, fault.Conflict, err, "case.changed")
		_, err = w.Appoint(handler, no, before.Case.Version, when)
		require.NoError(t, err)
		site, err := w.Site(handler, no)
		require.NoError(t, err)
		require.True(t, site.Goes)
		one := site.Open()
		require.Equal(t, []string{before.Decision.PermitNo + " " + one.ID}, o.visits)
		w.be(at(t, "2026-04-01"))
		_, again, err := w.RecordInspection(handler, no, visit(one, false, handler, head))
		require.NoError(t, err)
		require.False(t, again)
		require.Contains(t, o.found, one.ID+" false\n")
		require.Contains(t, o.found, "生熟沒有分開。")
		after, err := w.Part(handler, no)
		require.NoError(t, err)
		require.Equal(t, before.Case.Version, after.Case.Version)
	})
}
