package catalogue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Changes counts what a load did, by kind of item.
type Changes struct {
	Added   map[string]int
	Changed map[string]int
}

// Any says whether anything was written.
func (c Changes) Any() bool { return len(c.Added)+len(c.Changed) > 0 }

// Load brings the content into the catalogue: new codes are added, items that
// differ get a new version, equal ones stay untouched, and nothing is removed.
// Loading the same content again changes nothing. One audit entry tells what
// was done.
func (s *Service) Load(ctx context.Context, content Content) (Changes, error) {
	var changes Changes
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		l, err := s.apply(ctx, content)
		if err != nil {
			return err
		}
		changes = l.changes
		if !changes.Any() {
			return nil
		}
		return s.audit.Record(ctx, audit.Entry{
			Action: "catalogue.loaded", Kind: "catalogue", ID: l.revision, Fields: changes.fields(),
		})
	})
	return changes, err
}

func (c Changes) fields() []audit.Change {
	var fields []audit.Change
	for _, kind := range []string{"unit", "field", "matter", "situation", "rule"} {
		if n := c.Added[kind]; n > 0 {
			fields = append(fields, audit.Change{Field: kind + ".added", After: fmt.Sprint(n)})
		}
		if n := c.Changed[kind]; n > 0 {
			fields = append(fields, audit.Change{Field: kind + ".changed", After: fmt.Sprint(n)})
		}
	}
	return fields
}

// loader is one load under way, inside its transaction.
type loader struct {
	ctx      context.Context //nolint:containedctx // of the one call that the loader lives for
	service  *Service
	tx       *gorm.DB
	now      time.Time
	content  Content
	revision string
	changes  Changes

	ids        map[string]map[string]string // kind, code, id: what stands and what was added
	units      map[string]*Unit             // by code, as they stood before
	fields     map[string]*Field
	matters    map[string]*Matter
	situations map[string]*Situation
	rules      map[string]*Rule
}

// apply does a load inside the transaction of ctx, without the audit entry.
func (s *Service) apply(ctx context.Context, content Content) (*loader, error) {
	if err := content.Validate(); err != nil {
		return nil, err
	}
	now := s.now().UTC()
	l := &loader{
		ctx: ctx, service: s, tx: s.db.From(ctx), now: now, content: content, revision: db.NewID(now),
		changes: Changes{Added: map[string]int{}, Changed: map[string]int{}}, ids: map[string]map[string]string{},
	}
	if err := l.lock(); err != nil {
		return nil, err
	}
	for _, step := range []func() error{l.known, l.saveUnits, l.saveFields, l.saveMatters, l.saveSituations, l.saveRules} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if !l.changes.Any() {
		return l, nil
	}
	err := l.tx.Exec("UPDATE reference_state SET revision = ? WHERE area = ?", l.revision, catalogueArea).Error
	if err != nil {
		return nil, fmt.Errorf("mark the catalogue as changed: %w", err)
	}
	s.changing(ctx)
	return l, nil
}

// lock makes loads wait for each other: they all write this row.
func (l *loader) lock() error {
	err := l.tx.Exec(`INSERT INTO reference_state (area, revision) VALUES (?, ?)
		ON CONFLICT (area) DO UPDATE SET revision = reference_state.revision`, catalogueArea, l.revision).Error
	if err != nil {
		return fmt.Errorf("lock the catalogue: %w", err)
	}
	return nil
}

// known reads what the content touches or refers to.
func (l *loader) known() error {
	var need struct{ units, fields, matters, situations, rules, districts []string }
	c := l.content
	for _, u := range c.Units {
		need.units = append(need.units, u.Code, u.Parent, u.Successor)
		need.districts = append(need.districts, u.District)
	}
	for _, f := range c.Fields {
		need.fields = append(need.fields, f.Code, f.Successor)
	}
	for _, m := range c.Matters {
		need.matters = append(need.matters, m.Code, m.Successor)
		need.fields, need.units = append(need.fields, m.Field), append(need.units, m.Unit)
	}
	for _, s := range c.Situations {
		need.situations = append(need.situations, s.Code, s.Successor)
		need.matters = append(need.matters, s.Matters...)
	}
	for _, r := range c.Rules {
		need.rules = append(need.rules, r.Code, r.Successor)
		need.fields, need.matters = append(need.fields, r.Field), append(need.matters, r.Matter)
		need.units, need.districts = append(need.units, r.Unit), append(need.districts, r.District)
	}
	var err [6]error
	l.units, err[0] = byCode[Unit](l, "unit", need.units)
	l.fields, err[1] = byCode[Field](l, "field", need.fields)
	l.matters, err[2] = byCode[Matter](l, "matter", need.matters)
	l.situations, err[3] = byCode[Situation](l, "situation", need.situations)
	l.rules, err[4] = byCode[Rule](l, "rule", need.rules)
	l.ids["district"], err[5] = l.districtIDs(need.districts)
	return errors.Join(err[:]...)
}

// chunk keeps lists of parameters well below what the engines take.
const chunk = 200

func byCode[T any, P interface {
	*T
	record() *Record
}](l *loader, kind string, codes []string) (map[string]P, error) {
	found := map[string]P{}
	l.ids[kind] = map[string]string{}
	for part := range slices.Chunk(distinct(codes), chunk) {
		var rows []P
		if err := l.tx.Session(&gorm.Session{}).Where("code IN ?", part).Order("code").Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("read what the content refers to: %w", err)
		}
		for _, row := range rows {
			found[row.record().Code] = row
			l.ids[kind][row.record().Code] = row.record().ID
		}
	}
	return found, nil
}

func (l *loader) districtIDs(codes []string) (map[string]string, error) {
	found := map[string]string{}
	for part := range slices.Chunk(distinct(codes), chunk) {
		var rows []struct{ ID, Code string }
		if err := l.tx.Session(&gorm.Session{}).Raw("SELECT id, code FROM districts WHERE code IN ? ORDER BY code", part).Scan(&rows).Error; err != nil {
			return nil, fmt.Errorf("read the districts of the content: %w", err)
		}
		for _, row := range rows {
			found[row.Code] = row.ID
		}
	}
	return found, nil
}

func distinct(codes []string) []string {
	codes = slices.Clone(codes)
	slices.Sort(codes)
	codes = slices.Compact(codes)
	if len(codes) > 0 && codes[0] == "" {
		codes = codes[1:]
	}
	return codes
}

// save writes the wanted items: inserts new ones, updates those that differ,
// and keeps each version's content. known holds what stood before. Items must
// come after those that they refer to.
func save[T any, P interface {
	*T
	record() *Record
}](l *loader, kind string, known map[string]P, wanted []P) error {
	var added, changed, versions []P
	for _, item := range wanted {
		r := item.record()
		old, exists := known[r.Code]
		if !exists {
			added, versions = append(added, item), append(versions, item)
			continue
		}
		r.Version = old.record().Version
		same, err := equal(old, item)
		if err != nil {
			return err
		}
		if !same {
			r.Version++
			changed, versions = append(changed, item), append(versions, item)
		}
	}
	if len(added) > 0 {
		if err := l.tx.Session(&gorm.Session{}).CreateInBatches(added, chunk).Error; err != nil {
			return fmt.Errorf("add to the catalogue (%s): %w", kind, err)
		}
		l.changes.Added[kind] += len(added)
	}
	for _, item := range changed {
		if err := l.update(item); err != nil {
			return err
		}
		l.changes.Changed[kind]++
	}
	return keepVersions(l, kind, versions)
}

func (l *loader) update(item interface{ record() *Record }) error {
	r := item.record()
	res := l.tx.Session(&gorm.Session{}).Model(item).
		Where("id = ? AND version = ?", r.ID, r.Version-1).Select("*").Omit("id", "code").Updates(item)
	if res.Error != nil {
		return fmt.Errorf("change catalogue item %s: %w", r.Code, res.Error)
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.Conflict, "catalogue.changed")
	}
	return nil
}

type versionRow struct {
	ItemID     string
	Version    int64
	Kind       string
	Code       string
	Content    string
	RecordedAt time.Time
}

// TableName binds the row to its table.
func (versionRow) TableName() string { return "item_versions" }

func keepVersions[P interface{ record() *Record }](l *loader, kind string, items []P) error {
	rows := make([]versionRow, 0, len(items))
	for _, item := range items {
		content, err := json.Marshal(item)
		if err != nil {
			return fmt.Errorf("keep a version of %s: %w", item.record().Code, err)
		}
		rows = append(rows, versionRow{
			ItemID: item.record().ID, Version: item.record().Version, Kind: kind,
			Code: item.record().Code, Content: string(content), RecordedAt: l.now,
		})
	}
	if len(rows) == 0 {
		return nil
	}
	if err := l.tx.Session(&gorm.Session{}).CreateInBatches(rows, chunk).Error; err != nil {
		return fmt.Errorf("keep versions (%s): %w", kind, err)
	}
	return nil
}

// equal compares what the items say, not how an engine formats its JSON.
func equal(a, b any) (bool, error) {
	fa, err := fieldsOf(a)
	if err != nil {
		return false, err
	}
	fb, err := fieldsOf(b)
	return len(differing(fa, fb)) == 0, err
}

// fieldsOf gives the fields of an item as canonical JSON, empty ones left out.
func fieldsOf(item any) (map[string]string, error) {
	raw, err := json.Marshal(item)
	if err != nil {
		return nil, fmt.Errorf("compare catalogue items: %w", err)
	}
	var plain map[string]any
	if err := json.Unmarshal(raw, &plain); err != nil {
		return nil, fmt.Errorf("compare catalogue items: %w", err)
	}
	fields := make(map[string]string, len(plain))
	for name, value := range plain {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("compare catalogue items: %w", err)
		}
		switch string(text) {
		case "null", "{}", "[]", `""`:
		default:
			fields[name] = string(text)
		}
	}
	return fields, nil
}

// differing names the fields that are not alike, sorted; the version itself
// does not count.
func differing(a, b map[string]string) []string {
	var names []string
	for name, value := range a {
		if name != "version" && b[name] != value {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, both := a[name]; !both && name != "version" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
