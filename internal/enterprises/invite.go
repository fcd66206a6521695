package enterprises

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/idcode"
	"minqing/internal/notify"
	"minqing/internal/vault"
)

const (
	purposeInvite = "enterprise.invite"

	inviteLife  = 7 * 24 * time.Hour
	invitesMost = 50 // that wait, of one enterprise
	scopeMost   = 50
	yearsMost   = 3 // of an authority
)

// Invitation asks the owner of a mailbox to act for an enterprise: as a member, or
// as its agent, in person or for an enterprise of their own.
type Invitation struct {
	ID            string
	EnterpriseID  string
	Kind          string // member or agent
	Role          Role
	Scope         string // JSON, permit types
	ValidFrom     *calendar.Date
	ValidUntil    *calendar.Date
	State         string // open, accepted, declined, revoked, lapsed
	VaultKeyID    string
	AddressCipher []byte
	Locale        string
	LinkKey       string
	Generation    int
	InvitedByID   string
	ExpiresAt     time.Time
	AnsweredAt    *time.Time
	Version       int64
	CreatedAt     time.Time

	Mail string `gorm:"-"` // in the clear, for those who manage the enterprise
	Name string `gorm:"-"` // of the enterprise
}

// TableName names the table for gorm.
func (Invitation) TableName() string { return "enterprise_invitations" }

// Agent says whether it is for an authority.
func (i *Invitation) Agent() bool { return i.Kind == "agent" }

// Types are the permit types of an authority; none: all.
func (i *Invitation) Types() (list []string) {
	_ = json.Unmarshal([]byte(i.Scope), &list) // written by Invite
	return list
}

var errNoInvitation = fault.New(fault.NotFound, "enterprises.invite.missing")

// Invite is whom to ask for what. ID is the invitation's id, on which the document
// of an authority hangs as a draft's file; empty for members.
type Invite struct {
	Mail  string
	Role  Role
	Agent bool
	ID    string
	Scope []string
	From  calendar.Date
	Until calendar.Date
	Lang  i18n.Lang
}

// check looks at what was typed; today is where authorities begin at the earliest.
func (v *Invite) check(today calendar.Date) error {
	var c fault.Check
	mail, err := idcode.NormaliseEmail(v.Mail)
	c.That(err == nil, "mail", "enterprises.invite.mail")
	v.Mail = mail
	if !v.Agent {
		c.That(slices.Contains(Roles, v.Role), "role", "enterprises.role.unknown")
		return c.Err()
	}
	v.Role = Applicant
	c.That(v.From != 0 && v.From >= today, "from", "enterprises.agent.from")
	c.That(v.Until >= v.From && v.Until <= v.From.Add(366*yearsMost), "until", "enterprises.agent.until", "Years", yearsMost)
	c.That(len(v.Scope) <= scopeMost && !slices.ContainsFunc(v.Scope, func(s string) bool { return s == "" || len(s) > 80 }), "scope", "enterprises.agent.scope")
	return c.Err()
}

// Invite sends somebody a link that makes them a member, or an agent. Only owners
// invite owners. An authority needs its document.
func (s *Service) Invite(ctx context.Context, enterpriseID string, v Invite) (id string, err error) {
	if err := v.check(s.today()); err != nil {
		return "", err
	}
	if v.Agent {
		if !db.IsID(v.ID) {
			return "", errNoInvitation
		}
		list, err := s.Files.List(ctx, files.Owner{Kind: files.Draft, ID: v.ID})
		if err != nil {
			return "", err
		}
		if len(list) == 0 {
			return "", fault.InvalidInput(fault.Field{Name: "document", Key: "enterprises.agent.document"})
		}
	}
	if v.ID == "" {
		v.ID = db.NewID(s.Now().UTC())
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		act := Manage
		if v.Role == Owner {
			act = Own
		}
		if err := s.hold(ctx, enterpriseID, act); err != nil {
			return err
		}
		if err := s.mayInvite(ctx, enterpriseID, v); err != nil {
			return err
		}
		key, err := s.Vault.NewKey(ctx, vault.OwnerConstituent)
		if err != nil {
			return err
		}
		sealed, err := s.Vault.Seal(ctx, key, purposeAddress, []byte(v.Mail))
		if err != nil {
			return err
		}
		return s.storeInvite(ctx, enterpriseID, v, key, sealed)
	})
	return v.ID, err
}

func (s *Service) storeInvite(ctx context.Context, enterpriseID string, v Invite, key string, sealed []byte) error {
	now := s.Now().UTC()
	kind, scope := "member", "[]"
	var from, until *calendar.Date
	if v.Agent {
		kind, from, until = "agent", &v.From, &v.Until
		if len(v.Scope) > 0 {
			body, err := json.Marshal(v.Scope)
			if err != nil {
				return fmt.Errorf("write the scope of an authority: %w", err)
			}
			scope = string(body)
		}
	}
	a := actor.From(ctx)
	lang := v.Lang
	if lang == "" {
		lang = i18n.ZhHant
		if l, ok := i18n.ParseLang(a.Locale); ok {
			lang = l
		}
	}
	err := s.DB.InsertAll(ctx, db.Insert("enterprise_invitations", `id, enterprise_id, kind, role, scope, valid_from, valid_until, state, vault_key_id, address_cipher, locale,
 link_key, generation, invited_by_id, expires_at, version, created_at`, v.ID, enterpriseID, kind, v.Role, scope, from, until, "open", key, sealed, string(lang),
		s.Vault.CurrentKey(), 1, a.AccountID, now.Add(inviteLife), 1, now))
	if err != nil {
		return db.Fault(err, "", "enterprises.invite.open")
	}
	err = s.Audit.Record(ctx, audit.Entry{Action: "enterprise.invite", Kind: "enterprise", ID: enterpriseID,
		Fields: []audit.Change{{Field: "invitation", After: v.ID}, {Field: "role", After: string(v.Role)}, {Field: "kind", After: kind}}})
	if err != nil {
		return err
	}
	return s.send(ctx, notify.EnterpriseInvite, v.ID)
}

// mayInvite refuses who is a member already, a second invitation of the same
// address, and more than any enterprise has people to ask.
func (s *Service) mayInvite(ctx context.Context, enterpriseID string, v Invite) error {
	open, err := s.invitations(ctx, enterpriseID)
	if err != nil {
		return err
	}
	if len(open) >= invitesMost {
		return fault.New(fault.Conflict, "enterprises.invite.many")
	}
	for i := range open {
		if open[i].Mail == v.Mail && (open[i].Kind == "agent") == v.Agent {
			return fault.New(fault.Conflict, "enterprises.invite.open")
		}
	}
	if v.Agent {
		return nil
	}
	people, err := s.Constituents.FindByContact(ctx, constituents.Email, v.Mail)
	if err != nil || len(people) == 0 {
		return err
	}
	var n int
	err = s.DB.From(ctx).Raw(`SELECT count(*) FROM enterprise_members m JOIN accounts a ON a.id = m.account_id
 WHERE m.enterprise_id = ? AND m.ended_at IS NULL AND a.constituent_id IN ?`, enterpriseID, people).Scan(&n).Error
	if err != nil {
		return fmt.Errorf("look whether somebody is a member: %w", db.Fault(err, "", ""))
	}
	if n > 0 {
		return fault.New(fault.Conflict, "enterprises.member.already")
	}
	return nil
}

// invitations are those of an enterprise that wait, with their addresses.
func (s *Service) invitations(ctx context.Context, enterpriseID string) (list []Invitation, err error) {
	err = s.DB.From(ctx).Where("enterprise_id = ? AND state = 'open' AND expires_at > ?", enterpriseID, s.Now().UTC()).Order("id").Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read invitations: %w", db.Fault(err, "", ""))
	}
	for i := range list {
		mail, err := s.Vault.Open(ctx, purposeAddress, list[i].AddressCipher)
		if err != nil {
			return nil, err
		}
		list[i].Mail = string(mail)
	}
	return list, nil
}

// Invitations lists those that wait, for whoever manages the enterprise.
func (s *Service) Invitations(ctx context.Context, enterpriseID string) ([]Invitation, error) {
	if err := s.Can(ctx, enterpriseID, Manage); err != nil {
		return nil, err
	}
	return s.invitations(ctx, enterpriseID)
}

// Revoke takes an invitation back; its link is worthless from then on.
func (s *Service) Revoke(ctx context.Context, enterpriseID, invitationID string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.hold(ctx, enterpriseID, Manage); err != nil {
			return err
		}
		v, err := s.invitation(ctx, invitationID)
		if err != nil {
			return err
		}
		if v.EnterpriseID != enterpriseID {
			return errNoInvitation
		}
		return s.answer(ctx, v, "revoked")
	})
}

func (s *Service) invitation(ctx context.Context, id string) (*Invitation, error) {
	if !db.IsID(id) {
		return nil, errNoInvitation
	}
	var list []Invitation
	if err := s.DB.From(ctx).Where("id = ?", id).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read an invitation: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return nil, errNoInvitation
	}
	return &list[0], nil
}

// answer ends an invitation; the address goes with its key. One that is over is a
// Conflict that says why.
func (s *Service) answer(ctx context.Context, v *Invitation, state string) error {
	if v.State == "open" && !s.Now().Before(v.ExpiresAt) {
		v.State = "lapsed"
	}
	if v.State != "open" {
		return fault.New(fault.Conflict, "enterprises.invite.over."+v.State)
	}
	res := s.DB.From(ctx).Exec("UPDATE enterprise_invitations SET state = ?, answered_at = ?, address_cipher = NULL, version = version + 1 WHERE id = ? AND state = 'open'", state, s.Now().UTC(), v.ID)
	if res.Error != nil {
		return fmt.Errorf("end an invitation: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return errChanged
	}
	if err := s.Vault.Destroy(ctx, v.VaultKeyID); err != nil {
		return err
	}
	if v.Agent() && state != "accepted" {
		if err := s.DropPapers(ctx, v.ID); err != nil {
			return err
		}
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "enterprise.invite_" + state, Kind: "enterprise", ID: v.EnterpriseID, Fields: []audit.Change{{Field: "invitation", After: v.ID}}})
}

func (s *Service) token(v *Invitation) string {
	return v.ID + "." + s.Vault.DeriveWith(v.LinkKey, purposeInvite, v.ID, v.Generation, vault.LinkLength)
}

// Invited is the invitation of a link, with the enterprise's name, whatever became
// of it. A wrong link is NotFound.
func (s *Service) Invited(ctx context.Context, token string) (*Invitation, error) {
	id, _, _ := strings.Cut(token, ".")
	v, err := s.invitation(ctx, id)
	if err != nil {
		return nil, err
	}
	if !vault.Matches(token, s.token(v)) {
		return nil, errNoInvitation
	}
	if v.State == "open" && !s.Now().Before(v.ExpiresAt) {
		v.State = "lapsed"
	}
	names, err := s.Names(ctx, v.EnterpriseID)
	v.Name = names[v.EnterpriseID]
	return v, err
}

// Accept makes the actor what they were asked to be. The link counts once, and only
// for who has proven the address that it went to. as is the enterprise of their own
// for which they become an agent; empty: in person.
func (s *Service) Accept(ctx context.Context, token, as string) (enterpriseID string, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		v, err := s.bound(ctx, token)
		if err != nil {
			return err
		}
		enterpriseID = v.EnterpriseID
		if err := s.answer(ctx, v, "accepted"); err != nil {
			return err
		}
		if v.Agent() {
			return s.appoint(ctx, v, as)
		}
		return s.join(ctx, v.EnterpriseID, actor.From(ctx).AccountID, v.Role)
	})
	return enterpriseID, err
}

// Decline says no; nothing else happens.
func (s *Service) Decline(ctx context.Context, token string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		v, err := s.bound(ctx, token)
		if err != nil {
			return err
		}
		return s.answer(ctx, v, "declined")
	})
}

// bound is the invitation of a link, held, for the owner of its address.
func (s *Service) bound(ctx context.Context, token string) (*Invitation, error) {
	a := actor.From(ctx)
	if a.Kind != actor.Citizen || a.ConstituentID == "" {
		return nil, errForbidden
	}
	v, err := s.Invited(ctx, token)
	if err != nil {
		return nil, err
	}
	if err := s.DB.From(ctx).Exec("UPDATE enterprises SET version = version WHERE id = ?", v.EnterpriseID).Error; err != nil {
		return nil, fmt.Errorf("hold an enterprise: %w", db.Fault(err, "", ""))
	}
	if v, err = s.Invited(ctx, token); err != nil { // as it stands now
		return nil, err
	}
	if v.State != "open" {
		return nil, fault.New(fault.Conflict, "enterprises.invite.over."+v.State)
	}
	mail, err := s.Vault.Open(ctx, purposeAddress, v.AddressCipher)
	if err != nil {
		return nil, err
	}
	has, err := s.Constituents.HasProven(ctx, a.ConstituentID, constituents.Email, string(mail))
	if err != nil {
		return nil, err
	}
	if !has {
		return nil, fault.New(fault.Forbidden, "enterprises.invite.other")
	}
	return v, nil
}
