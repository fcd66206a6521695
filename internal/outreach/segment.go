package outreach

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// State is how a segment stands.
type State string

// The states. Orphaned: whoever answers for it may no longer, so that nobody is
// a member until somebody else saves it as their own.
const (
	Fresh    State = "new"
	Counted  State = "counted"
	Orphaned State = "orphaned"
)

// Segment is a definition with its purpose and owner, and how many it holds.
type Segment struct {
	ID          string
	Code        *string // of a ready-made one
	UnitID      string
	OwnerID     string
	Name        i18n.Text
	Purpose     Purpose
	Basis       Basis
	BasisText   i18n.Text
	Definition  string
	State       State
	Size        int64
	RefreshedAt *time.Time
	RetiredAt   *time.Time
	Version     int64
	CreatedAt   time.Time
	UpdatedAt   time.Time

	UnitPath string
}

// Few is the size below which a segment shows nothing of its members, not even
// how many they are.
const Few = 5

// Count is a number of people that may be too small to be shown.
type Count struct {
	N      int64
	Hidden bool // between one and Few: N is 0
}

func count(n int64) Count {
	if n > 0 && n < Few {
		return Count{Hidden: true}
	}
	return Count{N: n}
}

// Count is the size of the segment as it may be shown.
func (g *Segment) Count() Count { return count(g.Size) }

// Shown says whether anything of the members may be shown.
func (g *Segment) Shown() bool { return g.Purpose.Members() && g.Size >= Few }

// Root reads the definition.
func (g *Segment) Root() (*Node, error) { return Parse([]byte(g.Definition)) }

const segmentRows = `SELECT g.id, g.code, g.unit_id, g.owner_id, g.name, g.purpose, g.basis, g.basis_text, g.definition, g.state, g.size, g.refreshed_at, g.retired_at,
 g.version, g.created_at, g.updated_at, u.path AS unit_path FROM segments g JOIN units u ON u.id = g.unit_id WHERE `

var errMissing = fault.New(fault.NotFound, "segment.missing")

// PageSize is how many segments, campaigns or benefits a page of their list has.
const PageSize = 50

// DaysMost, VersionsMost and FixedMost are how many of a kind a page lists.
// Where there are more, one more is given, so that the page can say so.
const (
	DaysMost     = 90
	VersionsMost = 50
	FixedMost    = 200
)

// List gives a page of the segments of the units for which the actor may read them,
// the newest first, and the cursor of the next page; it is empty after the last.
func (s *Service) List(ctx context.Context, cursor string) (list []Segment, next string, err error) {
	scope, err := s.Access.Scope(ctx, access.SegmentRead)
	if err != nil {
		return nil, "", err
	}
	after, args, err := db.Below("g.id", cursor)
	if err != nil {
		return nil, "", err
	}
	within, units := scope.Where("u.path")
	err = s.DB.Reader(ctx).Raw(segmentRows+"g.retired_at IS NULL AND "+after+" AND "+within+" ORDER BY g.id DESC LIMIT ?", append(append(args, units...), PageSize+1)...).Scan(&list).Error
	if err != nil {
		return nil, "", fail("list the segments", err)
	}
	list, next = db.NextOf(list, PageSize, func(g *Segment) string { return g.ID })
	return list, next, nil
}

// SegmentName is a segment as a form offers it.
type SegmentName struct {
	ID   string
	Name i18n.Text
}

// Choices are all segments with members that the actor may read, of the units for which
// they hold a verb, the newest first.
func (s *Service) Choices(ctx context.Context, v access.Verb) (list []SegmentName, err error) {
	var where []string
	var args []any
	for _, one := range []access.Verb{access.SegmentRead, v} {
		scope, err := s.Access.Scope(ctx, one)
		if err != nil {
			return nil, err
		}
		within, units := scope.Where("u.path")
		where, args = append(where, within), append(args, units...)
	}
	err = s.DB.Reader(ctx).Raw("SELECT g.id, g.name FROM segments g JOIN units u ON u.id = g.unit_id WHERE g.retired_at IS NULL AND g.purpose <> ? AND "+strings.Join(where, " AND ")+" ORDER BY g.id DESC",
		append([]any{Planning}, args...)...).Scan(&list).Error
	if err != nil {
		return nil, fail("list the segments of a form", err)
	}
	return list, nil
}

// Get gives a segment that the actor may read.
func (s *Service) Get(ctx context.Context, id string) (*Segment, error) {
	return s.get(ctx, id, access.SegmentRead)
}

func (s *Service) get(ctx context.Context, id string, v access.Verb) (*Segment, error) {
	if !isID(id) {
		return nil, errMissing
	}
	var list []Segment
	if err := s.DB.From(ctx).Raw(segmentRows+"g.id = ? AND g.retired_at IS NULL", id).Scan(&list).Error; err != nil {
		return nil, fail("read a segment", err)
	}
	if len(list) == 0 {
		return nil, errMissing
	}
	scope, err := s.Access.Scope(ctx, access.SegmentRead)
	if err != nil {
		return nil, err
	}
	if !scope.Everything && !scope.Covers(list[0].UnitPath) {
		return nil, errMissing
	}
	if v != access.SegmentRead {
		err = s.Access.CanOn(ctx, v, access.Object{UnitPaths: []string{list[0].UnitPath}})
	}
	return &list[0], err
}

// MayWrite says whether the actor may change a segment.
func (s *Service) MayWrite(ctx context.Context, g *Segment) bool {
	return s.Access.CanOn(ctx, access.SegmentWrite, access.Object{UnitPaths: []string{g.UnitPath}}) == nil
}

// Draft is a segment as somebody writes it.
type Draft struct {
	Name      i18n.Text
	Purpose   Purpose
	Basis     Basis
	BasisText i18n.Text
	UnitCode  string
	Root      *Node
}

const (
	nameMost  = 60
	basisMost = 300
)

// CheckRule says what of a definition the actor cannot use for a purpose.
func (s *Service) CheckRule(ctx context.Context, root *Node, p Purpose) error {
	w, err := s.world(ctx)
	if err != nil {
		return err
	}
	return s.allowed(ctx, w, root, p)
}

// allowed checks a definition for its purpose and by what the actor may rest a segment
// on: for whom neither cases, permits nor people may count, no condition finds anybody.
func (s *Service) allowed(ctx context.Context, w world, root *Node, p Purpose) error {
	var c fault.Check
	if err := c.Add(w.check(root, p)); err != nil {
		return err
	}
	if root.shape() != nil {
		return c.Err()
	}
	may, err := s.MayCount(ctx)
	if err != nil {
		return err
	}
	paths, leaves := root.Leaves()
	for i, n := range leaves {
		leaf := LeafOf(n.Leaf)
		if leaf == nil {
			continue
		}
		reads, err := s.Reads(ctx, leaf)
		if err != nil {
			return err
		}
		c.That(may, paths[i], "segment.leaf.scope", "Leaf", i18n.Key("segment.leaf."+leaf.Kind))
		c.That(!may || reads, paths[i], "segment.leaf.reads", "Leaf", i18n.Key("segment.leaf."+leaf.Kind))
	}
	return c.Err()
}

// Reads says whether the actor's role shows them on a record what a condition asks for:
// nobody builds a segment on a fact that they may not see of a person.
func (s *Service) Reads(ctx context.Context, l *Leaf) (bool, error) {
	if l.Reads == "" {
		return true, nil
	}
	err := s.Access.Can(ctx, l.Reads)
	if err != nil && fault.KindOf(err) == fault.Forbidden {
		return false, nil
	}
	return err == nil, err
}

// MayCount says whether there are cases, permits and people on which the actor may rest a
// segment.
func (s *Service) MayCount(ctx context.Context) (bool, error) {
	scope, err := s.Access.Scope(ctx, access.CaseSegment)
	return scope.Open(), err
}

// check looks at everything that somebody wrote, at once.
func (s *Service) check(ctx context.Context, w world, d Draft) (unitID string, err error) {
	var c fault.Check
	c.That(!d.Name.Empty(), "name", "segment.name.required")
	for _, l := range i18n.Langs {
		c.That(utf8.RuneCountInString(d.Name[l]) <= nameMost, "name."+string(l), "segment.name.long", "Max", nameMost)
	}
	c.That(slices.Contains(Purposes, d.Purpose), "purpose", "segment.purpose.required")
	c.That(slices.Contains(Bases, d.Basis), "basis", "segment.basis.required")
	c.That(!d.BasisText.Empty(), "basis_text", "segment.basis_text.required")
	for _, l := range i18n.Langs {
		c.That(utf8.RuneCountInString(d.BasisText[l]) <= basisMost, "basis_text."+string(l), "segment.basis_text.long", "Max", basisMost)
	}
	unit, missing := w.snap.Unit(d.UnitCode)
	c.That(missing == nil, "unit", "segment.unit.required")
	if missing == nil {
		unitID = unit.ID
		if err := s.Access.CanOn(ctx, access.SegmentWrite, access.Object{UnitPaths: []string{unit.Path}}); err != nil {
			c.That(fault.KindOf(err) != fault.Forbidden, "unit", "segment.unit.refused")
			if fault.KindOf(err) != fault.Forbidden {
				return "", err
			}
		}
	}
	if d.Root == nil {
		c.That(false, "n", "segment.definition.empty")
	} else if err := c.Add(s.allowed(ctx, w, d.Root, d.Purpose)); err != nil {
		return "", err
	}
	return unitID, c.Err()
}

// Units lists the codes of the units for which the actor may write segments.
func (s *Service) Units(ctx context.Context) (codes []string, err error) {
	scope, err := s.Access.Scope(ctx, access.SegmentWrite)
	if err != nil {
		return nil, err
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	for _, u := range snap.Units {
		if u.On(s.today()) && scope.Covers(u.Path) {
			codes = append(codes, u.Code)
		}
	}
	return codes, nil
}

func (s *Service) today() calendar.Date { return calendar.DateOf(s.Now(), s.Zone) }

// Narrowed says that of people only those may be counted for an account who have to do
// with units of theirs.
func (s *Service) Narrowed(ctx context.Context, accountID string) (bool, error) {
	r, err := s.reach(ctx, accountID)
	return !r.whole, err
}

// reach is on which cases, permits and people somebody may rest a segment.
func (s *Service) reach(ctx context.Context, accountID string) (reach, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return reach{}, err
	}
	scope, err := s.Access.Scope(asOwner(ctx, accountID), access.CaseSegment)
	return reach{scope: scope, whole: snap.Root() != nil && scope.Covers(snap.Root().Path)}, err
}

// asOwner is the context in which the rights of a segment's owner are asked for.
func asOwner(ctx context.Context, accountID string) context.Context {
	return actor.With(ctx, actor.Actor{Kind: actor.Staff, AccountID: accountID})
}

func isID(id string) bool { return len(id) == 36 && !db.IDTime(id).IsZero() }

func fail(what string, err error) error { return fmt.Errorf("%s: %w", what, db.Fault(err, "", "")) }
