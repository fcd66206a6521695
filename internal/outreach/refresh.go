package outreach

import (
	"context"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// moved is what a count changed.
type moved struct{ Parted, Joined, Size int64 }

// Refresh counts a segment anew, now.
func (s *Service) Refresh(ctx context.Context, id string) error {
	if _, err := s.get(ctx, id, access.SegmentWrite); err != nil {
		return err
	}
	return s.refresh(ctx, id, nil)
}

// refresh makes the members of a segment what its definition says at this time,
// of everybody or, with only, of these people. Two at once come one after the
// other; a segment that has ended stays as it is.
func (s *Service) refresh(ctx context.Context, id string, only []string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		lock := s.DB.From(ctx).Exec("UPDATE segments SET size = size WHERE id = ? AND retired_at IS NULL", id)
		if lock.Error != nil || lock.RowsAffected == 0 {
			return db.Fault(lock.Error, "", "")
		}
		var g Segment
		if err := s.DB.From(ctx).Raw(segmentRows+"g.id = ?", id).Scan(&g).Error; err != nil {
			return fail("read a segment", err)
		}
		if only != nil && (g.State != Counted || !g.Purpose.Members()) {
			return nil // the whole count is still to come, or keeps nobody
		}
		held, err := s.held(ctx, &g)
		if err != nil {
			return err
		}
		m, state := moved{}, Counted
		switch {
		case !held:
			state = Orphaned
			m.Parted, err = s.exec(ctx, "DELETE FROM segment_members WHERE segment_id = ?", id)
		case g.Purpose.Members():
			m, err = s.compare(ctx, &g, only)
		default:
			m, err = s.countOnly(ctx, &g)
		}
		if err != nil {
			return err
		}
		if only != nil {
			if m.Size = g.Size + m.Joined - m.Parted; m.Joined == 0 && m.Parted == 0 {
				return nil
			}
		}
		return s.note(ctx, &g, m, state, only == nil)
	})
}

// held says whether the owner may still have the segment, with every condition of it.
func (s *Service) held(ctx context.Context, g *Segment) (bool, error) {
	active, err := s.Accounts.Active(ctx, g.OwnerID)
	if err != nil || !active {
		return false, err
	}
	owner := asOwner(ctx, g.OwnerID)
	err = s.Access.CanOn(owner, access.SegmentWrite, access.Object{UnitPaths: []string{g.UnitPath}})
	if fault.KindOf(err) == fault.Forbidden && err != nil {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	root, err := g.Root()
	if err != nil {
		return false, err
	}
	_, leaves := root.Leaves()
	for _, n := range leaves {
		if leaf := LeafOf(n.Leaf); leaf != nil {
			if reads, err := s.Reads(owner, leaf); err != nil || !reads {
				return false, err
			}
		}
	}
	return true, nil
}

// note writes down the size and what came and went on this day.
func (s *Service) note(ctx context.Context, g *Segment, m moved, state State, whole bool) error {
	now := s.Now().UTC().Truncate(time.Microsecond)
	_, err := s.exec(ctx, `INSERT INTO segment_days (segment_id, day, size, joined, parted) VALUES (?, ?, ?, ?, ?)
 ON CONFLICT (segment_id, day) DO UPDATE SET size = excluded.size, joined = segment_days.joined + excluded.joined, parted = segment_days.parted + excluded.parted`,
		g.ID, s.today(), m.Size, m.Joined, m.Parted)
	if err != nil {
		return err
	}
	at := g.RefreshedAt
	if whole {
		at = &now
	}
	_, err = s.exec(ctx, "UPDATE segments SET size = ?, state = ?, refreshed_at = ? WHERE id = ?", m.Size, state, at, g.ID)
	return err
}

func (s *Service) exec(ctx context.Context, sql string, args ...any) (int64, error) {
	res := s.DB.From(ctx).Exec(sql, args...)
	if res.Error != nil {
		return 0, fail("count a segment", res.Error)
	}
	return res.RowsAffected, nil
}

// rule compiles the definition of a segment for its owner.
func (s *Service) rule(ctx context.Context, g *Segment, only []string) (statement, error) {
	root, err := g.Root()
	if err != nil {
		return statement{}, err
	}
	w, err := s.world(ctx)
	if err != nil {
		return statement{}, err
	}
	if err := w.check(root, g.Purpose); err != nil {
		return statement{}, err
	}
	r, err := s.reach(ctx, g.OwnerID)
	return w.compile(root, r, only), err
}

// byHand selects whom somebody put into a segment or kept out of it, each by the record
// that stands for them now: a merge changes nobody's mind. What was said of that record
// itself counts first, and of several that were merged into it being kept out.
const byHand = `SELECT id, CASE WHEN MAX(CASE WHEN own = 1 AND way = 'in' THEN 1 ELSE 0 END) = 0 AND MAX(CASE WHEN way = 'out' THEN 1 ELSE 0 END) = 1 THEN 'out' ELSE 'in' END AS way
 FROM (SELECT COALESCE(m.head_id, m.id) AS id, f.way, CASE WHEN m.head_id IS NULL THEN 1 ELSE 0 END AS own FROM segment_fixed f JOIN constituents m ON m.id = f.constituent_id WHERE f.segment_id = ?) said GROUP BY id`

// goal selects who should be a member: by the rule, less whom somebody kept out,
// with whom somebody put in of those who may be counted.
func goal(g *Segment, st statement, only []string) (string, []any) {
	ids, args := st.ids()
	also, more := "", []any(nil)
	if only != nil {
		also, more = among("x.id", only)
		also = " AND " + also
	}
	if st.may.sql != "" {
		also, more = also+" AND "+st.may.sql, append(more, st.may.args...)
	}
	return "SELECT r.id, false AS fixed FROM (" + ids + ") r WHERE r.id NOT IN (SELECT h.id FROM (" + byHand + ") h)" +
			" UNION ALL SELECT x.id, true FROM (" + byHand + ") h JOIN constituents x ON x.id = h.id WHERE h.way = 'in' AND " + alive + also,
		slices.Concat(args, []any{g.ID, g.ID}, more)
}

// compare makes the kept members those of the goal. On PostgreSQL it is one
// statement; SQLite, whose WITH cannot write, asks for the goal twice.
func (s *Service) compare(ctx context.Context, g *Segment, only []string) (m moved, err error) {
	st, err := s.rule(ctx, g, only)
	if err != nil {
		return m, err
	}
	wanted, args := goal(g, st, only)
	these, narrow := "", []any(nil)
	if only != nil {
		these, narrow = among("segment_members.constituent_id", only)
		these = " AND " + these
	}
	remove := "DELETE FROM segment_members WHERE segment_id = ?" + these + " AND constituent_id NOT IN (SELECT id FROM goal)"
	insert := "INSERT INTO segment_members (segment_id, constituent_id, since, fixed) SELECT "
	if s.DB.Engine() == db.PostgreSQL {
		for _, set := range []string{"SET LOCAL statement_timeout = '10min'", "SET LOCAL work_mem = '64MB'"} { // sets of a million people are hashed, not sorted on disk
			if _, err := s.exec(ctx, set); err != nil {
				return m, err
			}
		}
		insert += "CAST(? AS uuid), goal.id, CAST(? AS date), goal.fixed FROM goal ON CONFLICT DO NOTHING" // as with NOT IN, no plan compares all with all
		err := s.DB.From(ctx).Raw("WITH goal AS MATERIALIZED ("+wanted+"), gone AS ("+remove+" RETURNING 1), came AS ("+insert+` RETURNING 1)
 SELECT (SELECT COUNT(*) FROM gone) AS parted, (SELECT COUNT(*) FROM came) AS joined, (SELECT COUNT(*) FROM goal) AS size`,
			slices.Concat(args, []any{g.ID}, narrow, []any{g.ID, s.today()})...).Scan(&m).Error
		if err != nil {
			return m, fail("count a segment", err)
		}
		return m, nil
	}
	with := "WITH goal AS (" + wanted + ") "
	if m.Parted, err = s.exec(ctx, with+remove, slices.Concat(args, []any{g.ID}, narrow)...); err != nil {
		return m, err
	}
	m.Joined, err = s.exec(ctx, with+insert+"?, goal.id, ?, goal.fixed FROM goal WHERE true ON CONFLICT DO NOTHING", slices.Concat(args, []any{g.ID, s.today()})...)
	if err != nil {
		return m, err
	}
	err = s.DB.From(ctx).Raw("SELECT COUNT(*) FROM segment_members WHERE segment_id = ?", g.ID).Scan(&m.Size).Error
	return m, db.Fault(err, "", "")
}

// countOnly counts a segment that keeps no members: one for planning.
func (s *Service) countOnly(ctx context.Context, g *Segment) (m moved, err error) {
	st, err := s.rule(ctx, g, nil)
	if err != nil {
		return m, err
	}
	if _, err := s.exec(ctx, "DELETE FROM segment_members WHERE segment_id = ?", g.ID); err != nil {
		return m, err
	}
	ids, args := st.ids()
	err = s.DB.From(ctx).Raw("SELECT COUNT(*) FROM ("+ids+") r", args...).Scan(&m.Size).Error
	return m, db.Fault(err, "", "")
}
