package constituents

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// RelationKind is what somebody is to somebody else.
type RelationKind string

// The relations, from whom to whom: a member of an enterprise, a guardian or an
// agent of somebody, and those of one household, which holds both ways.
const (
	Member    RelationKind = "member"
	Guardian  RelationKind = "guardian"
	Agent     RelationKind = "agent"
	Household RelationKind = "household"
)

// RelationKinds lists them.
var RelationKinds = []RelationKind{Member, Guardian, Agent, Household}

// Relation is a relation as it stands in the table.
type Relation struct {
	ID         string
	FromID     string
	ToID       string
	Kind       RelationKind
	ValidFrom  time.Time
	ValidTo    *time.Time
	VerifiedAt *time.Time
	Source     Source
	Version    int64
}

// TableName names the table for gorm.
func (Relation) TableName() string { return "constituent_relations" }

const relationColumns = "id, from_id, to_id, kind, valid_from, verified_at, source, version"

func (r Relation) insert() db.Stmt {
	return db.Insert("constituent_relations", relationColumns, r.ID, r.FromID, r.ToID, r.Kind, r.ValidFrom, r.VerifiedAt, r.Source, r.Version)
}

// Relating is a relation to write down. Seen says that a document shows it.
type Relating struct {
	FromID string
	ToID   string
	Kind   RelationKind
	Seen   bool
	Source Source
}

func (r Relating) check(from, to Kind) error {
	var c fault.Check
	c.That(slices.Contains(Sources, r.Source), "source", "constituents.source.unknown")
	fits := map[RelationKind]bool{Member: from == Person && to == Enterprise, Guardian: from == Person && to == Person,
		Household: from == Person && to == Person, Agent: true}
	c.That(fits[r.Kind], "relation", "constituents.relation.unfit")
	return c.Err()
}

// Relate writes down what somebody is to somebody else, or gives what stands.
func (s *Service) Relate(ctx context.Context, r Relating) (relationID string, err error) {
	if r.FromID == r.ToID {
		return "", fault.InvalidInput(fault.Field{Name: "other", Key: "constituents.relation.self"})
	}
	now := s.Now().UTC()
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		both := map[string]row{}
		for _, id := range slices.Sorted(slices.Values([]string{r.FromID, r.ToID})) { // always in one order: nobody waits for each other
			one, err := s.hold(ctx, id)
			if err != nil {
				return err
			}
			both[id] = one
		}
		if err := r.check(both[r.FromID].Kind, both[r.ToID].Kind); err != nil {
			return err
		}
		there, err := s.standing(ctx, r)
		if err != nil || there != "" {
			relationID = there
			return err
		}
		one := Relation{ID: db.NewID(now), FromID: r.FromID, ToID: r.ToID, Kind: r.Kind, ValidFrom: now, Source: r.Source, Version: 1}
		if r.Seen {
			one.VerifiedAt = &now
		}
		relationID = one.ID
		if err := s.DB.InsertAll(ctx, one.insert()); err != nil {
			return fmt.Errorf("store a relation: %w", db.Fault(err, "", ""))
		}
		for _, id := range []string{r.FromID, r.ToID} {
			if err := s.Audit.Record(ctx, audit.Entry{Action: "constituent.relate", Kind: "constituent", ID: id, Fields: []audit.Change{{Field: string(r.Kind)}}}); err != nil {
				return err
			}
		}
		return nil
	})
	return relationID, err
}

// standing finds the same relation; of a household the one the other way round too.
func (s *Service) standing(ctx context.Context, r Relating) (string, error) {
	var there []string
	sql, args := "SELECT id FROM constituent_relations WHERE valid_to IS NULL AND kind = ? AND (from_id = ? AND to_id = ?", []any{r.Kind, r.FromID, r.ToID}
	if r.Kind == Household {
		sql, args = sql+" OR from_id = ? AND to_id = ?", append(args, r.ToID, r.FromID)
	}
	if err := s.DB.From(ctx).Raw(sql+") ORDER BY id LIMIT 1", args...).Scan(&there).Error; err != nil {
		return "", fmt.Errorf("look for a relation: %w", db.Fault(err, "", ""))
	}
	return append(there, "")[0], nil
}

// Unrelate ends a relation of somebody, on either side.
func (s *Service) Unrelate(ctx context.Context, id, relationID string, version int64) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		var found []Relation
		if err := s.DB.From(ctx).Where("id = ? AND (from_id = ? OR to_id = ?)", relationID, id, id).Find(&found).Error; err != nil || len(found) == 0 {
			return db.Fault(orMissing(err), "constituents.missing", "")
		}
		r := found[0]
		for _, one := range slices.Sorted(slices.Values([]string{r.FromID, r.ToID})) {
			if _, err := s.hold(ctx, one); err != nil {
				return err
			}
		}
		if err := s.end(ctx, "constituent_relations", relationID, version); err != nil {
			return err
		}
		for _, one := range []string{r.FromID, r.ToID} {
			if err := s.Audit.Record(ctx, audit.Entry{Action: "constituent.unrelate", Kind: "constituent", ID: one, Fields: []audit.Change{{Field: string(r.Kind)}}}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Untie ends a relation whatever its version, in the open transaction: for what
// ends with the thing that it came from. One that is over, or whose people were
// erased, stays as it is.
func (s *Service) Untie(ctx context.Context, relationID string) error {
	var found []Relation
	if err := s.DB.From(ctx).Where("id = ? AND valid_to IS NULL", relationID).Find(&found).Error; err != nil || len(found) == 0 {
		return db.Fault(err, "", "")
	}
	err := s.Unrelate(ctx, found[0].ToID, relationID, found[0].Version)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil
	}
	return err
}
