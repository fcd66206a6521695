package permits

import (
	"context"
	"fmt"
	"strings"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/text"
)

// Right is what the unit tells of the right to a hearing, as it was typed.
type Right struct {
	Intends string // what is intended, and why
	Others  string // whose interests it touches; the unit writes to them itself
}

// TellRight tells the applicant what is intended and why, and until when a hearing may
// be asked for (行政許可法 art. 47). One that nobody asked for in time may be told anew.
func (s *Service) TellRight(ctx context.Context, caseNo string, version int64, r Right) (*cases.Case, error) {
	return s.hear(ctx, caseNo, version, func(ctx context.Context, v *HearingPage) (string, error) {
		if h := v.Newest; h != nil && h.Open() && !v.Unasked {
			return "", fault.New(fault.Conflict, "permit.hearing.under_way")
		}
		var c fault.Check
		c.That(text.Lines(r.Intends) != "", "intends", "permit.hearing.intends.required")
		for name, typed := range map[string]string{"intends": r.Intends, "others": r.Others} {
			c.That(len([]rune(typed)) <= cases.TextMost/2, name, "case.text.long", "Max", cases.TextMost/2)
		}
		if err := c.Err(); err != nil {
			return "", err
		}
		one := &Hearing{ID: db.NewID(s.now()), ApplicationID: v.Application.ID, No: int64(len(v.Hearings) + 1), State: HearingTold, Intends: text.Lines(r.Intends),
			ToldAt: s.now(), ToldOn: v.Today, ToldByID: db.Ref(actor.From(ctx).AccountID)}
		var err error
		if named := text.Lines(r.Others); named != "" {
			if one.OthersCipher, err = s.Vault.Seal(ctx, v.Application.VaultKeyID, purposeOthers, []byte(named)); err != nil {
				return "", err
			}
		}
		if v.Unasked {
			if err := s.moveHearing(ctx, v.Newest, HearingTold, map[string]any{"state": HearingLapsed}); err != nil {
				return "", err
			}
		}
		if err := s.DB.From(ctx).Create(one).Error; err != nil {
			return "", fmt.Errorf("store a hearing: %w", db.Fault(err, "", "case.changed"))
		}
		by := HearingAskBy(v.Calendar, s.now())
		said := s.say(v.Case, "permit.hearing.said.told", i18n.Args{"Intends": one.Intends, "Day": by.On.String()})
		if by.Provisional {
			said += "\n\n" + s.say(v.Case, "permit.hearing.said.provisional", i18n.Args{"Year": fmt.Sprint(by.On.Year())})
		}
		return said, s.recordHearing(ctx, v, "permit.hearing.tell", one)
	})
}

// hear does one step of a hearing: the applicant reads what the step says, and the case
// is as it was read.
func (s *Service) hear(ctx context.Context, caseNo string, version int64, step func(context.Context, *HearingPage) (said string, err error)) (out *cases.Case, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		v, err := s.HearingPage(ctx, caseNo)
		if err != nil {
			return err
		}
		if err := v.mayHear(); err != nil {
			return err
		}
		if v.Type.OfTaiwan() { // these are the hearings of the licensing law
			return fault.New(fault.Conflict, "permit.hearing.law")
		}
		said, err := step(ctx, v)
		if err != nil {
			return err
		}
		out, err = s.Cases.TrackAct(ctx, caseNo, version, access.PermitHear, cases.Notice{Act: cases.ActHearing, Text: said})
		return err
	})
	return out, db.Fault(err, "", "case.changed")
}

// say is a text for the applicant, in the language of the case.
func (s *Service) say(c *cases.Case, key string, args i18n.Args) string {
	return s.Words.T(i18n.Lang(c.Locale), key, args)
}

func (s *Service) recordHearing(ctx context.Context, v *HearingPage, action string, h *Hearing, more ...audit.Change) error {
	fields := append([]audit.Change{{Field: "case", After: v.Case.CaseNo}, {Field: "hearing", After: fmt.Sprint(h.No)}}, more...)
	return s.Audit.Record(ctx, audit.Entry{Action: action, Kind: "application", ID: v.Application.ID, Fields: fields})
}

// moveHearing changes a hearing that is still in the state in which it was read.
func (s *Service) moveHearing(ctx context.Context, h *Hearing, from string, columns map[string]any) error {
	res := s.DB.From(ctx).Model(&Hearing{}).Where("id = ? AND state = ?", h.ID, from).Updates(columns)
	if res.Error != nil {
		return fmt.Errorf("change a hearing: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.Conflict, "case.changed")
	}
	return nil
}

// AskHearing asks for a hearing from the applicant's side, within five working days of
// being told (art. 47). Asked again, it is asked once.
func (s *Service) AskHearing(ctx context.Context, id, hearingID string) error {
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		o, err := s.Own(ctx, id)
		if err != nil {
			return err
		}
		if !o.MayWrite {
			return fault.New(fault.Forbidden, "access.forbidden")
		}
		h := newestHearing(o.Hearings)
		switch {
		case h == nil || h.ID != hearingID || o.Case == nil:
			return errMissing
		case h.Asker == AskerApplicant:
			return nil
		case o.Decision != nil || o.Application.State != Accepted && o.Application.State != Correcting || h.State != HearingTold:
			return fault.New(fault.Conflict, "permit.not_now")
		case hearingUnasked(HearingAskBy(o.Calendar, h.ToldAt), s.now()):
			return fault.New(fault.Conflict, "permit.hearing.late").With("Day", HearingAskBy(o.Calendar, h.ToldAt).On.String())
		}
		today := o.Calendar.ReceivedOn(s.now())
		if err := s.moveHearing(ctx, h, HearingTold, map[string]any{"state": HearingAsked, "asker": AskerApplicant, "asked_at": s.now(), "asked_on": today,
			"asked_by_id": db.Ref(actor.From(ctx).AccountID)}); err != nil {
			return err
		}
		if _, err := s.Cases.TrackStep(ctx, o.Case.ID, cases.Said(s.say(o.Case, "permit.hearing.said.asked", nil))); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "permit.hearing.ask", Kind: "application", ID: o.Application.ID, Fields: []audit.Change{{Field: "case", After: o.Case.CaseNo}}})
	})
	return db.Fault(err, "", "permit.changed")
}

// PaperAsking is a request for a hearing that did not come through the portal.
type PaperAsking struct {
	Asker string
	Day   string // on which it came, as 2026-11-24
}

// EnterAsking enters a request for a hearing that came on paper, from the applicant or
// from somebody whose interests it touches.
func (s *Service) EnterAsking(ctx context.Context, caseNo string, version int64, a PaperAsking) (*cases.Case, error) {
	return s.hear(ctx, caseNo, version, func(ctx context.Context, v *HearingPage) (string, error) {
		h := v.Newest
		if h == nil || h.State != HearingTold {
			return "", fault.New(fault.Conflict, "permit.not_now")
		}
		day, err := calendar.ParseDate(strings.TrimSpace(a.Day))
		var c fault.Check
		c.That(a.Asker == AskerApplicant || a.Asker == AskerInterested, "asker", "permit.hearing.asker.required")
		c.That(err == nil, "day", "permit.hearing.came.required")
		c.That(err != nil || day >= h.ToldOn && day <= v.Today, "day", "permit.hearing.came.between", "Day", h.ToldOn.String())
		c.That(err != nil || v.AskBy.Provisional || day <= v.AskBy.On, "day", "permit.hearing.late", "Day", v.AskBy.On.String())
		if err := c.Err(); err != nil {
			return "", err
		}
		came := day.Start(v.Zone).Add(12 * time.Hour).UTC() // the day counts, not the hour
		if day == v.Today {
			came = s.now()
		}
		if err := s.moveHearing(ctx, h, HearingTold, map[string]any{"state": HearingAsked, "asker": a.Asker, "asked_at": came, "asked_on": day,
			"asked_by_id": db.Ref(actor.From(ctx).AccountID)}); err != nil {
			return "", err
		}
		key := "permit.hearing.said.paper"
		if a.Asker == AskerInterested {
			key = "permit.hearing.said.interested"
		}
		return s.say(v.Case, key, i18n.Args{"Day": day.String()}), s.recordHearing(ctx, v, "permit.hearing.enter", h, audit.Change{Field: "asker", After: a.Asker})
	})
}
