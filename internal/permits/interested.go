package permits

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/vault"
)

// Interested is somebody whose important interests an application directly concerns: they
// are told, may state their case, and are heard before the decision (行政許可法 art. 36).
type Interested struct {
	ID              string
	ApplicationID   string
	No              int64
	Kind            string // InterestedPerson or InterestedEnterprise
	NameCipher      []byte
	MailCipher      []byte
	Reason          string // which interests of theirs it concerns
	Intends         string // what was applied for, as they read it
	Locale          string
	Days            int64 // working days in which they can state their case
	LinkKey         string
	Generation      int
	ToldAt          time.Time
	ToldOn          calendar.Date
	ToldByID        *string
	StatementCipher []byte
	StatedAt        *time.Time
	StatedOn        *calendar.Date
	StatedByID      *string // who entered what came on paper; nil: it came by the link

	Name      string `gorm:"-"`
	Mail      string `gorm:"-"` // empty: the unit hands the link over itself
	Statement string `gorm:"-"`
}

// TableName names the table for gorm.
func (Interested) TableName() string { return "permit_interested" }

// What an interested third party may be.
const (
	InterestedPerson     = "person"
	InterestedEnterprise = "enterprise"
)

// In how many working days a third party can state their case. The law names no number
// (art. 36): the usual one is that in which a hearing can be asked for.
const (
	StateDays      = hearingAskDays
	StateDaysLeast = 3
	StateDaysMost  = 20

	interestedMost     = 20 // third parties of one application
	interestedNameMost = 100
)

// Purposes that bind a ciphertext, and a link, to its place.
const (
	purposeInterestedName = "permit.interested.name"
	purposeInterestedMail = "permit.interested.mail"
	purposeInterestedSays = "permit.interested.statement"
	purposeInterestedLink = "permit.interested.link"
)

// StateBy is until when a third party can state their case.
func (i *Interested) StateBy(cal *calendar.Calendar) calendar.Result {
	return workingDays(cal, i.ToldAt, int(i.Days))
}

// Waits says that the decision waits for the third party. Over a year without a published
// calendar the day is provisional, and it waits on.
func (i *Interested) Waits(cal *calendar.Calendar, now time.Time) bool {
	return i.StatedAt == nil && !hearingUnasked(i.StateBy(cal), now)
}

// interested reads the third parties of an application in their order, without what is
// sealed.
func (s *Service) interested(ctx context.Context, applicationID string) (list []Interested, err error) {
	if err := s.DB.From(ctx).Where("application_id = ?", applicationID).Order("no").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read the third parties: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// openInterested reads what is sealed; of somebody erased nothing is left.
func (s *Service) openInterested(ctx context.Context, i *Interested) error {
	for _, one := range []struct {
		purpose string
		cipher  []byte
		to      *string
	}{{purposeInterestedName, i.NameCipher, &i.Name}, {purposeInterestedMail, i.MailCipher, &i.Mail}, {purposeInterestedSays, i.StatementCipher, &i.Statement}} {
		clear, err := s.Vault.Open(ctx, one.purpose, one.cipher)
		if err != nil {
			return err
		}
		*one.to = string(clear)
	}
	return nil
}

// unstated refuses a decision while a third party that was told can still state their
// case and has not (art. 36).
func unstated(list []Interested, cal *calendar.Calendar, now time.Time) error {
	var last calendar.Result
	for i := range list {
		if by := list[i].StateBy(cal); list[i].Waits(cal, now) && by.On > last.On {
			last = by
		}
	}
	switch {
	case last.On == 0:
		return nil
	case last.Provisional:
		return fault.New(fault.Conflict, "permit.interested.wait.provisional").With("Year", fmt.Sprint(last.On.Year()))
	}
	return fault.New(fault.Conflict, "permit.interested.wait").With("Day", last.On.String())
}

// unsaid is unstated for who signs a decision.
func (g guard) unsaid(ctx context.Context, c *cases.Case) error {
	a, err := g.s.read(ctx, "case_id = ?", c.ID)
	if err != nil {
		return ignoreMissing(err)
	}
	list, err := g.s.interested(ctx, a.ID)
	if err != nil || len(list) == 0 {
		return err
	}
	cal, err := g.s.calendarOf(ctx, c)
	if err != nil {
		return err
	}
	return unstated(list, cal, g.s.now())
}

// InterestedPage are the third parties of a case, as staff see them.
type InterestedPage struct {
	*Part
	Names map[string]string // of the accounts that told them, or entered what they said
	Links map[string]string // by the id: where the third party states their case; of those without an address, for who hands it over
}

// InterestedPage shows the third parties of a case to staff who may read the case.
func (s *Service) InterestedPage(ctx context.Context, caseNo string) (*InterestedPage, error) {
	p, err := s.part(ctx, caseNo)
	if err != nil {
		return nil, err
	}
	v := &InterestedPage{Part: p, Links: map[string]string{}}
	tells := p.View.May(access.PermitHear) == nil
	var ids []string
	for i := range p.Interested {
		one := &p.Interested[i]
		if err := s.openInterested(ctx, one); err != nil {
			return nil, err
		}
		if tells && one.StatedAt == nil && len(one.MailCipher) == 0 {
			v.Links[one.ID] = InterestedPath + s.interestedToken(one)
		}
		for _, id := range []*string{one.ToldByID, one.StatedByID} {
			if id != nil {
				ids = append(ids, *id)
			}
		}
	}
	v.Names, err = s.People.Names(ctx, ids...)
	return v, err
}

// Tells says that the actor may name third parties, for the page.
func (v *InterestedPage) Tells() bool { return v.Reviews() && v.mayHear() == nil }

// InterestedPath leads a third party to where they state their case.
const InterestedPath = "/third-party/"

func (s *Service) interestedToken(i *Interested) string {
	return i.ID + "." + s.Vault.DeriveWith(i.LinkKey, purposeInterestedLink, i.ID, i.Generation, vault.LinkLength)
}

// stripInterested takes names, addresses and statements of third parties out of an
// application; that and when they were told and heard stays.
func (s *Service) stripInterested(ctx context.Context, applicationID string) error {
	err := s.DB.From(ctx).Exec("UPDATE permit_interested SET name_cipher = NULL, mail_cipher = NULL, statement_cipher = NULL WHERE application_id = ?", applicationID).Error
	if err != nil {
		return fmt.Errorf("erase third parties: %w", db.Fault(err, "", ""))
	}
	return nil
}
