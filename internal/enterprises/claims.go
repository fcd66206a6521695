package enterprises

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/notify"
	"minqing/internal/text"
	"minqing/internal/vault"
)

// Ways to prove that an enterprise is somebody's.
const (
	ByCode  = "code"    // sent to the contact that the register knows
	ByStaff = "staff"   // staff look at documents
	Dispute = "dispute" // somebody else has registered it: staff too
)

const (
	purposeClaim   = "enterprise.claim"
	purposeAddress = "enterprise.address"

	codeLength = 8  // of 32 characters: 40 bits
	triesMost  = 10 // of one claim
	sentMost   = 5  // codes of one claim

	codeLife  = 3 * 24 * time.Hour
	staffLife = 60 * 24 * time.Hour

	nameMost = 120
)

// Claim is somebody's word that an enterprise is theirs.
type Claim struct {
	ID            string
	AccountID     string
	CodeKind      constituents.IDKind
	Code          string
	Name          string
	RegisterState State
	Way           string
	State         string // open, proven, refused, lapsed
	VaultKeyID    *string
	AddressCipher []byte
	Hint          string // where the code went, masked
	LinkKey       string
	Generation    int
	Tries         int
	Locale        string
	CaseNo        string
	Reason        string
	ExpiresAt     time.Time
	DecidedAt     *time.Time
	DecidedByID   *string
	Version       int64
	CreatedAt     time.Time
}

// TableName names the table for gorm.
func (Claim) TableName() string { return "enterprise_claims" }

// Spent says that its code was tried out: only documents prove it any more.
func (c *Claim) Spent() bool { return c.Way == ByCode && c.Tries >= triesMost }

var (
	errNoClaim = fault.New(fault.NotFound, "enterprises.claim.missing")

	// ErrSilent says that the register does not answer.
	ErrSilent = fault.New(fault.Unavailable, "enterprises.register.silent")
	// ErrTaken says that the enterprise is registered: its owner may invite, or
	// staff look into it.
	ErrTaken = fault.New(fault.Conflict, "enterprises.taken")
	// ErrDocuments says that the register cannot prove it: staff look at documents.
	ErrDocuments = fault.New(fault.Conflict, "enterprises.documents")
)

// Look asks the register for what was typed. It is nil for an enterprise that the
// register does not know.
func (s *Service) Look(ctx context.Context, typed string) (kind constituents.IDKind, code string, r *Registered, err error) {
	kind, code, err = s.ReadCode(typed)
	if err != nil || s.Registry == nil {
		return kind, code, nil, err
	}
	r, err = s.Registry.Find(ctx, kind, code)
	if err != nil {
		return kind, code, nil, ErrSilent.Because(err)
	}
	return kind, code, r, nil
}

// Begin begins to register an enterprise: the code that proves it goes to the
// contact that the register knows. ErrTaken, ErrDocuments and ErrSilent say what
// else to do. To ask again gives the claim that waits.
func (s *Service) Begin(ctx context.Context, typed string) (*Claim, error) {
	a := actor.From(ctx)
	if a.Kind != actor.Citizen || a.ConstituentID == "" {
		return nil, errForbidden
	}
	kind, code, err := s.ReadCode(typed)
	if err != nil {
		return nil, err
	}
	there, err := s.ByCode(ctx, kind, code)
	if err != nil {
		return nil, err
	}
	if there != nil {
		if s.Can(ctx, there.ID, Read) == nil {
			return nil, fault.New(fault.Conflict, "enterprises.yours")
		}
		return nil, ErrTaken
	}
	if open, err := s.waiting(ctx, kind, code); err != nil || open != nil {
		return open, err
	}
	_, _, r, err := s.Look(ctx, typed)
	switch {
	case err != nil:
		return nil, err
	case r == nil || r.Mail == "" || !s.Mails:
		return nil, ErrDocuments
	case r.State == Closed || r.State == Revoked:
		return nil, fault.InvalidInput(fault.Field{Name: "code", Key: "enterprises.register." + string(r.State)})
	}
	c := s.claim(ctx, ByCode, *r)
	c.Hint = idcode.MaskEmail(r.Mail)
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		key, err := s.Vault.NewKey(ctx, vault.OwnerConstituent)
		if err != nil {
			return err
		}
		c.VaultKeyID = &key
		if c.AddressCipher, err = s.Vault.Seal(ctx, key, purposeAddress, []byte(r.Mail)); err != nil {
			return err
		}
		if err := s.store(ctx, c); err != nil {
			return err
		}
		return s.send(ctx, notify.EnterpriseProof, c.ID)
	})
	return c, err
}

// waiting is the actor's open claim of an enterprise; nil without one.
func (s *Service) waiting(ctx context.Context, kind constituents.IDKind, code string) (*Claim, error) {
	var list []Claim
	err := s.DB.From(ctx).Where("account_id = ? AND code_kind = ? AND code = ? AND state = 'open' AND expires_at > ?", actor.From(ctx).AccountID, kind, code, s.Now().UTC()).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("look for a claim: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // none waits
	}
	return &list[0], nil
}

func (s *Service) claim(ctx context.Context, way string, r Registered) *Claim {
	a, now := actor.From(ctx), s.Now().UTC()
	life := staffLife
	if way == ByCode {
		life = codeLife
	}
	return &Claim{ID: db.NewID(now), AccountID: a.AccountID, CodeKind: r.Kind, Code: r.Code, Name: r.Name, RegisterState: r.State, Way: way, State: "open",
		LinkKey: s.Vault.CurrentKey(), Generation: 1, Locale: a.Locale, ExpiresAt: now.Add(life), Version: 1, CreatedAt: now}
}

const claimColumns = `id, account_id, code_kind, code, name, register_state, way, state, vault_key_id, address_cipher, hint, link_key, generation, tries,
 locale, case_no, reason, expires_at, version, created_at`

func (s *Service) store(ctx context.Context, c *Claim) error {
	// What lapsed and was not swept yet makes room.
	err := s.DB.From(ctx).Exec("UPDATE enterprise_claims SET state = 'lapsed' WHERE account_id = ? AND code_kind = ? AND code = ? AND state = 'open' AND expires_at <= ?",
		c.AccountID, c.CodeKind, c.Code, c.CreatedAt).Error
	if err != nil {
		return fmt.Errorf("make room for a claim: %w", db.Fault(err, "", ""))
	}
	err = s.DB.InsertAll(ctx, db.Insert("enterprise_claims", claimColumns, c.ID, c.AccountID, c.CodeKind, c.Code, c.Name, c.RegisterState, c.Way, c.State, c.VaultKeyID,
		c.AddressCipher, c.Hint, c.LinkKey, c.Generation, c.Tries, c.Locale, c.CaseNo, c.Reason, c.ExpiresAt, c.Version, c.CreatedAt))
	if err != nil {
		return db.Fault(err, "", "enterprises.claim.open")
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "enterprise.claim", Kind: "enterprise_claim", ID: c.ID, Fields: []audit.Change{{Field: "code", After: c.Code}, {Field: "way", After: c.Way}}})
}

// send notes a mail about a row, in the open transaction.
func (s *Service) send(ctx context.Context, kind notify.Kind, id string) error {
	if s.Tell == nil {
		return nil
	}
	return s.Tell(ctx, notify.Telling{Kind: kind, About: id, Cause: db.NewID(s.Now().UTC())})
}

// ClaimsMost is how many of their claims somebody is shown.
const ClaimsMost = 20

// Claims lists the actor's own claims, the newest first: ClaimsMost, and one more where
// there are more.
func (s *Service) Claims(ctx context.Context) (list []Claim, err error) {
	err = s.DB.From(ctx).Where("account_id = ? AND state <> 'proven'", actor.From(ctx).AccountID).Order("id DESC").Limit(ClaimsMost + 1).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read claims: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// Claim is one of the actor's own.
func (s *Service) Claim(ctx context.Context, id string) (*Claim, error) {
	if !db.IsID(id) {
		return nil, errNoClaim
	}
	var list []Claim
	if err := s.DB.From(ctx).Where("id = ? AND account_id = ?", id, db.Ref(actor.From(ctx).AccountID)).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read a claim: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return nil, errNoClaim
	}
	return &list[0], nil
}

func (s *Service) codeOf(c *Claim) string {
	return s.Vault.DeriveWith(c.LinkKey, purposeClaim, c.ID, c.Generation, codeLength)
}

// typedCode is the normal form of a code as somebody types it.
func typedCode(typed string) string {
	return strings.NewReplacer(" ", "", "-", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(strings.TrimSpace(typed)))
}

// Prove takes the code of a claim and makes the enterprise, with who proved it as
// its first owner. Ten wrong codes end a claim. It gives the enterprise's id.
func (s *Service) Prove(ctx context.Context, claimID, typed string) (id string, err error) {
	c, err := s.Claim(ctx, claimID)
	if err != nil {
		return "", err
	}
	right := false
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		res := s.DB.From(ctx).Exec("UPDATE enterprise_claims SET tries = tries + 1, version = version + 1 WHERE id = ? AND state = 'open' AND way = 'code' AND expires_at > ? AND tries < ?",
			c.ID, s.Now().UTC(), triesMost)
		if res.Error != nil {
			return fmt.Errorf("count a try: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "enterprises.claim.over")
		}
		if c, err = s.Claim(ctx, claimID); err != nil { // as it stands in the transaction
			return err
		}
		if right = vault.Matches(typedCode(typed), s.codeOf(c)); !right {
			return nil // the try counts
		}
		address, err := s.Vault.Open(ctx, purposeAddress, c.AddressCipher)
		if err != nil {
			return err
		}
		id, err = s.Establish(ctx, Registered{Kind: c.CodeKind, Code: c.Code, Name: c.Name, State: c.RegisterState, Mail: string(address)}, c.AccountID, c.Locale)
		if err != nil {
			return err
		}
		return s.close(ctx, c, "proven", "")
	})
	if err == nil && !right {
		err = fault.InvalidInput(fault.Field{Name: "code", Key: "enterprises.claim.wrong", Args: map[string]any{"Left": triesMost - c.Tries}})
	}
	return id, err
}

// close ends a claim; the address goes with its key.
func (s *Service) close(ctx context.Context, c *Claim, state, reason string) error {
	res := s.DB.From(ctx).Exec(`UPDATE enterprise_claims SET state = ?, reason = ?, address_cipher = NULL, decided_at = ?, decided_by_id = ?, version = version + 1
 WHERE id = ? AND state = 'open'`, state, reason, s.Now().UTC(), db.Ref(actor.From(ctx).AccountID), c.ID)
	if res.Error != nil {
		return fmt.Errorf("end a claim: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.Conflict, "enterprises.claim.over")
	}
	if c.VaultKeyID != nil {
		if err := s.Vault.Destroy(ctx, *c.VaultKeyID); err != nil {
			return err
		}
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "enterprise.claim_" + state, Kind: "enterprise_claim", ID: c.ID, Reason: reason})
}

// Again sends a new code; the old one is worthless from then on.
func (s *Service) Again(ctx context.Context, claimID string) error {
	c, err := s.Claim(ctx, claimID)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		res := s.DB.From(ctx).Exec("UPDATE enterprise_claims SET generation = generation + 1, link_key = ?, version = version + 1 WHERE id = ? AND state = 'open' AND way = 'code' AND expires_at > ? AND generation < ?",
			s.Vault.CurrentKey(), c.ID, s.Now().UTC(), sentMost)
		if res.Error != nil {
			return fmt.Errorf("renew a code: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "enterprises.claim.sent")
		}
		if err := s.Audit.Record(ctx, audit.Entry{Action: "enterprise.claim_again", Kind: "enterprise_claim", ID: c.ID}); err != nil {
			return err
		}
		return s.send(ctx, notify.EnterpriseProof, c.ID)
	})
}

// checkName checks the name of an enterprise that no register gives.
func checkName(c *fault.Check, name string) {
	name = text.Line(name)
	c.That(name != "", "name", "enterprises.name.empty")
	c.That(utf8.RuneCountInString(name) <= nameMost, "name", "enterprises.name.long", "Max", nameMost)
}
