package record

import (
	"context"
	"slices"
	"strings"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/fault"
	"minqing/internal/idcode"
)

// FoundMost is how many people a search shows: a number that more of them share
// says nothing about any.
const FoundMost = 10

// Found is whom a search found. More says that there are others than the FoundMost
// of the list; how many is not counted.
type Found struct {
	List []constituents.View
	More bool
}

// Find gives the people behind the number of a case, a phone, a mail address or a
// number of identity, masked: exactly that number or address, and only those whose
// record the actor may open. Each of those listed is written into the log of reads.
func (s *Service) Find(ctx context.Context, typed string) (*Found, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return nil, fault.InvalidInput(fault.Field{Name: "q", Key: "people.find.required"})
	}
	if err := s.Access.Can(ctx, access.PeopleRead); err != nil {
		return nil, err
	}
	ids, err := s.behind(ctx, typed)
	if err != nil {
		return nil, err
	}
	out := &Found{}
	for _, id := range ids {
		v, err := s.found(ctx, id)
		if err != nil && fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out.List, func(o constituents.View) bool { return o.ID == v.ID }) {
			continue
		}
		if out.More = len(out.List) == FoundMost; out.More {
			break
		}
		if err := s.Audit.Read(ctx, "constituent", v.ID, []string{"masked"}, ""); err != nil {
			return nil, err
		}
		out.List = append(out.List, v)
	}
	return out, nil
}

// found is one of them, as the record that stands for those who belong together.
func (s *Service) found(ctx context.Context, id string) (constituents.View, error) {
	head, err := s.Constituents.Head(ctx, id)
	if err != nil {
		return constituents.View{}, err
	}
	family, err := s.Constituents.Whole(ctx, head)
	if err != nil {
		return constituents.View{}, err
	}
	of, err := s.Cases.Personal(ctx, family)
	if err != nil {
		return constituents.View{}, err
	}
	if err := s.may(ctx, of); err != nil {
		return constituents.View{}, err
	}
	v, err := s.Constituents.Masked(ctx, head)
	if err == nil && v.Erased {
		err = errMissing
	}
	return v, err
}

// behind lists who may be meant.
func (s *Service) behind(ctx context.Context, typed string) ([]string, error) {
	if _, err := idcode.ParseCaseNumber(typed); err == nil {
		return s.ofCase(ctx, typed)
	}
	ids, err := s.Constituents.FindByNumber(ctx, typed)
	if err != nil {
		return nil, err
	}
	for _, kind := range []constituents.PointKind{constituents.Phone, constituents.Email} {
		more, err := s.Constituents.FindByContact(ctx, kind, typed)
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	return ids, nil
}

// ofCase lists who asks in a case, as the case itself shows them to the actor.
func (s *Service) ofCase(ctx context.Context, caseNo string) (ids []string, err error) {
	if err := s.Access.Can(ctx, access.CaseRead); err != nil {
		return nil, nil //nolint:nilerr // who reads no cases finds nobody by one
	}
	v, err := s.Cases.View(ctx, caseNo)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil, nil
	}
	if err != nil || v.Confidentiality == cases.Whistle {
		return nil, err
	}
	for _, p := range v.Parties {
		if p.ConstituentID == nil || p.Role == cases.RoleSubject {
			continue
		}
		if _, shown := v.People[*p.ConstituentID]; shown {
			ids = append(ids, *p.ConstituentID)
		}
	}
	return ids, nil
}
