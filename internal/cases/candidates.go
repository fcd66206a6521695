package cases

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Candidate is an open case that may be about the same thing as another, with why
// one may think so.
type Candidate struct {
	Item
	Words      float64 // how much of what is said is the same, from 0 to 1
	SamePlace  bool
	SamePerson bool
}

// Where a case is the same place, in metres, and how much each sign counts.
const (
	nearBy        = 300.0
	candidatesOf  = 5
	personCounts  = 0.5
	candidateLeft = 0.15
)

// Candidates lists open cases of the actor's scope that may be merged with one:
// those that say something like it, are about the same place, or were filed by the
// same person. Texts of sealed cases are not compared, and who filed is compared
// among open ones only: a list must tell nobody who filed a hidden one.
func (s *Service) Candidates(ctx context.Context, c *Case) ([]Candidate, error) {
	if !c.offers(ActMerge) || !byAction[ActMerge].Allows(c.Status) || c.Confidentiality != Normal {
		return nil, nil
	}
	scope, err := s.Access.Scope(ctx, access.CaseMerge)
	if err != nil {
		return nil, err
	}
	inScope, args := seen(scope)
	asks, err := s.Requester(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	var family []string
	if asks != "" {
		if family, err = s.Constituents.Family(ctx, asks); err != nil {
			return nil, err
		}
	}
	rows, err := s.kin(ctx, c, family, inScope, args)
	if err != nil {
		return nil, err
	}
	said := terms(c.Title + "\n" + c.Description)
	var found []Candidate
	for _, r := range rows {
		one := Candidate{Words: common(said, terms(r.Title+"\n"+r.Description)), SamePlace: samePlace(c, r.DistrictID, r.Lat, r.Lng), SamePerson: r.SamePerson}
		if one.Words >= candidateLeft || one.SamePerson || one.SamePlace && c.Lat != nil && r.Lat != nil {
			one.ID = r.ID
			found = append(found, one)
		}
	}
	slices.SortStableFunc(found, func(a, b Candidate) int { return cmp.Compare(b.likeness(), a.likeness()) })
	found = found[:min(len(found), candidatesOf)]
	return found, s.fillCandidates(ctx, found)
}

// kinCase is what candidates are told by.
type kinCase struct {
	ID, Title, Description string
	ReceivedAt             time.Time
	DistrictID             *string
	Lat, Lng               *float64
	SamePerson             bool
}

// kin are the newest open cases of the same matter or the same person. Each is read
// by its own index: asked for together they cost a walk through every case.
func (s *Service) kin(ctx context.Context, c *Case, family []string, inScope string, args []any) ([]kinCase, error) {
	rest := []any{c.ID, c.ReceivedAt.Add(-alikeWithin), c.ReceivedAt.Add(alikeWithin), open, c.Track == catalogue.TrackPetition}
	read := func(into *[]kinCase, which string, arg any) error {
		err := s.DB.Reader(ctx).Raw("SELECT c.id, c.title, c.description, c.received_at, c.district_id, c.lat, c.lng FROM cases c WHERE "+which+
			` AND c.id <> ? AND c.received_at > ? AND c.received_at < ? AND c.status IN ? AND (c.track = 'petition') = ? AND c.parent_id IS NULL
 AND c.confidentiality = 'normal' AND `+inScope+" ORDER BY c.received_at DESC LIMIT ?", slices.Concat([]any{arg}, rest, args, []any{alikeAmong})...).Scan(into).Error
		if err != nil {
			return fmt.Errorf("look for cases to merge: %w", db.Fault(err, "", ""))
		}
		return nil
	}
	var theirs, alike []kinCase
	if len(family) > 0 {
		if err := read(&theirs, "c.id IN (SELECT case_id FROM case_parties WHERE role = 'requester' AND constituent_id IN ?)", family); err != nil {
			return nil, err
		}
	}
	if c.MatterID != nil {
		if err := read(&alike, "c.matter_id = ?", *c.MatterID); err != nil {
			return nil, err
		}
	}
	same := map[string]bool{}
	for i := range theirs {
		theirs[i].SamePerson, same[theirs[i].ID] = true, true
	}
	list := append(theirs, slices.DeleteFunc(alike, func(k kinCase) bool { return same[k.ID] })...)
	slices.SortStableFunc(list, func(a, b kinCase) int { return b.ReceivedAt.Compare(a.ReceivedAt) })
	return list[:min(len(list), alikeAmong)], nil
}

func (k Candidate) likeness() float64 {
	n := k.Words
	if k.SamePlace {
		n += alikePlace
	}
	if k.SamePerson {
		n += personCounts
	}
	return n
}

// samePlace says whether two cases are about one place: near one another where
// both have a point, else in one district.
func samePlace(c *Case, district *string, lat, lng *float64) bool {
	if c.Lat != nil && c.Lng != nil && lat != nil && lng != nil {
		const metres = 111_320.0 // of a degree of latitude
		dy := (*lat - *c.Lat) * metres
		dx := (*lng - *c.Lng) * metres * math.Cos(*c.Lat*math.Pi/180)
		return math.Hypot(dx, dy) <= nearBy
	}
	return c.DistrictID != nil && district != nil && *district == *c.DistrictID
}

func (s *Service) fillCandidates(ctx context.Context, found []Candidate) error {
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

// Bond is what a case has to do with others that are handled as one with it.
type Bond struct {
	Lead      *Item  // the case that leads; nil where this one does, or where the actor may not read it
	LeadNo    string // its number; empty to those whom it complains about
	Followers []Item // that the actor may read
	Hidden    int    // that they may not
	Rest      int    // more that follow and are not listed
}

// followersShown is how many of the cases that follow one are listed, the earliest.
const followersShown = 200

// BondOf says which case leads this one, and which follow it.
func (s *Service) BondOf(ctx context.Context, c *Case) (Bond, error) {
	switch {
	case c.MergedIntoID != nil:
		return s.leadOf(ctx, *c.MergedIntoID)
	case c.MergedCount > 0:
		return s.followersOf(ctx, c)
	}
	return Bond{}, nil
}

func (s *Service) leadOf(ctx context.Context, id string) (b Bond, err error) {
	items, err := s.items(ctx, []string{id})
	if err != nil || len(items) == 0 {
		return b, err
	}
	it := &items[0]
	switch _, _, err := s.loadFor(ctx, it.CaseNo, access.CaseRead); {
	case err == nil:
		b.Lead, b.LeadNo = it, it.CaseNo
	case errors.Is(err, errInterested): // not even that there is one
	case fault.KindOf(err) == fault.NotFound || fault.KindOf(err) == fault.Forbidden:
		b.LeadNo = it.CaseNo
	default:
		return b, err
	}
	return b, nil
}

func (s *Service) followersOf(ctx context.Context, c *Case) (b Bond, err error) {
	var ids []string
	err = s.DB.Reader(ctx).Raw("SELECT id FROM cases WHERE merged_into_id = ? ORDER BY received_at, id LIMIT ?", c.ID, followersShown+1).Scan(&ids).Error
	if err != nil {
		return b, fmt.Errorf("read the cases that follow: %w", db.Fault(err, "", ""))
	}
	if len(ids) > followersShown {
		ids, b.Rest = ids[:followersShown], max(1, int(c.MergedCount)-followersShown)
	}
	may, err := s.Readable(ctx, ids)
	if err != nil {
		return b, err
	}
	b.Hidden = len(ids) - len(may)
	b.Followers, err = s.items(ctx, slices.DeleteFunc(ids, func(id string) bool { return may[id] == "" }))
	return b, err
}

// Together are two cases side by side, and what merging them will do.
type Together struct {
	Case *View
	Lead *View
	Due  *time.Time // of the leading case afterwards
	Same bool       // the same person asks in both
	Why  error      // why it is not possible; nil when it is
}

// Beside shows a case and the one that it may follow. The actor may merge both.
func (s *Service) Beside(ctx context.Context, caseNo, into string) (*Together, error) {
	one, err := s.ViewFor(ctx, caseNo, access.CaseRead)
	if err != nil {
		return nil, err
	}
	t := &Together{Case: one}
	switch {
	case !slices.Contains(one.Actions, ActMerge):
		t.Why = fault.New(fault.Conflict, "case.action.impossible")
	case one.MergedCount > 0:
		t.Why = fault.New(fault.Conflict, "case.merge.leads")
	case one.SuspendedAt != nil:
		t.Why = fault.New(fault.Conflict, "case.suspend.resume_first")
	}
	lead, _, err := s.leadFor(ctx, &one.Case, into)
	if err != nil {
		err = s.alarmed(ctx, into, wayOpen, err)
		if fault.KindOf(err) == fault.Invalid {
			return t, err
		}
		return nil, err
	}
	if t.Lead, err = s.View(ctx, lead.CaseNo); err != nil {
		return nil, err
	}
	t.Due = lead.DueAt
	if one.DueAt != nil && (t.Due == nil || one.DueAt.Before(*t.Due)) {
		t.Due = one.DueAt
	}
	t.Same, err = s.samePerson(ctx, one.ID, lead.ID)
	if err == nil && (one.Confidentiality != Normal || lead.Confidentiality != Normal) {
		t.Same = false // that would say who filed the hidden one
	}
	return t, err
}
