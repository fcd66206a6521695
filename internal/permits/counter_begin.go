package permits

import (
	"context"
	"slices"
	"unicode/utf8"

	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/idcode"
	"minqing/internal/permittypes"
	"minqing/internal/text"
)

// House is an enterprise by its number.
type House struct {
	Kind     constituents.IDKind
	Code     string // in its normal form
	HolderID string // its record; empty: none yet
	Name     string // as the record or the register of enterprises has it; empty: neither knows it
}

// Houses finds enterprises by their numbers, as they were typed. A number of the wrong
// form, or whose check character is wrong, is Invalid.
type Houses interface {
	House(ctx context.Context, typed string) (House, error)
}

// NobodyKnown is the choice of who is none of those that were found.
const NobodyKnown = "new"

// Comer is who applies at a counter, as a clerk writes it down.
type Comer struct {
	Kind       string              // ForPerson or ForEnterprise
	NumberKind constituents.IDKind // of a person's Number; an enterprise's tells by itself
	Number     string
	Name       string // as the document says
	Phone      string
	Email      string
	Known      string // the id of one whom Comers found, or NobodyKnown
}

// Comers is who may have come.
type Comers struct {
	People []constituents.View // masked
	House  *House              // of an enterprise
}

// comersMost is how many people are shown, sharersMost at how many a number is looked.
const (
	comersMost  = 10
	sharersMost = 50
)

// Comers looks for who came, by number of identity and phone, or by the number of the
// enterprise. Of people that were found it shows those records that stand for all, masked,
// and notes each in the log of reads.
func (s *Service) Comers(ctx context.Context, c Comer) (*Comers, error) {
	if _, err := s.desk(ctx); err != nil {
		return nil, err
	}
	found, err := s.find(ctx, &c)
	if err != nil {
		return nil, err
	}
	for _, v := range found.People {
		if err := s.Audit.Read(ctx, "constituent", v.ID, []string{"masked"}, ""); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// find checks how somebody can be found, and gives who answers to it. The number is in
// its normal form afterwards.
func (s *Service) find(ctx context.Context, c *Comer) (*Comers, error) {
	if c.Kind == ForEnterprise {
		return s.findHouse(ctx, c)
	}
	known := s.Cases.Constituents
	var check fault.Check
	if c.Number != "" {
		n, err := c.NumberKind.Normal(c.Number, s.now())
		check.That(err == nil, "number", "constituents.number."+string(numberKind(c.NumberKind)))
		c.Number = n
	}
	if c.Phone != "" {
		_, err := idcode.ParsePhone(c.Phone, known.Region)
		check.That(err == nil, "phone", "constituents.point.phone")
	}
	if err := check.Err(); err != nil {
		return nil, err
	}
	var ids []string
	var err error
	if c.Number != "" {
		if ids, err = known.FindByNumber(ctx, c.Number); err != nil {
			return nil, err
		}
	}
	called, err := known.FindByContact(ctx, constituents.Phone, c.Phone)
	if err != nil {
		return nil, err
	}
	ids = slices.Concat(ids, called)
	return s.people(ctx, ids[:min(len(ids), sharersMost)])
}

// people are those among records that are persons, as the records that stand for them.
func (s *Service) people(ctx context.Context, ids []string) (*Comers, error) {
	heads, err := s.Cases.Constituents.Heads(ctx, ids)
	if err != nil {
		return nil, err
	}
	views, err := s.Cases.Constituents.MaskedAll(ctx, heads)
	if err != nil {
		return nil, err
	}
	out := &Comers{}
	for _, id := range heads {
		if v, ok := views[id]; ok && !v.Erased && v.Kind == constituents.Person && len(out.People) < comersMost {
			out.People = append(out.People, v)
		}
	}
	return out, nil
}

// numberKind is a kind of number that people have.
func numberKind(k constituents.IDKind) constituents.IDKind {
	if !slices.Contains(constituents.IDKinds(constituents.Person), k) {
		return constituents.OtherID
	}
	return k
}

func (s *Service) findHouse(ctx context.Context, c *Comer) (*Comers, error) {
	if s.Houses == nil {
		return nil, fault.New(fault.Conflict, "permit.audience."+ForEnterprise)
	}
	h, err := s.Houses.House(ctx, c.Number)
	if e, ours := fault.As(err); err != nil && ours && e.Kind == fault.Invalid && len(e.Fields) > 0 {
		f := e.Fields[0]
		f.Name = "number"
		return nil, fault.InvalidInput(f)
	}
	if err != nil {
		return nil, err
	}
	c.Number = h.Code
	return &Comers{House: &h}, nil
}

// BeginAtCounter opens a draft for who came: the one that a colleague of the desk has
// begun for the same applicant, which shared says, else a new one. Whoever was not known
// is written down. Which document was shown, the clerk has seen.
func (s *Service) BeginAtCounter(ctx context.Context, typeCode string, c Comer, lang i18n.Lang) (a *Application, shared bool, err error) {
	unit, err := s.desk(ctx)
	if err != nil {
		return nil, false, err
	}
	t, err := s.Types.Type(ctx, typeCode)
	if err != nil {
		return nil, false, err
	}
	c.Name, c.Number, c.Phone, c.Email = text.Line(c.Name), text.Line(c.Number), text.Line(c.Phone), text.Line(c.Email)
	house, err := s.checkComer(ctx, t, &c)
	if err != nil {
		return nil, false, err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		holder, err := s.comer(ctx, &c, house, lang)
		if err != nil {
			return err
		}
		a, err = s.read(ctx, "holder_id = ? AND type_code = ? AND type_version = ? AND state = 'draft' AND purpose = 'new' AND counter_unit_id = ?", holder, t.Code, t.Version, unit.ID)
		if shared = err == nil; shared || fault.KindOf(err) != fault.NotFound {
			return err
		}
		a = &Application{HolderID: holder, TypeCode: t.Code, TypeVersion: t.Version, Purpose: ForNew, CounterUnitID: &unit.ID, Counter: &Counter{Kind: c.Kind, Applicant: c.Name}}
		return s.create(ctx, a)
	})
	return a, shared, db.Fault(err, "", "")
}

// checkComer names what is missing or wrong before somebody is written down.
func (s *Service) checkComer(ctx context.Context, t *permittypes.Type, c *Comer) (*House, error) {
	var check fault.Check
	check.That(slices.Contains(t.Audience, c.Kind), "kind", "counter.kind.required")
	if err := check.Err(); err != nil {
		return nil, err
	}
	found, failed := s.find(ctx, c)
	if err := check.Add(failed); err != nil {
		return nil, err
	}
	if failed != nil {
		found = &Comers{}
	}
	if found.House != nil && found.House.Name != "" {
		c.Name = found.House.Name
	}
	check.That(c.Name != "", "name", "counter.name.required")
	check.That(utf8.RuneCountInString(c.Name) <= cases.NameMost, "name", "case.name.long", "Max", cases.NameMost)
	if c.Email != "" {
		_, err := idcode.NormaliseEmail(c.Email)
		check.That(err == nil, "email", "case.email.invalid")
	}
	if c.Kind == ForPerson && failed == nil {
		check.That(c.Number != "" || c.Phone != "", "number", "counter.number.required")
		if err := s.checkKnown(ctx, c, found.People, &check); err != nil {
			return nil, err
		}
	}
	return found.House, check.Err()
}

// checkKnown makes sure that whoever is chosen was found, and that nobody is written down
// twice whose document the government has seen.
func (s *Service) checkKnown(ctx context.Context, c *Comer, found []constituents.View, check *fault.Check) error {
	proven := ""
	if c.Number != "" {
		id, err := s.Cases.Constituents.Proven(ctx, c.NumberKind, c.Number)
		if err != nil {
			return err
		}
		if id != "" {
			if proven, err = s.Cases.Constituents.Head(ctx, id); err != nil {
				return err
			}
		}
	}
	switch {
	case c.Known == "":
		check.That(len(found) == 0, "known", "counter.known.choose")
	case c.Known == NobodyKnown:
		check.That(proven == "", "known", "counter.known.proven")
	default:
		check.That(slices.ContainsFunc(found, func(v constituents.View) bool { return v.ID == c.Known }), "known", "counter.known.other")
		check.That(proven == "" || proven == c.Known, "known", "counter.known.proven")
	}
	return nil
}

// comer gives the record of who came, held, in the open transaction.
func (s *Service) comer(ctx context.Context, c *Comer, house *House, lang i18n.Lang) (string, error) {
	known := s.Cases.Constituents
	switch {
	case house != nil && house.HolderID != "":
		return known.Hold(ctx, house.HolderID)
	case house != nil:
		return s.writeDown(ctx, c, constituents.Document{Kind: house.Kind, Value: house.Code, Seen: true}, lang)
	case c.Known == "" || c.Known == NobodyKnown:
		return s.writeDown(ctx, c, constituents.Document{Kind: c.NumberKind, Value: c.Number, Seen: true}, lang)
	}
	head, err := known.Hold(ctx, c.Known)
	if err != nil || c.Number == "" {
		return head, err
	}
	_, err = known.AddNumber(ctx, head, constituents.Document{Kind: c.NumberKind, Value: c.Number, Seen: true})
	return head, err
}

// writeDown makes the record of who was not known.
func (s *Service) writeDown(ctx context.Context, c *Comer, doc constituents.Document, lang i18n.Lang) (string, error) {
	known := s.Cases.Constituents
	contact := constituents.Contact{Kind: constituents.Person, Name: c.Name, Phone: c.Phone, Email: c.Email}
	if c.Kind == ForEnterprise {
		contact.Kind = constituents.Enterprise
	}
	rows, err := known.Prepare(ctx, contact, string(lang))
	if err != nil {
		return "", err
	}
	changes := []audit.Change{{Field: "name"}}
	facts := constituents.Facts{Profile: constituents.Profile{Source: constituents.FromStaff}}
	if doc.Value != "" {
		facts.Number, changes = &doc, append(changes, audit.Change{Field: string(doc.Kind)})
	}
	if rows, err = known.With(rows, facts); err != nil {
		return "", err
	}
	if err := known.Insert(ctx, rows); err != nil {
		return "", err
	}
	return rows.ConstituentID(), s.Audit.Record(ctx, audit.Entry{Action: "constituent.create", Kind: "constituent", ID: rows.ConstituentID(), Fields: changes})
}
