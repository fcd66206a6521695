package worklist

import (
	"context"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/text"
)

// List is a view of the inbox with its filters, under a name.
type List struct {
	ID      string
	Name    string
	Query   string // as the address of the inbox has it
	Shared  bool   // with everybody of the unit
	Mine    bool
	Default bool // of the reader
}

const (
	// NameMost is the longest name of a list, in characters.
	NameMost = 60
	// ListsMost is how many lists one person may keep.
	ListsMost = 30
	// listsLife is how long another process may show lists as they were.
	listsLife = 10 * time.Second
	listsKept = 5000
)

type keptLists struct {
	lists []List
	until time.Time
}

// listCache spares the inbox, which everybody opens all day, a statement.
type listCache struct {
	mu   sync.Mutex
	kept map[string]keptLists
}

// Lists are the actor's own lists and those shared with their unit, by name.
// They are kept for a moment: the answer must not be changed.
func (s *Service) Lists(ctx context.Context) ([]List, error) {
	a, now := actor.From(ctx), s.Now()
	if a.AccountID == "" {
		return nil, nil
	}
	key := a.AccountID + " " + a.UnitID
	s.lists.mu.Lock()
	known, ok := s.lists.kept[key]
	s.lists.mu.Unlock()
	if ok && now.Before(known.until) {
		return known.lists, nil
	}
	var found []List
	err := s.DB.From(ctx).Raw(`SELECT l.id, l.name, l.query, l.unit_id IS NOT NULL AS shared, l.account_id = ? AS mine, d.list_id IS NOT NULL AS "default"
 FROM saved_lists l LEFT JOIN saved_list_defaults d ON d.list_id = l.id AND d.account_id = ?
 WHERE l.account_id = ? OR l.unit_id = ? ORDER BY l.name, l.id`, a.AccountID, a.AccountID, a.AccountID, db.Ref(a.UnitID)).Scan(&found).Error
	if err != nil {
		return nil, fail("read saved lists", err)
	}
	s.lists.mu.Lock()
	defer s.lists.mu.Unlock()
	if s.lists.kept == nil || len(s.lists.kept) >= listsKept {
		s.lists.kept = map[string]keptLists{}
	}
	s.lists.kept[key] = keptLists{lists: found, until: now.Add(listsLife)}
	return found, nil
}

func (c *listCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = nil
}

// Save keeps a list under a name; with an id it renames an own one and shares
// it or not. The query of a list does not change.
func (s *Service) Save(ctx context.Context, id, name, query string, shared bool) error {
	a, name := actor.From(ctx), text.Line(name)
	var c fault.Check
	c.That(strings.TrimSpace(name) != "", "name", "desk.lists.name.required")
	c.That(utf8.RuneCountInString(name) <= NameMost, "name", "desk.lists.name.long", "Max", NameMost)
	c.That(utf8.ValidString(name) && !strings.ContainsRune(name, 0), "name", "fault.text.invalid")
	c.That(!shared || a.UnitID != "", "shared", "desk.lists.unitless")
	if err := c.Err(); err != nil {
		return err
	}
	unit := ""
	if shared {
		unit = a.UnitID
	}
	return s.onLists(ctx, "worklist.list_save", func(ctx context.Context) (string, error) {
		if id != "" {
			return id, s.own(ctx, id, "UPDATE saved_lists SET name = ?, unit_id = ? WHERE id = ? AND account_id = ?", name, db.Ref(unit))
		}
		var n int
		if err := s.DB.From(ctx).Raw("SELECT count(*) FROM saved_lists WHERE account_id = ?", a.AccountID).Scan(&n).Error; err != nil {
			return "", err
		}
		if n >= ListsMost {
			return "", fault.New(fault.Conflict, "desk.lists.many").With("Most", ListsMost)
		}
		now := s.Now().UTC()
		id := db.NewID(now)
		return id, s.DB.InsertAll(ctx, db.Insert("saved_lists", "id, account_id, unit_id, name, query, created_at", id, a.AccountID, db.Ref(unit), name, query, now))
	})
}

// Delete removes an own list, for everybody it was shared with.
func (s *Service) Delete(ctx context.Context, id string) error {
	return s.onLists(ctx, "worklist.list_delete", func(ctx context.Context) (string, error) {
		return id, s.own(ctx, id, "DELETE FROM saved_lists WHERE id = ? AND account_id = ?")
	})
}

// Prefer makes a list the one that the inbox opens with; with an empty id, none.
func (s *Service) Prefer(ctx context.Context, id string) error {
	a := actor.From(ctx)
	return s.onLists(ctx, "worklist.list_prefer", func(ctx context.Context) (string, error) {
		tx := s.DB.From(ctx)
		if err := tx.Exec("DELETE FROM saved_list_defaults WHERE account_id = ?", a.AccountID).Error; err != nil || id == "" {
			return id, err
		}
		if !isID.MatchString(id) {
			return id, errNoList
		}
		set := tx.Exec(`INSERT INTO saved_list_defaults (account_id, list_id) SELECT a.id, l.id FROM saved_lists l, accounts a WHERE a.id = ? AND l.id = ? AND (l.account_id = ? OR l.unit_id = ?)`,
			a.AccountID, id, a.AccountID, db.Ref(a.UnitID))
		if set.Error == nil && set.RowsAffected == 0 {
			return id, errNoList
		}
		return id, set.Error
	})
}

var errNoList = fault.New(fault.NotFound, "desk.lists.missing")

// own changes a list of the actor's: the id and the account are the last marks.
func (s *Service) own(ctx context.Context, id, sql string, args ...any) error {
	if !isID.MatchString(id) {
		return errNoList
	}
	r := s.DB.From(ctx).Exec(sql, append(args, id, actor.From(ctx).AccountID)...)
	if r.Error == nil && r.RowsAffected == 0 {
		return errNoList
	}
	return r.Error
}

// onLists changes lists, with its entry in the trail.
func (s *Service) onLists(ctx context.Context, action string, change func(ctx context.Context) (string, error)) error {
	if err := s.Access.Can(ctx, access.CaseList); err != nil {
		return err
	}
	defer s.lists.forget()
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		id, err := change(ctx)
		if err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: action, Kind: "list", ID: id})
	})
	if e, ours := fault.As(db.Fault(err, "", "desk.lists.name.taken")); ours && e.Key == "desk.lists.name.taken" {
		return fault.InvalidInput(fault.Field{Name: "name", Key: e.Key})
	}
	return db.Fault(err, "", "")
}
