package cases

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/idcode"
	"minqing/internal/text"
)

// NamesSomebody says whether what somebody searches for is, or holds, a telephone
// number, a mail address or another number of a person.
func (s *Service) NamesSomebody(typed string) bool {
	if _, err := idcode.ParseCaseNumber(typed); err == nil {
		return false
	}
	if _, err := idcode.ParsePhone(typed, s.Constituents.Region); err == nil {
		return true
	}
	_, err := idcode.NormaliseEmail(typed)
	return err == nil || text.MaskFree(typed) != typed
}

// byPerson answers a search for a telephone number or a mail address: the cases
// of the actor's scope in which somebody asks who is reached there, the newest
// first. It goes by the keyed hash of the whole value. Nobody learns so who filed
// a hidden case, and each person found is written into the log of reads, for a
// typed number says that its owner has turned to the government. Not found: what
// was typed is neither, or reaches nobody with a case that may be seen.
func (s *Service) byPerson(ctx context.Context, q *search, typed string) (ids []string, found bool, err error) {
	kind := constituents.Phone
	if _, err := idcode.ParsePhone(typed, s.Constituents.Region); err != nil {
		if _, err := idcode.NormaliseEmail(typed); err != nil {
			return nil, false, nil
		}
		kind = constituents.Email
	}
	people, err := s.Constituents.FindByContact(ctx, kind, typed)
	if err != nil || len(people) == 0 {
		return nil, false, err
	}
	if people, err = s.Constituents.Heads(ctx, people[:min(len(people), callersMost)]); err != nil {
		return nil, false, err
	}
	var family []string // with what was merged into them
	for _, id := range people {
		whole, err := s.Constituents.Whole(ctx, id)
		if err != nil {
			return nil, false, err
		}
		family = append(family, whole...)
	}
	where, args := q.where, slices.Clone(q.args)
	hides, err := s.hides(ctx)
	if err != nil {
		return nil, false, err
	}
	shown := []Confidentiality{Normal}
	if !hides {
		shown = append(shown, IdentityHidden)
	}
	where, args = where+" AND c.confidentiality IN ? AND c.frozen_at IS NULL", append(args, shown)
	if q.before != "" {
		where, args = where+" AND c.id < ?", append(args, q.before)
	}
	err = s.DB.Reader(ctx).Raw("SELECT c.id FROM cases c WHERE c.id IN ("+ofPeople+") AND "+where+" ORDER BY c.id DESC LIMIT ?",
		slices.Concat([]any{family}, args, []any{q.limit})...).Scan(&ids).Error
	if err != nil {
		return nil, false, fmt.Errorf("look for the cases of a person: %w", db.Fault(err, "", ""))
	}
	if len(ids) == 0 && q.before == "" {
		return nil, false, nil
	}
	for _, id := range people {
		if err := s.Audit.Read(ctx, "constituent", id, []string{"masked"}, ""); err != nil {
			return nil, false, err
		}
	}
	return ids, true, nil
}
