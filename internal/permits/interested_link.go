package permits

import (
	"context"
	"strings"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/vault"
)

// Heard is what a third party reads by their link.
type Heard struct {
	*Interested
	CaseNo   string
	UnitID   string
	TypeName i18n.Text
	Taiwan   bool            // the type is of its law
	By       calendar.Result // until when they can state their case
	Over     bool            // it is decided, or the application is no more
}

var errNoLink = fault.New(fault.NotFound, "permit.interested.missing")

// byLink reads a third party by their link. A wrong one is NotFound.
func (s *Service) byLink(ctx context.Context, token string) (*Interested, *Application, *cases.Case, error) {
	id, _, _ := strings.Cut(token, ".")
	if !db.IsID(id) {
		return nil, nil, nil, errNoLink
	}
	var list []Interested
	if err := s.DB.From(ctx).Where("id = ?", id).Find(&list).Error; err != nil {
		return nil, nil, nil, db.Fault(err, "", "")
	}
	if len(list) == 0 || !vault.Matches(token, s.interestedToken(&list[0])) {
		return nil, nil, nil, errNoLink
	}
	a, err := s.read(ctx, "id = ?", list[0].ApplicationID)
	if err != nil || a.CaseID == nil {
		return nil, nil, nil, errNoLink
	}
	c, err := s.Cases.ByID(ctx, *a.CaseID)
	return &list[0], a, c, err
}

// HeardBy shows a third party, by their link, what they were told and what they said.
func (s *Service) HeardBy(ctx context.Context, token string) (*Heard, error) {
	i, a, c, err := s.byLink(ctx, token)
	if err != nil {
		return nil, err
	}
	if err := s.openInterested(ctx, i); err != nil {
		return nil, err
	}
	t, err := s.typeOf(ctx, a)
	if err != nil {
		return nil, err
	}
	cal, err := s.calendarOf(ctx, c)
	if err != nil {
		return nil, err
	}
	return &Heard{Interested: i, CaseNo: c.CaseNo, UnitID: c.UnitID, TypeName: t.Name, Taiwan: t.OfTaiwan(), By: i.StateBy(cal), Over: !hears(c)}, nil
}

// hears says that a statement can still change what is decided: nobody has drafted it.
func hears(c *cases.Case) bool {
	return c.Status == cases.SignedIn || c.Status == cases.Handling || c.Status == cases.NeedInfo
}

// StateByLink keeps what a third party says, once. It is heard until a decision is
// drafted, which nobody can before their days are over; after that it is a Conflict.
func (s *Service) StateByLink(ctx context.Context, token, statement string) error {
	if err := statementOf(statement).Err(); err != nil {
		return err
	}
	who := actor.From(ctx) // the link says who states it, not the account that happens to be signed in
	ctx = actor.With(ctx, actor.Actor{Kind: actor.Anonymous, RequestID: who.RequestID, IP: who.IP, Locale: who.Locale})
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		i, a, c, err := s.byLink(ctx, token)
		if err != nil {
			return err
		}
		if i.StatedAt != nil {
			return fault.New(fault.Conflict, "permit.interested.stated")
		}
		if !hears(c) {
			return fault.New(fault.Conflict, "permit.interested.over")
		}
		cal, err := s.calendarOf(ctx, c)
		if err != nil {
			return err
		}
		if err := s.keepStatement(ctx, a, i, stated{s.now(), cal.ReceivedOn(s.now()), statement}); err != nil {
			return err
		}
		if _, err := s.Cases.TrackStep(ctx, c.ID, s.statedStep(c, i, statement)); err != nil {
			return err
		}
		return s.recordInterested(ctx, a, "permit.interested.state", i)
	})
	return db.Fault(err, "", "permit.changed")
}

// Letter says where the mail to a third party goes and what it says, for notify.Followers.
func (s *Service) Letter(ctx context.Context, id string) (notify.Follower, error) {
	var list []Interested
	if err := s.DB.From(ctx).Where("id = ? AND stated_at IS NULL", id).Find(&list).Error; err != nil {
		return notify.Follower{}, db.Fault(err, "", "")
	}
	if len(list) == 0 || len(list[0].MailCipher) == 0 {
		return notify.Follower{}, errNoLink
	}
	i := &list[0]
	a, err := s.read(ctx, "id = ?", i.ApplicationID)
	if err != nil {
		return notify.Follower{}, err
	}
	if err := s.openInterested(ctx, i); err != nil || i.Mail == "" {
		return notify.Follower{}, errNoLink
	}
	t, err := s.typeOf(ctx, a)
	if err != nil {
		return notify.Follower{}, err
	}
	return notify.Follower{Locale: i.Locale, Mail: i.Mail, VaultKeyID: a.VaultKeyID, Title: t.Name.In(i18n.Lang(i.Locale)), LinkPath: InterestedPath + s.interestedToken(i)}, nil
}
