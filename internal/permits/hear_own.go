package permits

import (
	"context"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/text"
)

// OwnHearing is a hearing that a unit holds without being asked, as it was typed.
type OwnHearing struct {
	Why    string // the law that wants it, or the public interest that it touches
	Public string // where it is announced to the public
	Others string // whose interests it touches; the unit writes to them itself
}

// HearUnasked decides that a hearing is held although nobody asked for one: where a law
// wants it, or the matter touches a major public interest, and it is announced to the
// public (行政許可法 art. 46). Then it is announced to the applicant, held and recorded as
// any other (art. 48); the twenty days of art. 47 are of those that somebody asked for.
func (s *Service) HearUnasked(ctx context.Context, caseNo string, version int64, o OwnHearing) (*cases.Case, error) {
	return s.hear(ctx, caseNo, version, func(ctx context.Context, v *HearingPage) (string, error) {
		if h := v.Newest; h != nil && h.Open() && !v.Unasked {
			return "", fault.New(fault.Conflict, "permit.hearing.under_way")
		}
		var c fault.Check
		c.That(text.Lines(o.Why) != "", "why", "permit.hearing.why.required")
		c.That(text.Lines(o.Public) != "", "public", "permit.hearing.public.required")
		for name, typed := range map[string]string{"why": o.Why, "public": o.Public, "others": o.Others} {
			c.That(len([]rune(typed)) <= cases.TextMost/5, name, "case.text.long", "Max", cases.TextMost/5)
		}
		if err := c.Err(); err != nil {
			return "", err
		}
		intends := text.Lines(o.Why) + "\n\n" + s.say(v.Case, "permit.hearing.said.public_notice", i18n.Args{"Where": text.Lines(o.Public)})
		me := db.Ref(actor.From(ctx).AccountID)
		now, today := s.now(), v.Today
		one := &Hearing{ID: db.NewID(now), ApplicationID: v.Application.ID, No: int64(len(v.Hearings) + 1), State: HearingAsked, Intends: intends,
			ToldAt: now, ToldOn: today, ToldByID: me, Asker: AskerUnit, AskedAt: &now, AskedOn: &today, AskedByID: me}
		var err error
		if named := text.Lines(o.Others); named != "" {
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
		return s.say(v.Case, "permit.hearing.said.own", i18n.Args{"Why": intends}), s.recordHearing(ctx, v, "permit.hearing.own", one, audit.Change{Field: "asker", After: AskerUnit})
	})
}
