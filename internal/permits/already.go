package permits

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/permittypes"
	"minqing/internal/register"
	"minqing/internal/text"
)

// Entry is what the register of enterprises says of one, as of a day.
type Entry struct {
	Name, Code string
	Active     bool
	On         calendar.Date
}

// Entries reads the entries of enterprises by their records; nil for whoever is none,
// or of whom the register was never asked.
type Entries interface {
	Entry(ctx context.Context, holderID string) (*Entry, error)
}

// Parts of an application that may be held already.
const (
	partQuestion = "question"
	partMaterial = "material"
)

// Already is something that the applicant is not asked for, since it is held already
// (國務院令第716號 art. 7): where, as of which day, and what became of it.
type Already struct {
	ID            string
	ApplicationID string
	Part          string
	Code          string // of the question or material
	Source        string // one of permittypes.Registers
	Ref           string // number of the permit
	AsOf          calendar.Date
	HeldCipher    []byte
	ReasonCipher  []byte
	Corrected     bool

	Value  string `gorm:"-"` // of a question, as a fact is written
	Reason string `gorm:"-"` // why the applicant corrected it
}

// TableName names the table for gorm.
func (Already) TableName() string { return "permit_already_held" }

const (
	purposeAlready = "permit.already"
	purposeWhy     = "permit.already.why"
)

// whyMost is how long a reason may be, in characters.
const whyMost = 500

// held reads what is held of a holder; nil where nothing is, or nothing that counts
// today.
func (s *Service) held(ctx context.Context, holderID, source, what string, types []string) (*Already, error) {
	switch source {
	case permittypes.CompanyRegister:
		return s.heldEntry(ctx, holderID, what)
	case permittypes.IdentityRegister:
		return s.heldPerson(ctx, holderID, what)
	case permittypes.PermitRegister:
		return s.heldPermit(ctx, holderID, what, types)
	}
	return nil, nil //nolint:nilnil // the unit looks it up itself
}

func (s *Service) heldEntry(ctx context.Context, holderID, what string) (*Already, error) {
	if s.Entries == nil {
		return nil, nil //nolint:nilnil // there is no register
	}
	e, err := s.Entries.Entry(ctx, holderID)
	if err != nil || e == nil || !e.Active {
		return nil, err
	}
	a := &Already{Source: permittypes.CompanyRegister, Ref: e.Code, AsOf: e.On, Value: e.Name}
	if what == "code" {
		a.Value = e.Code
	}
	return a, nil
}

// heldPerson is the name of the record of who applies, or a proven way to reach them.
func (s *Service) heldPerson(ctx context.Context, holderID, what string) (*Already, error) {
	own, err := s.Cases.Constituents.Own(ctx, holderID)
	if err != nil {
		return nil, err
	}
	a := &Already{Source: permittypes.IdentityRegister, AsOf: calendar.DateOf(own.CreatedAt, s.zone(ctx)), Value: own.Name}
	if what == "name" {
		return a, nil
	}
	for _, p := range own.Points {
		if string(p.Kind) == what && p.Proven && !p.Replaced && !p.Bounced {
			a.Value, a.AsOf = p.Value, calendar.DateOf(p.Since, s.zone(ctx))
			return a, nil
		}
	}
	return nil, nil //nolint:nilnil // nothing that was proven
}

// heldPermit is a fact of the newest permit of the types that is valid today; with no
// fact, that there is one.
func (s *Service) heldPermit(ctx context.Context, holderID, what string, types []string) (*Already, error) {
	if s.Holds == nil {
		return nil, nil //nolint:nilnil // there is no register
	}
	list, err := s.Holds.OfHolder(ctx, []string{holderID})
	if err != nil {
		return nil, err
	}
	var best *register.Permit
	for i := range list {
		p := &list[i]
		if slices.Contains(types, p.TypeCode) && p.On(s.Holds.Today()) == register.Valid && (what == "" || p.Particulars[what] != "") && (best == nil || p.IssuedAt.After(best.IssuedAt)) {
			best = p
		}
	}
	if best == nil {
		return nil, nil //nolint:nilnil // nothing that counts
	}
	return &Already{Source: permittypes.PermitRegister, Ref: best.PermitNo, AsOf: best.IssuedOn, Value: best.Particulars[what]}, nil
}

// prefill answers what is held already, before a draft is stored; it gives what has to
// be stored with it.
func (s *Service) prefill(ctx context.Context, a *Application) ([]Already, error) {
	if a.Purpose != ForNew {
		return nil, nil // a renewal begins with what the permit says
	}
	t, err := s.typeOf(ctx, a)
	if err != nil || len(t.Held) == 0 {
		return nil, err
	}
	questions, err := s.Questions(ctx, t)
	if err != nil {
		return nil, err
	}
	var out []Already
	for _, h := range t.Held {
		i := slices.IndexFunc(questions, func(q catalogue.Question) bool { return q.Name == h.Question })
		if a.Counter != nil && h.From == permittypes.IdentityRegister {
			continue // a desk writes down what the document says that it is shown
		}
		one, err := s.held(ctx, a.HolderID, h.From, h.What, h.Permits)
		if err != nil {
			return nil, err
		}
		if i < 0 || one == nil || one.Value == "" || a.Answers[h.Question] != nil {
			continue
		}
		a.Answers[h.Question] = asAnswer(questions[i], one.Value)
		one.Part, one.Code = partQuestion, h.Question
		out = append(out, *one)
	}
	return out, nil
}

// keepAlready stores what was held, sealed, in the open transaction.
func (s *Service) keepAlready(ctx context.Context, a *Application, list []Already) error {
	for i := range list {
		one := &list[i]
		one.ID, one.ApplicationID = db.NewID(s.now()), a.ID
		var err error
		if one.HeldCipher, err = s.Vault.Seal(ctx, a.VaultKeyID, purposeAlready, []byte(one.Value)); err != nil {
			return err
		}
		if err := s.DB.From(ctx).Create(one).Error; err != nil {
			return fmt.Errorf("store what is held already: %w", db.Fault(err, "", "permit.changed"))
		}
	}
	return nil
}

// already reads what was held of an application, by part.
func (s *Service) already(ctx context.Context, applicationID, part string) (list []Already, err error) {
	if err := s.DB.From(ctx).Where("application_id = ? AND part = ?", applicationID, part).Order("id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read what is held already: %w", db.Fault(err, "", ""))
	}
	for i := range list {
		for _, one := range []struct {
			purpose string
			cipher  []byte
			to      *string
		}{{purposeAlready, list[i].HeldCipher, &list[i].Value}, {purposeWhy, list[i].ReasonCipher, &list[i].Reason}} {
			if len(one.cipher) == 0 {
				continue
			}
			clear, err := s.Vault.Open(ctx, one.purpose, one.cipher)
			if err != nil {
				return nil, err
			}
			*one.to = string(clear)
		}
	}
	return list, nil
}

// compare notes which of the held answers the applicant has corrected, in the open
// transaction.
func (s *Service) compare(ctx context.Context, a *Application, answers map[string]any) error {
	list, err := s.already(ctx, a.ID, partQuestion)
	if err != nil {
		return err
	}
	for _, one := range list {
		corrected := factOf(answers[one.Code]) != one.Value
		if corrected == one.Corrected {
			continue
		}
		if err := s.DB.From(ctx).Exec("UPDATE permit_already_held SET corrected = ? WHERE id = ?", corrected, one.ID).Error; err != nil {
			return fmt.Errorf("note a correction: %w", err)
		}
	}
	return nil
}

// Explain keeps why held answers of a draft were corrected, by question. Where the
// type wants a reason and none is there, it is Invalid: why.QUESTION.
func (s *Service) Explain(ctx context.Context, id string, reasons map[string]string) error {
	a, err := s.own(ctx, id, true)
	if err != nil {
		return err
	}
	if a.State != Draft {
		return errSent
	}
	list, err := s.already(ctx, a.ID, partQuestion)
	if err != nil {
		return err
	}
	for _, one := range list {
		why, said := reasons[one.Code]
		if !said {
			continue
		}
		runes := []rune(text.Lines(why))
		cipher, err := s.Vault.Seal(ctx, a.VaultKeyID, purposeWhy, []byte(string(runes[:min(len(runes), whyMost)])))
		if err != nil {
			return err
		}
		if len(runes) == 0 {
			cipher = nil
		}
		if err := s.DB.From(ctx).Exec("UPDATE permit_already_held SET reason_cipher = ? WHERE id = ?", cipher, one.ID).Error; err != nil {
			return fmt.Errorf("keep a reason: %w", db.Fault(err, "", ""))
		}
	}
	t, err := s.typeOf(ctx, a)
	if err != nil {
		return err
	}
	return s.explained(ctx, a, t)
}

// explained names the corrected answers that want a reason and have none.
func (s *Service) explained(ctx context.Context, a *Application, t *permittypes.Type) error {
	list, err := s.already(ctx, a.ID, partQuestion)
	if err != nil {
		return err
	}
	var c fault.Check
	for _, one := range list {
		wants := slices.ContainsFunc(t.Held, func(h permittypes.Held) bool { return h.Question == one.Code && h.Reason })
		c.That(!wants || !one.Corrected || one.Reason != "", "why."+one.Code, "already.why.required")
	}
	return c.Err()
}

// heldItem sets what stands for a material without being given: of a draft as it is
// now, of what was sent as it was then.
func (s *Service) heldItem(ctx context.Context, a *Application, it *Item) error {
	if it.HeldFrom == "" {
		return nil
	}
	if a.State == Draft {
		one, err := s.held(ctx, a.HolderID, it.HeldFrom, "", it.HeldPermits)
		it.Held = one
		return err
	}
	list, err := s.already(ctx, a.ID, partMaterial)
	if i := slices.IndexFunc(list, func(h Already) bool { return h.Code == it.Code }); i >= 0 {
		it.Held = &list[i]
	}
	return err
}

// Waived says that nobody has to give the material: it is held already, or the unit
// looks it up itself.
func (it *Item) Waived() bool {
	return it.Held != nil || it.HeldFrom != "" && it.HeldFrom != permittypes.PermitRegister
}

// keepItems stores with what is sent which materials were held already.
func (s *Service) keepItems(ctx context.Context, a *Application, t *permittypes.Type) error {
	var list []Already
	for _, m := range t.Needed(a.Answers) {
		it := Item{Material: m}
		if err := s.heldItem(ctx, a, &it); err != nil {
			return err
		}
		if it.Held != nil {
			it.Held.Part, it.Held.Code = partMaterial, m.Code
			list = append(list, *it.Held)
		}
	}
	return s.keepAlready(ctx, a, list)
}
