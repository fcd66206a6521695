package offers

import (
	"context"
	"time"

	"minqing/internal/access"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
)

// Standing is how a benefit stands.
type Standing string

// The standings of a benefit.
const (
	Draft     Standing = "draft"
	Published Standing = "published" // anybody may read it, and lists may be made
	Ended     Standing = "ended"     // no new lists; what was offered runs on
)

// Per is how often one person gets a benefit.
type Per string

// Once in a life, or once a calendar year.
const (
	Once   Per = "once"
	Yearly Per = "year"
)

// Pers lists them in the order of forms.
var Pers = []Per{Once, Yearly}

// Benefit is something that a unit gives to those whom its conditions fit.
type Benefit struct {
	ID          string
	Code        string
	UnitID      string
	MatterID    string
	AuthorID    string // who wrote its newest version
	State       Standing
	Name        i18n.Text
	Gives       i18n.Text // what somebody gets
	About       i18n.Text // whom it is for and what happens, in plain words
	Law         i18n.Text
	Definition  string
	Amount      int64 // in whole units of the currency; 0: a service
	MovesMoney  bool  // then a person has to agree
	WindowDays  int   // to object or to agree, in calendar days
	Per         Per
	PublishedAt *time.Time
	EndedAt     *time.Time
	Version     int64
	CreatedAt   time.Time
	UpdatedAt   time.Time

	UnitPath string
}

// Root reads the conditions.
func (b *Benefit) Root() (*outreach.Node, error) { return outreach.Parse([]byte(b.Definition)) }

// period is the part of time in which one person gets it once: a year, or 0.
func (b *Benefit) period(year int) int {
	if b.Per == Yearly {
		return year
	}
	return 0
}

const benefitRows = `SELECT b.id, b.code, b.unit_id, b.matter_id, b.author_id, b.state, b.name, b.gives, b.about, b.law, b.definition, b.amount, b.moves_money, b.window_days, b.per,
 b.published_at, b.ended_at, b.version, b.created_at, b.updated_at, u.path AS unit_path FROM benefits b JOIN units u ON u.id = b.unit_id WHERE `

// Listed is a benefit with how many offers of it stand where.
type Listed struct {
	Benefit
	Open    int64 // told, and the window is open
	Granted int64
	Waiting int64 // lists that somebody has to confirm
}

// CataloguedMost and ListsMost are how many of a kind a page lists. Where there are
// more, one more is given, so that the page can say so.
const (
	CataloguedMost = 200
	ListsMost      = 100
)

// List gives a page of the benefits of the units for which the actor may read them,
// the newest first, and the cursor of the next page; it is empty after the last.
func (s *Service) List(ctx context.Context, cursor string) (list []Listed, next string, err error) {
	scope, err := s.Access.Scope(ctx, access.OfferRead)
	if err != nil {
		return nil, "", err
	}
	after, args, err := db.Below("b.id", cursor)
	if err != nil {
		return nil, "", err
	}
	within, units := scope.Where("u.path")
	var all []Benefit
	err = s.DB.Reader(ctx).Raw(benefitRows+after+" AND "+within+" ORDER BY b.id DESC LIMIT ?", append(append(args, units...), outreach.PageSize+1)...).Scan(&all).Error
	if err != nil {
		return nil, "", fail("list the benefits", err)
	}
	all, next = db.NextOf(all, outreach.PageSize, func(b *Benefit) string { return b.ID })
	list, err = s.counted(ctx, all)
	return list, next, err
}

// counted counts the offers and lists of benefits.
func (s *Service) counted(ctx context.Context, all []Benefit) ([]Listed, error) {
	out := make([]Listed, len(all))
	ids := make([]string, len(all))
	for i, b := range all {
		out[i], ids[i] = Listed{Benefit: b}, b.ID
	}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []struct {
		BenefitID              string
		Open, Granted, Waiting int64
	}
	err := s.DB.Reader(ctx).Raw(`SELECT b.id AS benefit_id, (SELECT COUNT(*) FROM offers o WHERE o.benefit_id = b.id AND o.state = 'offered') AS open,
 (SELECT COUNT(*) FROM offers o WHERE o.benefit_id = b.id AND o.state = 'granted') AS granted,
 (SELECT COUNT(*) FROM offer_lists l WHERE l.benefit_id = b.id AND l.state = 'matched') AS waiting FROM benefits b WHERE b.id IN ?`, ids).Scan(&rows).Error
	if err != nil {
		return nil, fail("count the offers", err)
	}
	for _, r := range rows {
		for i := range out {
			if out[i].ID == r.BenefitID {
				out[i].Open, out[i].Granted, out[i].Waiting = r.Open, r.Granted, r.Waiting
			}
		}
	}
	return out, nil
}

// Get gives a benefit that the actor may read.
func (s *Service) Get(ctx context.Context, id string) (*Benefit, error) {
	return s.get(ctx, id, access.OfferRead)
}

func (s *Service) get(ctx context.Context, id string, v access.Verb) (*Benefit, error) {
	if !isID(id) {
		return nil, errMissing
	}
	b, err := s.find(ctx, "b.id = ?", id)
	if err != nil {
		return nil, err
	}
	scope, err := s.Access.Scope(ctx, access.OfferRead)
	if err != nil {
		return nil, err
	}
	if !scope.Everything && !scope.Covers(b.UnitPath) {
		return nil, errMissing
	}
	if v != access.OfferRead {
		err = s.Access.CanOn(ctx, v, access.Object{UnitPaths: []string{b.UnitPath}})
	}
	return b, err
}

func (s *Service) find(ctx context.Context, where string, args ...any) (*Benefit, error) {
	var list []Benefit
	if err := s.DB.From(ctx).Raw(benefitRows+where, args...).Scan(&list).Error; err != nil {
		return nil, fail("read a benefit", err)
	}
	if len(list) == 0 {
		return nil, errMissing
	}
	return &list[0], nil
}

// May says whether the actor may do something with a benefit.
func (s *Service) May(ctx context.Context, b *Benefit, v access.Verb) bool {
	return s.Access.CanOn(ctx, v, access.Object{UnitPaths: []string{b.UnitPath}}) == nil
}

// Terms are the conditions of a benefit as they stand.
func (s *Service) Terms(ctx context.Context, b *Benefit) (*outreach.Terms, error) {
	root, err := b.Root()
	if err != nil {
		return nil, err
	}
	return s.Outreach.Terms(ctx, root)
}

// Catalogued lists what is published, for anybody, the newest first: CataloguedMost, and
// one more where there are more.
func (s *Service) Catalogued(ctx context.Context) (list []Benefit, err error) {
	err = s.DB.Reader(ctx).Raw(benefitRows+"b.state = 'published' ORDER BY b.published_at DESC, b.id LIMIT ?", CataloguedMost+1).Scan(&list).Error
	if err != nil {
		return nil, fail("list what is offered", err)
	}
	return list, nil
}

// Public gives a published benefit by its code.
func (s *Service) Public(ctx context.Context, code string) (*Benefit, error) {
	return s.find(ctx, "b.code = ? AND b.state = 'published'", code)
}
