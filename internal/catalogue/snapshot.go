package catalogue

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Snapshot is the whole catalogue at one revision, immutable and safe to
// share. It holds items of every date; ask Record.On, or use the functions
// that take a day.
type Snapshot struct {
	Revision   string
	Units      []*Unit      // by path: each unit right before what stands below it
	Fields     []*Field     // by position, code
	Matters    []*Matter    // by field position, code
	Situations []*Situation // by position, code
	Rules      []*Rule      // the order in which routing asks them

	Suspensions []*SuspensionType // by position, code
	Years       []*CalendarYear   // imported, by code and year
	Standards   Standards         // limits and warnings where nobody else says

	units      map[string]*Unit // by id and by code
	fields     map[string]*Field
	matters    map[string]*Matter
	situations map[string]*Situation
	rules      map[string]*Rule
	serving    map[string][]*Unit // by district id
	forms      map[string]*form   // by matter id
	index      func() *searchIndex
}

// A change made on another node is seen after at most this long; one made here
// is seen at once.
const recheckAfter = time.Second

// changing makes each Snapshot look at the revision until the transaction of
// ctx is committed. One that was rolled back is given up after a while.
func (s *Service) changing(ctx context.Context) {
	s.uncertain.Store(s.now().Add(time.Minute).UnixNano())
	s.db.AfterCommit(ctx, func() {
		s.uncertain.Store(0)
		s.checked.Store(0)
	})
}

// fresh is the shared snapshot when nothing asks for a look at the database.
func (s *Service) fresh(now time.Time) *Snapshot {
	at := now.UnixNano()
	if age := at - s.checked.Load(); age < 0 || age >= int64(recheckAfter) || at < s.uncertain.Load() {
		return nil
	}
	return s.current.Load()
}

// Snapshot gives the catalogue as it stands. It asks the database for the
// revision at most once a second and reads everything again only when that
// changed. A transaction that changed the catalogue gets its own picture, which
// nobody else sees before it is committed.
func (s *Service) Snapshot(ctx context.Context) (*Snapshot, error) {
	now := s.now()
	if snap := s.fresh(now); snap != nil {
		return snap, nil
	}
	s.loading.Lock()
	defer s.loading.Unlock()
	if snap := s.fresh(now); snap != nil {
		return snap, nil
	}
	revision, err := s.revision(ctx)
	if err != nil {
		return nil, err
	}
	snap, err := s.at(ctx, revision)
	if err != nil {
		return nil, err
	}
	if s.db.SQLTx(ctx) != nil {
		s.private.Store(snap)
		return snap, nil
	}
	s.current.Store(snap)
	s.checked.Store(now.UnixNano())
	return snap, nil
}

// at gives the snapshot of a revision, from memory when it was read before: a
// revision is minted for one state of the tables and never used again.
func (s *Service) at(ctx context.Context, revision string) (*Snapshot, error) {
	for _, have := range []*Snapshot{s.current.Load(), s.private.Load()} {
		if have != nil && have.Revision == revision {
			return have, nil
		}
	}
	return s.read(ctx)
}

const catalogueArea = "catalogue"

func (s *Service) revision(ctx context.Context) (string, error) {
	var revision string
	err := s.db.From(ctx).Raw("SELECT revision FROM reference_state WHERE area = ?", catalogueArea).Scan(&revision).Error
	if err != nil {
		return "", fmt.Errorf("read the catalogue's revision: %w", err)
	}
	return revision, nil
}

// read takes the revision first: when the catalogue changes while it is read,
// the next look sees another revision and reads again.
func (s *Service) read(ctx context.Context) (*Snapshot, error) {
	revision, err := s.revision(ctx)
	if err != nil {
		return nil, err
	}
	snap := &Snapshot{Revision: revision}
	var standards []*Standard
	err = s.db.TogetherNow(ctx, all(&snap.Units, "path"), all(&snap.Fields, "position, code"), all(&snap.Matters, "code"),
		all(&snap.Situations, "position, code"), all(&snap.Rules, "code"), all(&snap.Suspensions, "position, code"),
		all(&snap.Years, "code, year"), all(&standards, "code, version"))
	if err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	snap.Standards = arrangeStandards(standards)
	snap.arrange()
	return snap, nil
}

// all asks for every row of a table.
func all[T interface{ TableName() string }](into *[]*T, order string) db.Read {
	var table T
	return db.Pointers(into, "SELECT "+db.Columns[T]()+" FROM "+table.TableName()+" ORDER BY "+order)
}

// arrange builds what the look-ups need.
func (s *Snapshot) arrange() {
	s.units, s.serving = map[string]*Unit{}, map[string][]*Unit{}
	for _, u := range s.Units {
		s.units[u.ID], s.units[u.Code] = u, u
		if u.DistrictID != nil {
			s.serving[*u.DistrictID] = append(s.serving[*u.DistrictID], u)
		}
	}
	s.fields = byIDAndCode(s.Fields)
	s.matters = byIDAndCode(s.Matters)
	s.situations = byIDAndCode(s.Situations)
	s.rules = byIDAndCode(s.Rules)
	slices.SortStableFunc(s.Matters, func(a, b *Matter) int {
		return int(s.fieldPosition(a) - s.fieldPosition(b))
	})
	slices.SortStableFunc(s.Rules, compareRules)
	s.forms = make(map[string]*form, len(s.Matters))
	for _, m := range s.Matters {
		s.forms[m.ID] = &form{}
	}
	s.index = sync.OnceValue(func() *searchIndex { return newSearchIndex(s) }) // most look nothing up
}

func byIDAndCode[T interface{ record() *Record }](items []T) map[string]T {
	found := make(map[string]T, 2*len(items))
	for _, item := range items {
		found[item.record().ID], found[item.record().Code] = item, item
	}
	return found
}

func (s *Snapshot) fieldPosition(m *Matter) int64 {
	if f := s.fields[m.FieldID]; f != nil {
		return f.Position
	}
	return 0
}

// compareRules: priority first; among equals the more special rule, so that a
// matter's rule beats its field's; then the code, so that the order is fixed.
func compareRules(a, b *Rule) int {
	if a.Priority != b.Priority {
		if a.Priority > b.Priority {
			return -1
		}
		return 1
	}
	if d := b.weight() - a.weight(); d != 0 {
		return d
	}
	return strings.Compare(a.Code, b.Code)
}

func (r *Rule) weight() int {
	w := 0
	if r.MatterID != nil {
		w += 8
	}
	if r.FieldID != nil {
		w += 4
	}
	if r.DistrictID != nil {
		w += 2
	}
	if r.Kind != "" {
		w++
	}
	return w
}

func (s *Snapshot) form(m *Matter) *form {
	f := s.forms[m.ID]
	if f == nil || s.matters[m.ID].Version != m.Version {
		f = &form{} // an earlier version of the matter
	}
	f.compile(m)
	return f
}

// Unit finds a unit by id or code.
func (s *Snapshot) Unit(idOrCode string) (*Unit, error) {
	return find(s.units, idOrCode, "catalogue.unit.missing")
}

// Field finds a field by id or code.
func (s *Snapshot) Field(idOrCode string) (*Field, error) {
	return find(s.fields, idOrCode, "catalogue.field.missing")
}

// Matter finds a matter by id or code, in force or not.
func (s *Snapshot) Matter(idOrCode string) (*Matter, error) {
	return find(s.matters, idOrCode, "catalogue.matter.missing")
}

// MatterOn finds a matter in force on the day; one that ended leads to its
// successor.
func (s *Snapshot) MatterOn(idOrCode string, day calendar.Date) (*Matter, error) {
	m, err := s.Matter(idOrCode)
	for range len(s.Matters) {
		if err != nil || m.On(day) {
			return m, err
		}
		if m.SuccessorID == nil || m.ValidFrom > day {
			break
		}
		m, err = s.Matter(*m.SuccessorID)
	}
	return nil, fault.New(fault.NotFound, "catalogue.matter.missing")
}

// UnitOn finds a unit in force on the day; a dissolved one leads to its
// successor.
func (s *Snapshot) UnitOn(idOrCode string, day calendar.Date) (*Unit, error) {
	u, err := s.Unit(idOrCode)
	for range len(s.Units) {
		if err != nil || u.On(day) {
			return u, err
		}
		if u.SuccessorID == nil || u.ValidFrom > day {
			break
		}
		u, err = s.Unit(*u.SuccessorID)
	}
	return nil, fault.New(fault.NotFound, "catalogue.unit.missing")
}

// Situation finds a life situation by id or code.
func (s *Snapshot) Situation(idOrCode string) (*Situation, error) {
	return find(s.situations, idOrCode, "catalogue.situation.missing")
}

// Rule finds a routing rule by id or code.
func (s *Snapshot) Rule(idOrCode string) (*Rule, error) {
	return find(s.rules, idOrCode, "catalogue.rule.missing")
}

func find[T any](in map[string]*T, idOrCode, missing string) (*T, error) {
	if item := in[idOrCode]; item != nil {
		return item, nil
	}
	return nil, fault.New(fault.NotFound, missing)
}

// MattersOn lists the matters in force on the day, of one field (id or code)
// or of all when field is empty.
func (s *Snapshot) MattersOn(day calendar.Date, field string) []*Matter {
	fieldID := ""
	if field != "" {
		f, err := s.Field(field)
		if err != nil {
			return nil
		}
		fieldID = f.ID
	}
	var list []*Matter
	for _, m := range s.Matters {
		if m.On(day) && (fieldID == "" || m.FieldID == fieldID) {
			list = append(list, m)
		}
	}
	return list
}

// SituationMatters are the matters of a life situation in force on the day, in
// the situation's order.
func (s *Snapshot) SituationMatters(sit *Situation, day calendar.Date) []*Matter {
	var list []*Matter
	for _, code := range sit.MatterCodes {
		if m, err := s.MatterOn(code, day); err == nil {
			list = append(list, m)
		}
	}
	return list
}
