package permits

import (
	"context"
	"fmt"
	"strconv"
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
	"minqing/internal/i18n"
	"minqing/internal/idcode"
	"minqing/internal/text"
)

// ThirdParty is somebody whose interests an application concerns, as typed.
type ThirdParty struct {
	Kind    string
	Name    string
	Mail    string // empty: the unit hands the link over itself
	Reason  string // which interests of theirs it concerns
	Intends string // what was applied for, as they read it
	Days    string // working days to state their case
}

func (t *ThirdParty) check(taken int) (days int, err error) {
	var c fault.Check
	t.Name, t.Mail = text.Line(t.Name), strings.TrimSpace(t.Mail)
	c.That(t.Kind == InterestedPerson || t.Kind == InterestedEnterprise, "kind", "permit.interested.kind.required")
	c.That(t.Name != "", "name", "permit.interested.name.required")
	c.That(utf8.RuneCountInString(t.Name) <= interestedNameMost, "name", "case.text.long", "Max", interestedNameMost)
	if t.Mail != "" {
		mail, err := idcode.NormaliseEmail(t.Mail)
		c.That(err == nil, "mail", "permit.interested.mail.wrong")
		t.Mail = mail
	}
	for name, typed := range map[string]string{"reason": t.Reason, "intends": t.Intends} {
		c.That(text.Lines(typed) != "", name, "permit.interested."+name+".required")
		c.That(utf8.RuneCountInString(typed) <= cases.TextMost/5, name, "case.text.long", "Max", cases.TextMost/5)
	}
	days, failed := strconv.Atoi(strings.TrimSpace(t.Days))
	c.That(failed == nil && days >= StateDaysLeast && days <= StateDaysMost, "days", "permit.interested.days.between", "Least", StateDaysLeast, "Most", StateDaysMost)
	c.That(taken < interestedMost, "name", "permit.interested.many", "Most", interestedMost)
	return days, c.Err()
}

// TellInterested names somebody whose important interests the application directly
// concerns, tells them, by mail where there is an address, and the applicant that they are
// heard (行政許可法 art. 36). Until their days are over, or they stated their case, no
// decision is drafted, signed or made.
func (s *Service) TellInterested(ctx context.Context, caseNo string, version int64, t ThirdParty) (out *cases.Case, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		p, err := s.part(ctx, caseNo)
		if err != nil {
			return err
		}
		if err := p.mayHear(); err != nil {
			return err
		}
		days, err := t.check(len(p.Interested))
		if err != nil {
			return err
		}
		one := &Interested{ID: db.NewID(s.now()), ApplicationID: p.Application.ID, No: int64(len(p.Interested) + 1), Kind: t.Kind, Reason: text.Lines(t.Reason), Intends: text.Lines(t.Intends),
			Locale: p.Case.Locale, Days: int64(days), LinkKey: s.Vault.CurrentKey(), Generation: 1, ToldAt: s.now(), ToldOn: p.Today, ToldByID: db.Ref(actor.From(ctx).AccountID)}
		if one.NameCipher, err = s.Vault.Seal(ctx, p.Application.VaultKeyID, purposeInterestedName, []byte(t.Name)); err != nil {
			return err
		}
		if t.Mail != "" {
			if one.MailCipher, err = s.Vault.Seal(ctx, p.Application.VaultKeyID, purposeInterestedMail, []byte(t.Mail)); err != nil {
				return err
			}
		}
		by := one.StateBy(p.Calendar)
		key := "permit.interested.said.told"
		if p.Type.OfTaiwan() {
			key += ".tw"
		}
		said := s.say(p.Case, key, i18n.Args{"Day": by.On.String()})
		if by.Provisional {
			said += "\n\n" + s.say(p.Case, "permit.interested.said.provisional", i18n.Args{"Year": fmt.Sprint(by.On.Year())})
		}
		note := s.say(p.Case, "permit.interested.note.told", i18n.Args{"No": one.No, "Reason": one.Reason})
		if out, err = s.Cases.TrackAct(ctx, caseNo, version, access.PermitHear, cases.Notice{Act: cases.ActInterested, Text: said, Note: note}); err != nil {
			return err
		}
		if err := s.DB.From(ctx).Create(one).Error; err != nil {
			return fmt.Errorf("store a third party: %w", db.Fault(err, "", "case.changed"))
		}
		if err := s.recordInterested(ctx, p.Application, "permit.interested.tell", one); err != nil || t.Mail == "" || s.TellsInterested == nil {
			return err
		}
		return s.TellsInterested(ctx, one.ID)
	})
	return out, db.Fault(err, "", "case.changed")
}

func (s *Service) recordInterested(ctx context.Context, a *Application, action string, i *Interested) error {
	return s.Audit.Record(ctx, audit.Entry{Action: action, Kind: "application", ID: a.ID,
		Fields: []audit.Change{{Field: "case", After: a.CaseNo}, {Field: "third_party", After: strconv.FormatInt(i.No, 10)}}})
}

// PaperStatement is what a third party said otherwise than by the link.
type PaperStatement struct {
	ID   string
	Day  string // on which it came, as 2026-11-24
	Text string
}

// EnterStatement enters what a third party said on paper or in person.
func (s *Service) EnterStatement(ctx context.Context, caseNo string, version int64, e PaperStatement) (out *cases.Case, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		p, err := s.part(ctx, caseNo)
		if err != nil {
			return err
		}
		if err := p.mayHear(); err != nil {
			return err
		}
		var one *Interested
		for i := range p.Interested {
			if p.Interested[i].ID == e.ID {
				one = &p.Interested[i]
			}
		}
		if one == nil {
			return errMissing
		}
		day, dayErr := calendar.ParseDate(strings.TrimSpace(e.Day))
		c := statementOf(e.Text)
		c.That(dayErr == nil, "day", "permit.hearing.came.required")
		c.That(dayErr != nil || day >= one.ToldOn && day <= p.Today, "day", "permit.hearing.came.between", "Day", one.ToldOn.String())
		if err := c.Err(); err != nil {
			return err
		}
		came := day.Start(p.Calendar.Zone()).Add(12 * time.Hour).UTC() // the day counts, not the hour
		if day == p.Today {
			came = s.now()
		}
		if err := s.keepStatement(ctx, p.Application, one, stated{came, day, e.Text}); err != nil {
			return err
		}
		out, err = s.Cases.TrackAct(ctx, caseNo, version, access.PermitHear, s.statedStep(p.Case, one, e.Text))
		if err != nil {
			return err
		}
		return s.recordInterested(ctx, p.Application, "permit.interested.enter", one)
	})
	return out, db.Fault(err, "", "case.changed")
}

func statementOf(typed string) *fault.Check {
	var c fault.Check
	c.That(text.Lines(typed) != "", "statement", "permit.interested.statement.required")
	c.That(utf8.RuneCountInString(typed) <= cases.TextMost/2, "statement", "case.text.long", "Max", cases.TextMost/2)
	c.That(utf8.ValidString(typed) && !strings.ContainsRune(typed, 0), "statement", "fault.text.invalid")
	return &c
}

// stated is a statement and when it came.
type stated struct {
	at   time.Time
	on   calendar.Date
	text string
}

// keepStatement keeps what a third party said, once.
func (s *Service) keepStatement(ctx context.Context, a *Application, i *Interested, st stated) error {
	cipher, err := s.Vault.Seal(ctx, a.VaultKeyID, purposeInterestedSays, []byte(text.Lines(st.text)))
	if err != nil {
		return err
	}
	columns := map[string]any{"statement_cipher": cipher, "stated_at": st.at, "stated_on": st.on}
	if who := actor.From(ctx); who.Kind == actor.Staff {
		columns["stated_by_id"] = db.Ref(who.AccountID)
	}
	res := s.DB.From(ctx).Model(&Interested{}).Where("id = ? AND stated_at IS NULL", i.ID).Updates(columns)
	if res.Error != nil {
		return fmt.Errorf("keep the statement of a third party: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.Conflict, "permit.interested.stated")
	}
	return nil
}

// statedStep is the statement in the story of the case: staff read it, the applicant that
// it came.
func (s *Service) statedStep(c *cases.Case, i *Interested, statement string) cases.Command {
	return cases.Stated{Act: cases.ActInterested, Text: s.say(c, "permit.interested.said.stated", nil),
		Words: s.say(c, "permit.interested.note.stated", i18n.Args{"No": i.No}) + "\n" + text.Lines(statement)}
}
