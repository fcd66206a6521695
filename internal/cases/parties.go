package cases

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/text"
	"minqing/internal/vault"
)

// Roles of a party.
const (
	RoleRequester   = "requester"
	RoleFiledBy     = "filed_by"
	RoleBeneficiary = "beneficiary"
	RoleSubject     = "subject"
	RoleAgent       = "agent" // who filed it for an enterprise
)

// Purposes that bind a ciphertext to its place.
const (
	purposeText    = "case.text"
	purposeEvent   = "case.event"
	purposeMessage = "case.message"
	purposeAddress = "case.address"
	purposeParty   = "case.party"
)

type texts struct {
	Title       string          `json:"title"`
	Description string          `json:"description"`
	Answers     json.RawMessage `json:"answers"`
}

// sealTexts mints a key for the case when it has something to seal: a typed
// address, a named third person, or, in confidential cases, every text.
func (s *Service) sealTexts(b *built, f Filing) (*vault.Key, error) {
	c := b.c
	if !f.Confidentiality.Sealed() && f.Location.Address == "" && f.Subject.Name == "" && f.OnBehalfOf.Name == "" {
		return nil, nil
	}
	key, row, err := s.Vault.Mint(vault.OwnerCase)
	if err != nil {
		return nil, err
	}
	b.stmts = append(b.stmts, row.Insert())
	c.VaultKeyID = &row.ID
	if c.AddressCipher, err = key.Seal(purposeAddress, []byte(f.Location.Address)); err != nil {
		return nil, err
	}
	if !f.Confidentiality.Sealed() {
		return key, nil
	}
	body, err := json.Marshal(texts{Title: c.Title, Description: c.Description, Answers: json.RawMessage(c.Answers)})
	if err != nil {
		return nil, fmt.Errorf("write the texts: %w", err)
	}
	c.TextCipher, err = key.Seal(purposeText, body)
	c.Title, c.Description, c.Answers = "", "", "{}"
	return key, err
}

// unseal fills in what a confidential case keeps encrypted.
func (s *Service) unseal(ctx context.Context, c *Case) error {
	if len(c.TextCipher) == 0 {
		return nil
	}
	body, err := s.Vault.Open(ctx, purposeText, c.TextCipher)
	if err != nil {
		return err
	}
	var t texts
	if err := json.Unmarshal(body, &t); err != nil {
		return fmt.Errorf("read the texts of case %s: %w", c.CaseNo, err)
	}
	c.Title, c.Description, c.Answers = t.Title, t.Description, string(t.Answers)
	return nil
}

// sealed splits a text that somebody typed into what may stand readable and
// what must not.
func (s *Service) sealed(ctx context.Context, c *Case, purpose, typed string) (string, []byte, error) {
	typed = text.Lines(typed)
	if !c.Confidentiality.Sealed() || typed == "" {
		return typed, nil, nil
	}
	if c.VaultKeyID == nil {
		return "", nil, fmt.Errorf("case %s is confidential but has no key", c.CaseNo)
	}
	body, err := s.Vault.Seal(ctx, *c.VaultKeyID, purpose, []byte(typed))
	return "", body, err
}

func (s *Service) opened(ctx context.Context, purpose, text string, cipher []byte) (string, error) {
	if len(cipher) == 0 {
		return text, nil
	}
	body, err := s.Vault.Open(ctx, purpose, cipher)
	return string(body), err
}

const partyColumns = "id, case_id, role, constituent_id, unit_id, account_id, name_cipher, relation"

func (b *built) party(role string, p Party) {
	b.stmts = append(b.stmts, db.Insert("case_parties", partyColumns,
		db.NewID(b.c.ReceivedAt), b.c.ID, role, p.ConstituentID, p.UnitID, p.AccountID, p.NameCipher, p.Relation))
}

func (s *Service) addParties(ctx context.Context, b *built, f Filing, p *placed, key *vault.Key) error {
	a := actor.From(ctx)
	rows, guest, err := s.contactRows(ctx, f)
	if err != nil {
		return err
	}
	requester := db.Ref(cmp.Or(f.requester, f.represents, a.ConstituentID))
	if guest {
		b.stmts = append(rows.Stmts(), b.stmts...)
		requester = db.Ref(rows.ConstituentID())
	}
	if requester != nil && f.Confidentiality != AnonymousFiler {
		b.party(RoleRequester, Party{ConstituentID: requester})
	}
	if f.represents != "" && a.ConstituentID != "" {
		b.party(RoleAgent, Party{ConstituentID: &a.ConstituentID})
	}
	if a.Kind == actor.Staff {
		b.party(RoleFiledBy, Party{AccountID: db.Ref(a.AccountID)})
	}
	if f.OnBehalfOf.Name != "" {
		name, err := key.Seal(purposeParty, []byte(f.OnBehalfOf.Name))
		if err != nil {
			return err
		}
		b.party(RoleBeneficiary, Party{NameCipher: name, Relation: f.OnBehalfOf.Relation})
	}
	if p.subject == nil && f.Subject.Name == "" {
		return nil
	}
	var name []byte
	if f.Subject.Name != "" {
		if name, err = key.Seal(purposeParty, []byte(f.Subject.Name)); err != nil {
			return err
		}
	}
	var unit *string
	if p.subject != nil {
		unit = &p.subject.ID
	}
	b.party(RoleSubject, Party{UnitID: unit, NameCipher: name})
	return nil
}

const unitColumns = "case_id, unit_id, role, unit_path, open, priority, queue_at, status, handler_id, due_at, since, waiting"

// addUnits puts the case into the queue of the desk that takes it in.
func (b *built) addUnits(p *placed) {
	c := b.c
	b.stmts = append(b.stmts, unitRow(c, p.intake, "lead", true))
}

func unitRow(c *Case, u *catalogue.Unit, role string, open bool) db.Stmt {
	return db.Insert("case_units", unitColumns, c.ID, u.ID, role, c.pathAt(u), open, priority(c), queueAt(c), c.Status, c.HandlerID, c.DueAt, c.UpdatedAt, c.SuspendedAt != nil)
}

func priority(c *Case) int {
	if c.Urgent {
		return 0
	}
	return 1
}

func queueAt(c *Case) any {
	switch {
	case c.Rectify.Owed() && c.RectifyDueAt != nil:
		return *c.RectifyDueAt
	case c.DueAt != nil:
		return *c.DueAt
	case c.SuspendedUntil != nil: // about when it needs somebody again
		return c.SuspendedUntil.Add(1).UTC()
	}
	return NoDue
}

const eventColumns = `id, case_id, seq, at, action, from_status, to_status, actor_kind, account_id, as_account_id, unit_id, public, text, text_cipher, data`

// addFirstEvent records the receipt, with the routing decision and its reasons.
func (b *built) addFirstEvent(ctx context.Context, p *placed) (string, error) {
	data, err := json.Marshal(map[string]any{"route": p.route})
	if err != nil {
		return "", fmt.Errorf("write the routing decision: %w", err)
	}
	a := actor.From(ctx)
	id := db.NewID(p.now)
	b.stmts = append(b.stmts, db.Insert("case_events", eventColumns, id, b.c.ID, 1, p.now, ActFile, "", b.c.Status,
		a.Kind, db.Ref(a.AccountID), db.Ref(a.AsAccountID), nil, true, "", nil, string(data)))
	return id, nil
}
