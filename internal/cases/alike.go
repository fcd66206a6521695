package cases

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/db"
	"minqing/internal/place"
	"minqing/internal/text"
)

// Alike is an open case that may be about the same thing as one that is being
// filed.
type Alike struct {
	Item
	SamePlace bool
	Words     float64 // how much of what is said is the same, from 0 to 1
}

// Where cases alike are looked for, and when one is worth a look.
const (
	alikeWithin = 90 * 24 * time.Hour
	alikeAmong  = 300 // newest cases of the matter
	alikeWords  = 0.15
	alikePlace  = 0.3 // what the same district adds
)

// Alike lists open cases of the same matter in the actor's scope that say
// something like it, the likest first. Cases whose texts are sealed are not
// compared. Without a matter there is nothing to compare with.
func (s *Service) Alike(ctx context.Context, f Filing, most int) ([]Alike, error) {
	scope, err := s.Access.Scope(ctx, access.CaseList)
	if err != nil {
		return nil, err
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	areas, err := s.Places.Map(ctx)
	if err != nil {
		return nil, err
	}
	root, err := s.Clocks.Of(snap, snap.Root())
	if err != nil {
		return nil, err
	}
	day := root.ReceivedOn(s.Now())
	m, err := snap.MatterOn(f.MatterCode, day)
	if err != nil {
		return nil, nil
	}
	inScope, args := seen(scope)
	var rows []struct {
		ID, Title, Description string
		DistrictID             *string
	}
	err = s.DB.Reader(ctx).Raw(`SELECT c.id, c.title, c.description, c.district_id FROM cases c WHERE c.matter_id = ? AND c.received_at > ?
 AND c.status IN ? AND c.confidentiality = 'normal' AND `+inScope+" ORDER BY c.received_at DESC LIMIT ?",
		slices.Concat([]any{m.ID, s.Now().Add(-alikeWithin), open}, args, []any{alikeAmong})...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("look for cases alike: %w", db.Fault(err, "", ""))
	}
	said, district := terms(f.Title+"\n"+f.Description), f.Location.find(areas, day)
	var found []Alike
	for _, r := range rows {
		a := Alike{Words: common(said, terms(r.Title+"\n"+r.Description)), SamePlace: sameDistrict(district, r.DistrictID)}
		if a.Words >= alikeWords || a.SamePlace && len(said) == 0 {
			a.ID = r.ID
			found = append(found, a)
		}
	}
	slices.SortStableFunc(found, func(a, b Alike) int { return cmp.Compare(b.likeness(), a.likeness()) })
	found = found[:min(len(found), most)]
	return found, s.fillAlike(ctx, found)
}

func (a Alike) likeness() float64 {
	if a.SamePlace {
		return a.Words + alikePlace
	}
	return a.Words
}

func sameDistrict(d *place.District, id *string) bool { return d != nil && id != nil && *id == d.ID }

func (s *Service) fillAlike(ctx context.Context, found []Alike) error {
	ids := make([]string, len(found))
	for i := range found {
		ids[i] = found[i].ID
	}
	items, err := s.items(ctx, ids)
	if err != nil {
		return err
	}
	for i := range found {
		for _, it := range items {
			if it.ID == found[i].ID {
				found[i].Item = it
			}
		}
	}
	return nil
}

func terms(s string) map[string]bool {
	set := map[string]bool{}
	for _, t := range text.Terms(s) {
		set[t] = true
	}
	return set
}

// common is Dice's coefficient: twice what two sets share, by their sizes.
func common(a, b map[string]bool) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	both := 0
	for t := range a {
		if b[t] {
			both++
		}
	}
	return 2 * float64(both) / float64(len(a)+len(b))
}
