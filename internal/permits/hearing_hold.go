package permits

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/text"
)

// suspendedByHearing is the type of suspension that a hearing is (行政許可法 art. 45).
const suspendedByHearing = "hearing"

// placeMost is how long the place of a hearing may be, in characters.
const placeMost = 200

// Sitting is when and where a hearing is held, and by whom, as it was typed.
type Sitting struct {
	Day, Time string // as 2026-11-24 and 09:30, where the case is
	Place     string
	Chair     string // account
	Closed    bool
	ClosedWhy string // what the law keeps secret
}

// Announce tells when and where the hearing is, seven working days before it at least
// and within twenty of being asked, who chairs, and whether it is public (art. 47, 48).
// From then on the clock of the decision stands still, until the record (art. 45).
func (s *Service) Announce(ctx context.Context, caseNo string, version int64, a Sitting) (*cases.Case, error) {
	return s.hearThen(ctx, caseNo, version, func(ctx context.Context, v *HearingPage) (string, error) {
		h := v.Newest
		if h == nil || h.State != HearingAsked {
			return "", fault.New(fault.Conflict, "permit.not_now")
		}
		at, err := a.check(v)
		if err != nil {
			return "", err
		}
		on := calendar.DateOf(at, v.Zone)
		chair := v.Chairs[slices.IndexFunc(v.Chairs, func(p Person) bool { return p.ID == a.Chair })]
		place := text.Line(a.Place)
		closedWhy := ""
		if a.Closed {
			closedWhy = text.Lines(a.ClosedWhy)
		}
		if err := s.moveHearing(ctx, h, HearingAsked, map[string]any{"state": HearingAnnounced, "heard_at": at, "heard_on": on, "place": place, "closed": a.Closed, "closed_why": closedWhy,
			"chair_id": a.Chair, "announced_at": s.now(), "announced_on": v.Today, "announced_by_id": db.Ref(actor.From(ctx).AccountID)}); err != nil {
			return "", err
		}
		f := i18n.Format{Lang: i18n.Lang(v.Case.Locale), Zone: v.Zone}
		said := s.say(v.Case, "permit.hearing.said.announced", i18n.Args{"At": f.DateTime(at), "Place": place, "Chair": chair.Name})
		public := s.say(v.Case, "permit.hearing.said.public", nil)
		if a.Closed {
			public = s.say(v.Case, "permit.hearing.said.closed", i18n.Args{"Why": closedWhy})
		}
		return said + "\n\n" + public, s.recordHearing(ctx, v, "permit.hearing.announce", h, audit.Change{Field: "heard_on", After: on.String()})
	}, func(ctx context.Context, c *cases.Case) (*cases.Case, error) { return s.standStill(ctx, c) })
}

func (a Sitting) check(v *HearingPage) (time.Time, error) {
	var c fault.Check
	day, dayErr := calendar.ParseDate(a.Day)
	clock, clockErr := time.Parse("15:04", a.Time)
	c.That(dayErr == nil, "day", "permit.hearing.day.required")
	c.That(clockErr == nil, "time", "permit.inspection.time.required")
	if dayErr == nil {
		c.That(day >= v.Earliest.On, "day", "permit.hearing.day.early", "Day", v.Earliest.On.String())
		// A unit that is late already holds it as soon as it may.
		last := max(v.HoldBy.On, v.Earliest.On)
		c.That(v.HoldBy.Provisional || v.Newest.Asker == AskerUnit || day <= last, "day", "permit.hearing.day.late", "Day", last.String())
		c.That(day <= v.Today.Add(visitMost), "day", "permit.hearing.day.far", "Days", visitMost)
	}
	c.That(text.Line(a.Place) != "", "place", "permit.hearing.place.required")
	c.That(utf8.RuneCountInString(a.Place) <= placeMost, "place", "case.text.long", "Max", placeMost)
	known := slices.ContainsFunc(v.Chairs, func(p Person) bool { return p.ID == a.Chair })
	c.That(known, "chair", "permit.hearing.chair.other")
	c.That(!a.Closed || text.Lines(a.ClosedWhy) != "", "closed_why", "permit.hearing.closed.required")
	c.That(utf8.RuneCountInString(a.ClosedWhy) <= cases.TextMost/5, "closed_why", "case.text.long", "Max", cases.TextMost/5)
	at := day.Start(v.Zone).Add(time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute)
	return at.UTC(), c.Err()
}

// hearThen is hear with a further act of the case, such as what becomes of its clock.
func (s *Service) hearThen(ctx context.Context, caseNo string, version int64, step func(context.Context, *HearingPage) (string, error), then func(context.Context, *cases.Case) (*cases.Case, error)) (out *cases.Case, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		c, err := s.hear(ctx, caseNo, version, step)
		if err != nil {
			return err
		}
		out, err = then(ctx, c)
		return err
	})
	return out, db.Fault(err, "", "case.changed")
}

// standStill suspends the clock until the day of the hearing. One that stands still for
// another reason, or has run out, is left as it is.
func (s *Service) standStill(ctx context.Context, c *cases.Case) (*cases.Case, error) {
	if c.DueAt == nil || s.now().After(*c.DueAt) {
		return c, nil
	}
	list, err := s.hearingsOf(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	until := *list[0].HeardOn
	return s.Cases.TrackAct(ctx, c.CaseNo, 0, access.PermitHear, cases.Suspend{Type: suspendedByHearing, Until: until.String(),
		Notice: s.say(c, "permit.hearing.said.stands", i18n.Args{"Day": until.String()})})
}

// runOn ends the suspension by the hearing.
func (s *Service) runOn(ctx context.Context, c *cases.Case) (*cases.Case, error) {
	if c.SuspendedAt == nil || c.Suspension != suspendedByHearing {
		return c, nil
	}
	return s.Cases.TrackAct(ctx, c.CaseNo, 0, access.PermitHear, cases.Resume{})
}

func (s *Service) hearingsOf(ctx context.Context, caseID string) ([]Hearing, error) {
	a, err := s.read(ctx, "case_id = ?", caseID)
	if err != nil {
		return nil, err
	}
	return s.hearings(ctx, a.ID)
}

// CallOff takes an announcement back, with the reason that the applicant reads. The
// hearing is announced anew, and the clock runs until then.
func (s *Service) CallOff(ctx context.Context, caseNo string, version int64, reason string) (*cases.Case, error) {
	return s.hearThen(ctx, caseNo, version, func(ctx context.Context, v *HearingPage) (string, error) {
		h := v.Newest
		if h == nil || h.State != HearingAnnounced {
			return "", fault.New(fault.Conflict, "permit.not_now")
		}
		var c fault.Check
		c.That(text.Lines(reason) != "", "reason", "permit.hearing.reason.required")
		c.That(utf8.RuneCountInString(reason) <= cases.TextMost/5, "reason", "case.text.long", "Max", cases.TextMost/5)
		if err := c.Err(); err != nil {
			return "", err
		}
		if err := s.moveHearing(ctx, h, HearingAnnounced, map[string]any{"state": HearingAsked, "heard_at": nil, "heard_on": nil, "place": "", "closed": false, "closed_why": "",
			"chair_id": nil, "announced_at": nil, "announced_on": nil, "announced_by_id": nil}); err != nil {
			return "", err
		}
		return s.say(v.Case, "permit.hearing.said.called_off", i18n.Args{"Reason": text.Lines(reason)}), s.recordHearing(ctx, v, "permit.hearing.call_off", h, audit.Change{Field: "heard_on", Before: h.HeardOn.String()})
	}, s.runOn)
}

// RecordHearing writes what was said and who signed it, once; the decision rests on it
// (art. 48). The clock runs on.
func (s *Service) RecordHearing(ctx context.Context, caseNo string, version int64, r HearingRecord) (*cases.Case, error) {
	return s.hearThen(ctx, caseNo, version, func(ctx context.Context, v *HearingPage) (string, error) {
		h := v.Newest
		if h == nil || h.State != HearingAnnounced {
			return "", fault.New(fault.Conflict, "permit.not_now")
		}
		if s.now().Before(*h.HeardAt) {
			return "", fault.New(fault.Conflict, "permit.hearing.not_yet")
		}
		var c fault.Check
		r.Text, r.Signed = text.Lines(r.Text), text.Lines(r.Signed)
		c.That(r.Text != "", "record", "permit.hearing.record.required")
		c.That(r.Signed != "", "signed", "permit.hearing.signed.required")
		c.That(utf8.RuneCountInString(r.Text) <= cases.TextMost, "record", "case.text.long", "Max", cases.TextMost)
		c.That(utf8.RuneCountInString(r.Signed) <= cases.TextMost/5, "signed", "case.text.long", "Max", cases.TextMost/5)
		if err := c.Err(); err != nil {
			return "", err
		}
		body, err := json.Marshal(r)
		if err != nil {
			return "", fmt.Errorf("write the record of a hearing: %w", err)
		}
		cipher, err := s.Vault.Seal(ctx, v.Application.VaultKeyID, purposeHearing, body)
		if err != nil {
			return "", err
		}
		if err := s.moveHearing(ctx, h, HearingAnnounced, map[string]any{"state": HearingHeld, "record_cipher": cipher, "recorded_at": s.now(), "recorded_on": v.Today,
			"recorded_by_id": db.Ref(actor.From(ctx).AccountID)}); err != nil {
			return "", err
		}
		return s.say(v.Case, "permit.hearing.said.held", nil), s.recordHearing(ctx, v, "permit.hearing.record", h)
	}, s.runOn)
}

// AddHearingFile keeps the signed record as a file, until the decision is made.
func (s *Service) AddHearingFile(ctx context.Context, caseNo string, u files.Upload) error {
	v, err := s.HearingPage(ctx, caseNo)
	if err != nil {
		return err
	}
	if err := v.mayHear(); err != nil {
		return err
	}
	h := v.Newest
	if h == nil || h.State != HearingHeld {
		return fault.New(fault.Conflict, "permit.not_now")
	}
	if slices.ContainsFunc(h.Files, func(f files.File) bool { return f.Name == strings.TrimSpace(u.Name) && f.Size == u.Size }) {
		return nil // the same form, sent again
	}
	u.Owner = h.owner()
	_, err = s.Files.Add(ctx, u)
	return err
}

// hearingSuspends refuses a suspension for a hearing that is not announced; it is done
// on the page of the hearing.
func (g guard) hearingSuspends(ctx context.Context, c *cases.Case, cmd cases.Suspend) error {
	if cmd.Type != suspendedByHearing {
		return nil
	}
	list, err := g.s.hearingsOf(ctx, c.ID)
	if err != nil {
		return ignoreMissing(err)
	}
	if h := newestHearing(list); h == nil || h.State != HearingAnnounced {
		return fault.InvalidInput(fault.Field{Name: "reason", Key: "permit.hearing.suspend"})
	}
	return nil
}

// hearingResumes keeps the clock still while an announced hearing has no record.
func (g guard) hearingResumes(ctx context.Context, c *cases.Case) error {
	if c.Suspension != suspendedByHearing {
		return nil
	}
	list, err := g.s.hearingsOf(ctx, c.ID)
	if err != nil {
		return ignoreMissing(err)
	}
	if h := newestHearing(list); h != nil && h.State == HearingAnnounced {
		return fault.New(fault.Conflict, "permit.hearing.resume")
	}
	return nil
}
