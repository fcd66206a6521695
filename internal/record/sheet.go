package record

import (
	"context"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/constituents"
)

// Part is a part of a record.
type Part string

// The parts. Which role sees which stands in policies/policy.csv, a verb each.
const (
	Reach     Part = "reach"
	Needs     Part = "needs"
	Open      Part = "open"
	Past      Part = "past"
	Story     Part = "story"
	Consents  Part = "consents"
	Relations Part = "relations"
	Numbers   Part = "numbers"
	Notes     Part = "notes"
)

// parts are the verbs that open them, in the order of the page.
var parts = []struct {
	part Part
	verb access.Verb
}{{Reach, access.RecordReach}, {Needs, access.RecordNeeds}, {Open, access.RecordOpen}, {Past, access.RecordPast}, {Story, access.RecordStory},
	{Consents, access.RecordConsents}, {Relations, access.RecordRelations}, {Numbers, access.RecordNumbers}, {Notes, access.RecordNotes}}

// Parts lists the parts that the actor may see of a record that they may open.
func (s *Service) Parts(ctx context.Context) (list []Part) {
	for _, p := range parts {
		if s.Access.Can(ctx, p.verb) == nil {
			list = append(list, p.part)
		}
	}
	return list
}

// Sheet is a record as the actor may see it.
type Sheet struct {
	constituents.Known
	Family   []string
	Parts    []Part
	Open     []cases.Item // the due times in them are what was promised
	OpenMore int          // open cases that Open does not list
	Pending  []Pending    // what else is open, the nearest day first
	PendMore int          // of these, how many Pending does not list
	Past     *Trouble
	Consents []constituents.Consent
	Others   map[string]constituents.View // those of Relations, masked
	Writes   bool
	Reveals  bool
	Explains bool // how benefits stand to them
	Clear    bool // shown in the clear

	cases cases.Personal
	today calendar.Date
	whole []Part                       // parts of which no list is cut short
	units map[access.Verb]access.Scope // for which the actor reads permits, fees, campaigns and offers
}

// Sees says whether a part is shown.
func (s *Sheet) Sees(p Part) bool { return slices.Contains(s.Parts, p) }

// openMost is how many open cases a record shows; the others are counted.
const openMost = 30

// most is how many rows a list of a part may have: few, or all that are looked at.
func (s *Sheet) most(p Part, few int) int {
	if slices.Contains(s.whole, p) {
		return TroubleMost
	}
	return few
}

// Open puts the record of somebody together, masked. Of who was joined to another
// the record of that one is opened: Sheet.ID says whose it is. The lists of the parts
// Open and Past are short, and count what they leave out, save of those that are named
// to be whole: these go on to TroubleMost. It stands in the log of reads.
func (s *Service) Open(ctx context.Context, id string, whole ...Part) (*Sheet, error) {
	sheet, err := s.begin(ctx, id)
	if err != nil {
		return nil, err
	}
	sheet.whole = whole
	known, err := s.Constituents.Known(ctx, sheet.Family)
	if err != nil {
		return nil, err
	}
	sheet.Known = *known
	if err := s.fill(ctx, sheet); err != nil {
		return nil, err
	}
	return sheet, s.Audit.Read(ctx, "constituent", sheet.Family[0], sheet.names(), "")
}

// Reveal is Open with who somebody is and how to reach them in the clear, for a
// reason that is logged before anything is shown.
func (s *Service) Reveal(ctx context.Context, id, reason string) (*Sheet, error) {
	if err := s.Access.Can(ctx, access.PeopleReveal); err != nil {
		return nil, err
	}
	sheet, err := s.begin(ctx, id)
	if err != nil {
		return nil, err
	}
	shown := []string{"name"}
	for _, p := range []Part{Reach, Numbers} {
		if sheet.Sees(p) {
			shown = append(shown, string(p))
		}
	}
	known, err := s.Constituents.Uncover(ctx, sheet.Family, shown, reason)
	if err != nil {
		return nil, err
	}
	sheet.Known, sheet.Clear = *known, true
	return sheet, s.fill(ctx, sheet)
}

func (s *Service) begin(ctx context.Context, id string) (*Sheet, error) {
	head, err := s.Constituents.Head(ctx, id)
	if err != nil {
		return nil, err
	}
	sheet := &Sheet{Parts: s.Parts(ctx), today: calendar.DateOf(s.Now(), s.Zone)}
	if sheet.Family, err = s.Constituents.Whole(ctx, head); err != nil {
		return nil, err
	}
	if sheet.cases, err = s.Cases.Personal(ctx, sheet.Family); err != nil {
		return nil, err
	}
	if sheet.units, err = s.reads(ctx); err != nil {
		return nil, err
	}
	sheet.Writes = s.Access.Can(ctx, access.PeopleWrite) == nil
	sheet.Reveals = s.Access.Can(ctx, access.PeopleReveal) == nil
	return sheet, s.may(ctx, sheet.cases)
}

// names are the parts for the log of reads.
func (s *Sheet) names() (list []string) {
	for _, p := range s.Parts {
		list = append(list, string(p))
	}
	return list
}

// fill reads what the actor may see and takes away what they may not.
func (s *Service) fill(ctx context.Context, sheet *Sheet) (err error) {
	sheet.keepParts()
	if sheet.Sees(Open) {
		total := 0
		if sheet.Open, total, err = sheet.cases.Open(ctx, sheet.most(Open, openMost)); err != nil {
			return err
		}
		sheet.OpenMore = total - len(sheet.Open)
	}
	if sheet.Pending, sheet.PendMore, err = s.pending(ctx, sheet, sheet.most(Open, pendingMost)); err != nil {
		return err
	}
	if sheet.Sees(Past) {
		if sheet.Past, err = s.trouble(ctx, sheet.cases, sheet.most(Past, shownMost)); err != nil {
			return err
		}
	}
	if sheet.Sees(Consents) {
		if sheet.Consents, err = s.Constituents.ConsentsOf(ctx, sheet.Family); err != nil {
			return err
		}
	}
	sheet.Explains = s.explains(ctx, sheet.View)
	ids := make([]string, 0, 2*len(sheet.Relations))
	for _, r := range sheet.Relations {
		ids = append(ids, r.FromID, r.ToID)
	}
	sheet.Others, err = s.Constituents.MaskedAll(ctx, ids)
	return err
}

func (s *Sheet) keepParts() {
	if !s.Sees(Reach) {
		s.Points = nil
	}
	if !s.Sees(Needs) {
		s.Known.Needs, s.BirthYear, s.DistrictCode, s.EstablishedOn, s.Stage, s.Industry = nil, 0, "", nil, "", ""
	}
	if !s.Sees(Relations) {
		s.Known.Relations = nil
	}
	if !s.Sees(Numbers) {
		s.Known.Numbers = nil
	}
	if !s.Sees(Notes) {
		s.Known.Notes = nil
	}
	if s.Erased { // nothing is left but that there was somebody
		s.Writes, s.Reveals = false, false
	}
}

// Late says whether a case was, or is, answered after its due time.
func Late(c *cases.Case, now time.Time) bool {
	on := c.OnTime(now)
	return on != nil && !*on
}
