package permits

import (
	"context"
	"unicode/utf8"

	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/register"
	"minqing/internal/text"
)

// CounterPermit is a permit as a desk sees it whose holder came to renew or to change it,
// with the draft that this desk has begun, or the application that is under way. What the
// holder writes online and has not sent is no desk's.
func (s *Service) CounterPermit(ctx context.Context, no string) (*Mine, error) {
	unit, err := s.desk(ctx)
	if err != nil {
		return nil, err
	}
	p, err := s.Holds.ByNo(ctx, no)
	if err != nil {
		return nil, err
	}
	list, err := s.mines(ctx, []register.Permit{*p})
	if err != nil {
		return nil, err
	}
	m := &list[0]
	m.Writes = true
	m.Pending, err = s.pending(ctx, m.PermitNo, &unit.ID)
	return m, err
}

// CounterPermits lists what somebody holds, by the number of a document: of a person, or
// of an enterprise. Of very many it gives the first, and more is true. Each look is noted
// in the log of reads.
func (s *Service) CounterPermits(ctx context.Context, c Comer) (list []Mine, more bool, err error) {
	c.Number, c.Phone = text.Line(c.Number), ""
	var check fault.Check
	check.That(c.Kind == ForPerson || c.Kind == ForEnterprise, "kind", "counter.kind.required")
	check.That(c.Number != "", "number", "counter.about.number")
	if err := check.Err(); err != nil {
		return nil, false, err
	}
	found, err := s.Comers(ctx, c)
	if err != nil {
		return nil, false, err
	}
	var ids []string
	if found.House != nil && found.House.HolderID != "" {
		ids = []string{found.House.HolderID}
	}
	for _, v := range found.People {
		family, err := s.Cases.Constituents.Family(ctx, v.ID)
		if err != nil {
			return nil, false, err
		}
		ids = append(ids, family...)
		if err := s.Audit.Read(ctx, "constituent", v.ID, []string{"permits"}, ""); err != nil {
			return nil, false, err
		}
	}
	types, err := s.Holds.HolderTypes(ctx, ids)
	if err != nil {
		return nil, false, err
	}
	page, err := s.Holds.HolderPage(ctx, ids, types, "")
	if err != nil {
		return nil, false, err
	}
	list, err = s.mines(ctx, page.Permits)
	return list, page.Next != "", err
}

// AboutAtCounter opens a draft to renew or to change a permit for its holder, who came with
// their document: the one that a colleague of the desk has begun, which shared says, else a
// new one, with what is known already. It is allowed as it is online: inside the window of
// renewal, and where no other application about the permit was sent.
func (s *Service) AboutAtCounter(ctx context.Context, no string, purpose Purpose, c Comer) (a *Application, shared bool, err error) {
	m, err := s.CounterPermit(ctx, no)
	if err != nil {
		return nil, false, err
	}
	unit, err := s.desk(ctx)
	if err != nil {
		return nil, false, err
	}
	if purpose != ForRenewal && purpose != ForChange {
		return nil, false, fault.InvalidInput(fault.Field{Name: "purpose", Key: "counter.about.purpose.required"})
	}
	c.Kind, c.Name, c.Number, c.Phone = string(m.HolderKind), text.Line(c.Name), text.Line(c.Number), ""
	if err := s.checkHolder(ctx, m, &c); err != nil {
		return nil, false, err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		holder, err := s.Cases.Constituents.Hold(ctx, m.HolderID)
		if err != nil {
			return err
		}
		if a, err = s.pending(ctx, m.PermitNo, &unit.ID); err != nil {
			return err
		}
		if a != nil {
			if shared = a.State == Draft && a.Purpose == purpose; !shared {
				return fault.New(fault.Conflict, "held.pending")
			}
			return nil
		}
		if err := m.allows(purpose); err != nil {
			return err
		}
		if c.Kind == ForPerson {
			if _, err := s.Cases.Constituents.AddNumber(ctx, holder, constituents.Document{Kind: c.NumberKind, Value: c.Number, Seen: true}); err != nil {
				return err
			}
		}
		a = &Application{HolderID: holder, TypeCode: m.Type.Code, TypeVersion: m.Type.Version, RenewsNo: m.PermitNo, Purpose: purpose,
			CounterUnitID: &unit.ID, Counter: &Counter{Kind: c.Kind, Applicant: c.Name}}
		return s.beginAbout(ctx, m, a)
	})
	return a, shared, err
}

// checkHolder names what is wrong where the document that was shown is not that of the
// holder: the number belongs to somebody else, or, where nobody has shown it before, the
// name is another. Of an enterprise the name becomes the one of the register.
func (s *Service) checkHolder(ctx context.Context, m *Mine, c *Comer) error {
	holder := s.head(ctx, m.HolderID)
	var check fault.Check
	check.That(c.Number != "", "number", "counter.about.number")
	if c.Kind == ForPerson {
		check.That(c.Name != "", "name", "counter.name.required")
		check.That(utf8.RuneCountInString(c.Name) <= cases.NameMost, "name", "case.name.long", "Max", cases.NameMost)
	}
	if err := check.Err(); err != nil {
		return err
	}
	found, err := s.find(ctx, c)
	if err != nil {
		return err
	}
	if h := found.House; h != nil {
		check.That(h.HolderID != "" && s.head(ctx, h.HolderID) == holder, "number", "counter.about.other")
		if c.Name = m.HolderShown; h.Name != "" {
			c.Name = h.Name
		}
		return check.Err()
	}
	return s.checkPerson(ctx, holder, c)
}

// checkPerson compares the document that a person shows with the holder: its number is
// theirs, or they have shown none of that kind before and have the name on it. Somebody may
// have several passports, but one document of identity.
func (s *Service) checkPerson(ctx context.Context, holder string, c *Comer) error {
	known := s.Cases.Constituents
	var check fault.Check
	proven, err := known.Proven(ctx, c.NumberKind, c.Number)
	if err != nil {
		return err
	}
	if proven != "" {
		check.That(s.head(ctx, proven) == holder, "number", "counter.about.other")
		return check.Err()
	}
	family, err := known.Family(ctx, holder)
	if err != nil {
		return err
	}
	another, err := known.HasShown(ctx, append(family, holder), c.NumberKind)
	if err != nil {
		return err
	}
	view, err := known.Masked(ctx, holder)
	if err != nil {
		return err
	}
	check.That(!another || c.NumberKind == constituents.OtherID, "number", "counter.about.other")
	check.That(idcode.MaskName(c.Name) == view.Name, "name", "counter.about.name")
	return check.Err()
}

// onlyOne refuses to send what is about a permit about which another application was sent
// meanwhile, online or at a counter, or that another has taken the place of; in the open
// transaction, in which it holds the holder.
func (s *Service) onlyOne(ctx context.Context, a *Application) error {
	if a.RenewsNo == "" {
		return nil
	}
	if _, err := s.Cases.Constituents.Hold(ctx, a.HolderID); err != nil {
		return err
	}
	sent, err := s.sentAbout(ctx, a.RenewsNo)
	if err != nil {
		return err
	}
	if sent != nil && sent.ID != a.ID {
		return fault.New(fault.Conflict, "held.pending")
	}
	p, err := s.Holds.ByNo(ctx, a.RenewsNo)
	if err != nil {
		return err
	}
	next, err := s.Holds.Successors(ctx, []string{p.ID})
	if err == nil && next[p.ID] != "" {
		err = fault.New(fault.Conflict, "held.replaced").With("No", next[p.ID])
	}
	return err
}
