package permits

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/text"
)

// Finding is what somebody found at one point of the checklist.
type Finding struct {
	Verdict string
	Note    string
}

// Visit is the form that officials fill in on site. It may arrive hours after it
// was filled in, and more than once: ClientID, which the form brought with it, says
// that it is the same one.
type Visit struct {
	InspectionID string
	ClientID     string
	FilledAt     time.Time // by the clock of the device; zero: unknown
	Present      []string  // accounts
	Findings     map[string]Finding
	Passed       *bool
	Summary      string
}

// RecordInspection writes what was found on site. The same form sent again changes
// nothing, and again says so; another form for an inspection that is recorded, called
// off or past is a conflict.
func (s *Service) RecordInspection(ctx context.Context, caseNo string, v Visit) (one *Inspection, again bool, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		one, again = nil, false
		at, err := s.Site(ctx, caseNo)
		if err != nil {
			return err
		}
		if err := at.View.May(access.PermitInspect); err != nil {
			return err
		}
		if one, again, err = s.standing(at, v); err != nil || again {
			return err
		}
		if err := s.inspectable(ctx, at); err != nil {
			return err
		}
		if err := v.check(ctx, at); err != nil {
			return err
		}
		again, err = s.claim(ctx, at, one, v)
		if err != nil || again {
			return err
		}
		if at.issued() {
			return s.Visits.Inspected(ctx, at.Decision.PermitNo, one.ID, *v.Passed, s.found(at, v))
		}
		_, err = s.Cases.TrackAct(ctx, caseNo, 0, access.PermitInspect, cases.Notice{Act: cases.ActInspect, Text: s.found(at, v)})
		if err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "permit.inspect", Kind: "application", ID: at.Application.ID,
			Fields: []audit.Change{{Field: "case", After: caseNo}, {Field: "passed", After: fmt.Sprint(*v.Passed)}}})
	})
	return one, again, db.Fault(err, "", "case.changed")
}

// standing finds the inspection of a form, and says whether the form is here already.
func (s *Service) standing(at *Site, v Visit) (*Inspection, bool, error) {
	i := slices.IndexFunc(at.Inspections, func(one Inspection) bool { return one.ID == v.InspectionID })
	if i < 0 {
		return nil, false, errMissing
	}
	one := &at.Inspections[i]
	switch {
	case !db.IsID(v.ClientID):
		return nil, false, fault.New(fault.Invalid, "fault.malformed")
	case one.State == CalledOff:
		return nil, false, fault.New(fault.Conflict, "permit.inspection.called_off")
	case one.State == Recorded && one.ClientID == v.ClientID && one.Digest == v.digest():
		return one, true, nil
	case one.State == Recorded:
		by := ""
		if one.RecordedByID != nil {
			by = at.Names[*one.RecordedByID]
		}
		return nil, false, fault.New(fault.Conflict, "permit.inspection.recorded").With("Name", by)
	}
	return one, false, nil
}

// digest is a sum of what the form says; FilledAt is no part of it.
func (v Visit) digest() string {
	v.FilledAt = time.Time{}
	v.Present = slices.Sorted(slices.Values(v.Present))
	body, _ := json.Marshal(v) // texts, booleans and a map of texts: nothing of it can fail
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

func (v Visit) check(ctx context.Context, at *Site) error {
	var c fault.Check
	Appointment{Officials: v.Present}.checkOfficials(at, &c)
	a := actor.From(ctx)
	mine := slices.Contains(v.Present, a.AccountID) || a.AsAccountID != "" && slices.Contains(v.Present, a.AsAccountID)
	c.That(len(v.Present) < OfficialsLeast || mine, "officials", "permit.inspection.officials.self")
	unmet := false
	for _, point := range at.Checklist {
		f := v.Findings[point.Code]
		c.That(f.Verdict == Met || f.Verdict == Unmet || f.Verdict == None, "check."+point.Code, "permit.inspection.check.required")
		c.That(f.Verdict != Unmet || text.Lines(f.Note) != "", "note."+point.Code, "permit.inspection.check.reason")
		c.That(len([]rune(f.Note)) <= noteMost, "note."+point.Code, "case.text.long", "Max", noteMost)
		unmet = unmet || f.Verdict == Unmet
	}
	c.That(v.Passed != nil, "passed", "permit.inspection.passed.required")
	passed := v.Passed != nil && *v.Passed
	c.That(!passed || !unmet || text.Lines(v.Summary) != "", "summary", "permit.inspection.summary.despite")
	c.That(v.Passed == nil || passed || unmet || text.Lines(v.Summary) != "", "summary", "permit.inspection.summary.why")
	c.That(len([]rune(v.Summary)) <= cases.TextMost/2, "summary", "case.text.long", "Max", cases.TextMost/2)
	return c.Err()
}

// noteMost is how long a note to one point may be, in characters.
const noteMost = 500

// clockAhead is how far the clock of a device may be ahead of ours.
const clockAhead = 5 * time.Minute

// claim makes the appointment the record. Of two forms at once one wins; the other,
// when it is the same one, hears that it is here.
func (s *Service) claim(ctx context.Context, at *Site, one *Inspection, v Visit) (again bool, err error) {
	columns := map[string]any{"state": Recorded, "client_id": v.ClientID, "digest": v.digest(), "recorded_at": s.now(), "recorded_on": at.Today,
		"recorded_by_id": db.Ref(actor.From(ctx).AccountID), "passed": *v.Passed, "findings": text.Lines(v.Summary)}
	if !v.FilledAt.Before(one.AppointedAt) && !v.FilledAt.After(s.now().Add(clockAhead)) {
		columns["filled_at"] = v.FilledAt.UTC().Truncate(time.Second)
	}
	res := s.DB.From(ctx).Model(&Inspection{}).Where("id = ? AND state = 'appointed'", one.ID).Updates(columns)
	if res.Error != nil {
		return false, fmt.Errorf("record an inspection: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		if at.Inspections, err = s.inspections(ctx, at.Application.ID); err != nil {
			return false, err
		}
		_, again, err = s.standing(at, v)
		return again, err
	}
	return false, s.storeFindings(ctx, at, one, v)
}

func (s *Service) storeFindings(ctx context.Context, at *Site, one *Inspection, v Visit) error {
	came := slices.Compact(slices.Sorted(slices.Values(v.Present)))
	for _, id := range came {
		err := s.DB.From(ctx).Exec(`INSERT INTO permit_inspection_officials (inspection_id, official_id, appointed, present) VALUES (?, ?, ?, ?)
 ON CONFLICT (inspection_id, official_id) DO UPDATE SET present = excluded.present`, one.ID, id, false, true).Error
		if err != nil {
			return fmt.Errorf("store who inspected: %w", err)
		}
	}
	var list []InspectionCheck
	for _, point := range at.Checklist {
		f := v.Findings[point.Code]
		list = append(list, InspectionCheck{InspectionID: one.ID, Code: point.Code, Verdict: f.Verdict, Note: text.Lines(f.Note)})
	}
	if len(list) == 0 {
		return nil
	}
	if err := s.DB.From(ctx).Create(&list).Error; err != nil {
		return fmt.Errorf("store what was found: %w", err)
	}
	return nil
}

// found is the record as the applicant and the story of the case read it.
func (s *Service) found(at *Site, v Visit) string {
	lang := i18n.Lang(at.Case.Locale)
	key := "permit.inspection.found.no"
	if *v.Passed {
		key = "permit.inspection.found.yes"
	}
	var names []string
	for _, p := range at.Colleagues {
		if slices.Contains(v.Present, p.ID) {
			names = append(names, p.Name)
		}
	}
	lines := []string{s.Words.T(lang, key, nil) + "\n" + s.Words.T(lang, "permit.inspection.found.by", i18n.Args{"Names": strings.Join(names, comma(lang))})}
	var points []string
	for _, point := range at.Checklist {
		f := v.Findings[point.Code]
		line := point.Name.In(lang) + colon(lang) + s.Words.T(lang, "permit.inspection.verdict."+f.Verdict, nil)
		if note := text.Line(f.Note); note != "" {
			line += stop(lang) + note
		}
		points = append(points, line)
	}
	for _, more := range []string{strings.Join(points, "\n"), text.Lines(v.Summary)} {
		if more != "" {
			lines = append(lines, more)
		}
	}
	return strings.Join(lines, "\n\n")
}

func comma(l i18n.Lang) string {
	if l == i18n.En {
		return ", "
	}
	return "、"
}

func colon(l i18n.Lang) string {
	if l == i18n.En {
		return ": "
	}
	return "："
}

func stop(l i18n.Lang) string {
	if l == i18n.En {
		return ". "
	}
	return "。"
}

// AddPhoto keeps the photo at a place of the form's list. One that is there already
// is not kept twice, however often a form arrives.
func (s *Service) AddPhoto(ctx context.Context, caseNo string, v Visit, place int, u files.Upload) error {
	at, err := s.Site(ctx, caseNo)
	if err != nil {
		return err
	}
	if err := at.View.May(access.PermitInspect); err != nil {
		return err
	}
	one, here, err := s.standing(at, v)
	if err != nil {
		return err
	}
	if !here { // the record comes first
		return fault.New(fault.Conflict, "permit.not_now")
	}
	u.Name = fmt.Sprintf("%d-%s", place, u.Name)
	u.Owner = one.owner()
	for _, f := range one.Photos {
		if strings.HasPrefix(f.Name, fmt.Sprintf("%d-", place)) {
			return nil
		}
	}
	added, err := s.Files.Add(ctx, u)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(added.MediaType, "image/") {
		if err := s.Files.Remove(ctx, u.Owner, added.ID); err != nil {
			return err
		}
		return fault.InvalidInput(fault.Field{Name: "photos", Key: "permit.inspection.photo.kind"})
	}
	return s.oneEach(ctx, u.Owner)
}

// oneEach leaves one photo at each place, where the same form came twice at once.
func (s *Service) oneEach(ctx context.Context, o files.Owner) error {
	list, err := s.Files.List(ctx, o)
	if err != nil {
		return err
	}
	first := map[string]string{}
	for _, f := range list { // by id, which is by time
		place, _, _ := strings.Cut(f.Name, "-")
		if _, taken := first[place]; !taken {
			first[place] = f.ID
		}
	}
	kept := slices.Collect(maps.Values(first))
	for _, f := range list {
		if slices.Contains(kept, f.ID) {
			continue
		}
		if err := s.Files.Remove(ctx, o, f.ID); err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
	}
	return nil
}
