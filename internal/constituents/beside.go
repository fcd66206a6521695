package constituents

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/match"
)

// Side is one of two records beside each other, masked.
type Side struct {
	View
	Version int64
	Since   time.Time
	Account bool
	Joined  int               // records that it stands for already
	Values  map[string]string // by field; a district and a language as codes
	IDs     []HeldID
}

// HeldID is that somebody has a number of identity, and which kind; not the number.
type HeldID struct {
	Kind     string
	Verified bool
}

// Beside is what somebody looks at to decide about two records.
type Beside struct {
	A, B    Side
	Verdict match.Verdict
	Apart   bool  // somebody found that they are not the same
	Version int64 // of what was decided; 0 when nothing was
	Why     error // not to be merged, and why; nil when they may be
}

// Beside shows two records side by side, masked, and writes into the log of reads
// that somebody looked.
func (m *Merging) Beside(ctx context.Context, a, b string) (*Beside, error) {
	if err := m.both(ctx, a, b); err != nil {
		return nil, err
	}
	a, b = ordered(a, b)
	out := &Beside{}
	var err error
	if out.A, err = m.side(ctx, a); err != nil {
		return nil, err
	}
	if out.B, err = m.side(ctx, b); err != nil {
		return nil, err
	}
	if out.Verdict, err = m.Compare(ctx, a, b); err != nil {
		return nil, err
	}
	p, err := m.pair(ctx, a, b)
	if err != nil {
		return nil, err
	}
	if p != nil {
		out.Apart, out.Version = p.State == stateApart, p.Version
	}
	_, _, out.Why = m.heads(ctx, a, b)
	if fault.KindOf(out.Why) == fault.NotFound && out.Why != nil {
		return nil, out.Why
	}
	if out.Why == nil && out.Verdict.Apart {
		out.Why = errNumbers
	}
	for _, id := range []string{a, b} {
		if err := m.Audit.Read(ctx, "constituent", id, []string{"masked"}, ""); err != nil {
			return nil, err
		}
	}
	return out, nil
}

var errNumbers = fault.New(fault.Conflict, "duplicates.merge.numbers")

func (m *Merging) side(ctx context.Context, id string) (Side, error) {
	var r row
	if err := m.DB.From(ctx).Where("id = ?", id).Take(&r).Error; err != nil {
		return Side{}, db.Fault(err, "constituents.missing", "")
	}
	v, err := m.Masked(ctx, id)
	if err != nil {
		return Side{}, err
	}
	s := Side{View: v, Version: r.Version, Since: r.CreatedAt, Values: map[string]string{"name": v.Name, "phone": v.Phone, "email": v.Email, "address": v.Address}}
	for _, f := range plain {
		if value := r.field(f); value != nil {
			s.Values[f] = *value
		}
	}
	whole, err := m.tree(ctx, id)
	if err != nil {
		return Side{}, err
	}
	s.Joined = len(whole) - 1
	err = m.DB.Together(ctx, db.Rows(&s.IDs, `SELECT kind, verified_at IS NOT NULL AS verified FROM constituent_ids WHERE constituent_id IN ? AND valid_to IS NULL ORDER BY kind, id`, whole))
	if err != nil {
		return Side{}, fmt.Errorf("read which numbers somebody has: %w", db.Fault(err, "", ""))
	}
	var accounts int64
	if err := m.DB.From(ctx).Raw("SELECT count(*) FROM accounts WHERE constituent_id IN ?", whole).Scan(&accounts).Error; err != nil {
		return Side{}, fmt.Errorf("look whether somebody signs in: %w", db.Fault(err, "", ""))
	}
	s.Account = accounts > 0
	return s, nil
}

// Done is a merge of the journal, masked.
type Done struct {
	ID         string
	Survivor   View
	Merged     View
	Certain    bool // by a certain identifier, without anybody
	Score      int
	At         time.Time
	ByID       *string
	Reason     string
	UndoneAt   *time.Time
	UndoneByID *string
	UndoReason string
	Version    int64
	Proven     bool // the person has proven since that both are theirs
}

// History lists the newest merges of records in the actor's reach, of one or, when
// id is empty, of all.
func (m *Merging) History(ctx context.Context, id, cursor string) (list []Done, next string, err error) {
	where, args, err := m.reach(ctx, "j.survivor_id", "j.merged_id")
	if err != nil {
		return nil, "", err
	}
	after, err := db.DecodeCursor(cursor, 1)
	if err != nil {
		return nil, "", err
	}
	if after != nil && !uuidLike(after[0]) {
		return nil, "", fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	}
	if after != nil {
		where, args = where+" AND j.id < ?", append(args, after[0])
	}
	if id != "" {
		if !uuidLike(id) {
			return nil, "", errMissing
		}
		where, args = where+" AND (j.survivor_id = ? OR j.merged_id = ?)", append(args, id, id)
	}
	var rows []mergeRow
	err = m.DB.Reader(ctx).Raw("SELECT j.* FROM constituent_merges j WHERE "+where+" ORDER BY j.id DESC LIMIT ?", append(args, listedMost+1)...).Scan(&rows).Error
	if err != nil {
		return nil, "", fmt.Errorf("read the journal of merges: %w", db.Fault(err, "", ""))
	}
	if len(rows) > listedMost {
		rows = rows[:listedMost]
		next = db.EncodeCursor(rows[listedMost-1].ID)
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.SurvivorID, r.MergedID)
	}
	views, err := m.MaskedAll(ctx, ids)
	if err != nil {
		return nil, "", err
	}
	var joined []string
	if len(ids) > 0 {
		err = m.DB.Reader(ctx).Raw("SELECT id FROM constituents WHERE id IN ? AND merged_into_id IS NOT NULL AND merged_how IS NULL", ids).Scan(&joined).Error
	}
	if err != nil {
		return nil, "", fmt.Errorf("read what was proven: %w", db.Fault(err, "", ""))
	}
	for _, r := range rows {
		d := Done{ID: r.ID, Survivor: views[r.SurvivorID], Merged: views[r.MergedID], Certain: r.How == howCertain, Score: r.Score, At: r.At, ByID: r.ByID,
			UndoneAt: r.UndoneAt, UndoneByID: r.UndoneByID, Version: r.Version, Proven: slices.Contains(joined, r.MergedID)}
		if d.Reason, _, err = m.Reason(ctx, r.Reason); err != nil {
			return nil, "", err
		}
		if d.UndoReason, _, err = m.Reason(ctx, r.UndoReason); err != nil {
			return nil, "", err
		}
		list = append(list, d)
	}
	return list, next, nil
}

// Kept is a pair that somebody found not to be the same.
type Kept struct {
	A, B    View
	At      time.Time
	Reason  string
	Version int64
}

// Remembered lists the newest pairs that were found not to be the same.
func (m *Merging) Remembered(ctx context.Context, cursor string) (list []Kept, next string, err error) {
	where, args, err := m.reach(ctx, "q.a_id", "q.b_id")
	if err != nil {
		return nil, "", err
	}
	after, err := db.DecodeCursor(cursor, 2)
	if err != nil {
		return nil, "", err
	}
	if after != nil {
		micro, id, err := position(after)
		if err != nil {
			return nil, "", err
		}
		at := time.UnixMicro(int64(micro)).UTC()
		where, args = where+" AND (q.decided_at < ? OR q.decided_at = ? AND q.id < ?)", append(args, at, at, id)
	}
	var rows []pairRow
	err = m.DB.Reader(ctx).Raw("SELECT q.* FROM constituent_pairs q WHERE q.state = 'apart' AND "+where+" ORDER BY q.decided_at DESC, q.id DESC LIMIT ?", append(args, listedMost+1)...).Scan(&rows).Error
	if err != nil {
		return nil, "", fmt.Errorf("list who is not the same: %w", db.Fault(err, "", ""))
	}
	if len(rows) > listedMost {
		rows = rows[:listedMost]
		last := rows[listedMost-1]
		next = db.EncodeCursor(strconv.FormatInt(last.DecidedAt.UnixMicro(), 10), last.ID)
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.AID, r.BID)
	}
	views, err := m.MaskedAll(ctx, ids)
	if err != nil {
		return nil, "", err
	}
	for _, r := range rows {
		a := Kept{A: views[r.AID], B: views[r.BID], At: *r.DecidedAt, Version: r.Version}
		if a.Reason, _, err = m.Reason(ctx, r.Reason); err != nil {
			return nil, "", err
		}
		list = append(list, a)
	}
	return list, next, nil
}
