// Package discover finds groups of people who need the same: by what they turned
// to the government about over a year, never by who they are. A group is a draft
// for a human to name; who is in one is not kept, and a segment made of it has a
// rule like every other.
package discover

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
	"minqing/internal/outreach"
	"minqing/internal/stats"
)

// Deps are what the service works with.
type Deps struct {
	DB       *db.DB
	Audit    *audit.Service
	Jobs     *jobs.Queue
	Access   *access.Service
	Outreach *outreach.Service
	Zone     *time.Location // of the root unit, for "today"; UTC when nil
	Now      func() time.Time
	Log      *slog.Logger
}

// Service is the only writer of discovered groups.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service {
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	return &Service{Deps: d}
}

// Window is how many days of cases groups are found in.
const Window = 365

// Run is one search for groups.
type Run struct {
	ID         string
	AccountID  string
	State      string // running, done, failed
	FromOn     calendar.Date
	ToOn       calendar.Date
	Stage      string // reading, grouping
	Percent    int
	People     int64
	Cases      int64
	Silhouette int64 // in thousandths
	CreatedAt  time.Time
	FinishedAt *time.Time
}

// The states of a run.
const (
	Running = "running"
	Done    = "done"
	Failed  = "failed"
)

// Group is people who need the same.
type Group struct {
	ID      string
	No      int
	People  int64
	Cases   int64
	Matters []Mark
}

// Mark is a matter that a group needs much more than everybody does.
type Mark struct {
	MatterID string  `json:"matter"`
	Cases    int64   `json:"cases"`
	Value    float64 `json:"lq"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

// Job searches.
type Job struct {
	RunID string `json:"run_id"`
}

// Kind names the job.
func (Job) Kind() string { return "outreach.discover" }

const runTime = 30 * time.Minute

// Register has the queue search.
func (s *Service) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, j Job) error { return s.Do(ctx, j.RunID) }, jobs.Within(runTime))
}

func fail(what string, err error) error { return fmt.Errorf("%s: %w", what, db.Fault(err, "", "")) }

// Start begins a search in the cases that may count for the actor, one at a time.
func (s *Service) Start(ctx context.Context) (id string, err error) {
	if err := s.Access.Can(ctx, access.SegmentWrite); err != nil {
		return "", err
	}
	now := s.Now().UTC().Truncate(time.Microsecond)
	id = db.NewID(now)
	to := calendar.DateOf(now, s.Zone)
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		err := s.DB.InsertAll(ctx, db.Insert("discovered_runs", "id, account_id, from_on, to_on, created_at", id, actor.From(ctx).AccountID, to.Add(-Window), to, now))
		if err != nil {
			return db.Fault(err, "", "discover.already")
		}
		if err := s.Jobs.Add(ctx, Job{RunID: id}); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "discover.start", Kind: "discovery", ID: id})
	})
	return id, err
}

// Do searches, and says in the row when it cannot: somebody may then begin again.
// Interrupted by the end of the process it begins anew.
func (s *Service) Do(ctx context.Context, runID string) error {
	r, err := s.run(ctx, "id = ? AND state = 'running'", runID)
	if err != nil || r == nil {
		return err
	}
	found, err := s.search(ctx, r)
	if err == nil {
		err = s.keep(ctx, r, found)
	}
	if err == nil || ctx.Err() != nil {
		return err
	}
	s.Log.ErrorContext(ctx, "groups could not be found", slog.String("error", err.Error()))
	return s.set(ctx, r.ID, "state = 'failed', finished_at = ?", s.Now().UTC())
}

func (s *Service) run(ctx context.Context, where string, args ...any) (*Run, error) {
	var list []Run
	err := s.DB.From(ctx).Raw("SELECT id, account_id, state, from_on, to_on, stage, percent, people, cases, silhouette, created_at, finished_at FROM discovered_runs WHERE "+where, args...).Scan(&list).Error
	if err != nil {
		return nil, fail("read a search for groups", err)
	}
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // there is none, and no fault
	}
	return &list[0], nil
}

func (s *Service) set(ctx context.Context, id, what string, args ...any) error {
	if err := s.DB.From(ctx).Exec("UPDATE discovered_runs SET "+what+" WHERE id = ?", append(args, id)...).Error; err != nil {
		return fail("note how far a search is", err)
	}
	return nil
}

// found is what a search came to.
type found struct {
	groups     []Group
	people     int64
	cases      int64
	silhouette float64
}

// needs are the profiles of everybody.
type needs struct {
	matters  []string
	profiles []Profile
	people   int64
}

func (s *Service) search(ctx context.Context, r *Run) (*found, error) {
	n, err := s.profiles(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := s.set(ctx, r.ID, "stage = 'grouping', percent = 60"); err != nil {
		return nil, err
	}
	c, err := Cluster(n.profiles, len(n.matters), func(done, all int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return s.set(ctx, r.ID, "percent = ?", 60+done*38/all)
	})
	if err != nil {
		return nil, err
	}
	out := &found{people: n.people, silhouette: c.Silhouette}
	out.groups, out.cases = describe(n, c)
	return out, nil
}

// profiles reads who needed what, and puts together those who needed the same.
func (s *Service) profiles(ctx context.Context, r *Run) (*needs, error) {
	g := gathering{at: map[string]int{}, seen: map[string]int{}}
	err := s.Outreach.Needs(ctx, r.AccountID, r.FromOn, r.ToOn, func(one outreach.Need) error {
		if one.PersonID != g.person {
			g.flush()
			g.person = one.PersonID
			if g.people%20000 == 19999 { // how many there will be nobody knows: it comes nearer
				return s.set(ctx, r.ID, "percent = ?", 60-6000/(100+int(g.people/20000)))
			}
		}
		g.add(one)
		return nil
	})
	g.flush()
	return &g.needs, err
}

// gathering puts profiles together while people are read one after the other.
type gathering struct {
	needs
	person  string
	current []Entry
	at      map[string]int // matters
	seen    map[string]int // profiles
}

func (g *gathering) add(one outreach.Need) {
	i, known := g.at[one.MatterID]
	if !known {
		i = len(g.matters)
		g.at[one.MatterID], g.matters = i, append(g.matters, one.MatterID)
	}
	g.current = append(g.current, Entry{Matter: i, Cases: one.Cases})
}

func (g *gathering) flush() {
	if len(g.current) == 0 {
		return
	}
	slices.SortFunc(g.current, func(a, b Entry) int { return cmp.Compare(a.Matter, b.Matter) })
	key := fmt.Sprint(g.current)
	if i, known := g.seen[key]; known {
		g.profiles[i].People++
	} else {
		g.seen[key] = len(g.profiles)
		g.profiles = append(g.profiles, Profile{Needs: slices.Clone(g.current), People: 1})
	}
	g.people++
	g.current = g.current[:0]
}

// describe says by what each group stands out. Groups of fewer than Few people are
// left out, for they would tell of somebody, and with them the smallest others until the
// number of all people, which stands above, does not tell how many were in one.
func describe(n *needs, c Clusters) (groups []Group, total int64) {
	all := make([]int64, len(n.matters))
	of := make([][]int64, c.K)
	groups = make([]Group, c.K)
	for i := range of {
		of[i] = make([]int64, len(n.matters))
		groups[i].No = i + 1
	}
	for i, p := range n.profiles {
		g := c.Of[i]
		groups[g].People += int64(p.People)
		for _, e := range p.Needs {
			cases := int64(e.Cases) * int64(p.People)
			of[g][e.Matter] += cases
			all[e.Matter] += cases
			groups[g].Cases += cases
			total += cases
		}
	}
	for g := range groups {
		for m, cases := range of[g] {
			q, ok := stats.LocationQuotient(cases, groups[g].Cases, all[m], total)
			if ok && q.Marks(cases) {
				groups[g].Matters = append(groups[g].Matters, Mark{MatterID: n.matters[m], Cases: cases, Value: q.Value, Low: q.Low, High: q.High})
			}
		}
		slices.SortFunc(groups[g].Matters, func(a, b Mark) int {
			return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(b.Cases, a.Cases), cmp.Compare(a.MatterID, b.MatterID))
		})
	}
	people := make([]int64, len(groups))
	for i, g := range groups {
		people[i] = g.People
	}
	hide, _ := stats.Suppress(people, outreach.Few)
	return slices.DeleteFunc(groups, func(g Group) bool { return g.People == 0 || hide[g.No-1] }), total
}

// keep writes the groups of a run in the place of those before.
func (s *Service) keep(ctx context.Context, r *Run, f *found) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.DB.From(ctx).Exec("DELETE FROM discovered_groups WHERE run_id IN (SELECT id FROM discovered_runs WHERE account_id = ?)", r.AccountID).Error; err != nil {
			return fail("put groups in the place of others", err)
		}
		if err := s.DB.From(ctx).Exec("DELETE FROM discovered_runs WHERE account_id = ? AND id <> ?", r.AccountID, r.ID).Error; err != nil {
			return fail("put a search in the place of others", err)
		}
		now := s.Now().UTC().Truncate(time.Microsecond)
		var stmts []db.Stmt
		for _, g := range f.groups {
			if g.Matters == nil {
				g.Matters = []Mark{}
			}
			marks, err := json.Marshal(g.Matters)
			if err != nil {
				return fmt.Errorf("write what marks a group: %w", err)
			}
			stmts = append(stmts, db.Insert("discovered_groups", "id, run_id, no, people, cases, matters", db.NewID(now), r.ID, g.No, g.People, g.Cases, string(marks)))
		}
		if err := s.DB.InsertAll(ctx, stmts...); err != nil {
			return fail("keep groups", err)
		}
		return s.set(ctx, r.ID, "state = 'done', percent = 100, people = ?, cases = ?, silhouette = ?, finished_at = ?", f.people, f.cases, int64(f.silhouette*1000), now)
	})
}

// Latest gives the newest search of the actor, nil before the first, with what it
// found: it rests on the cases that may count for them.
func (s *Service) Latest(ctx context.Context) (*Run, []Group, error) {
	if err := s.Access.Can(ctx, access.SegmentWrite); err != nil {
		return nil, nil, err
	}
	r, err := s.run(ctx, "account_id = ? ORDER BY id DESC LIMIT 1", actor.From(ctx).AccountID)
	if err != nil || r == nil {
		return nil, nil, err
	}
	groups, err := s.groups(ctx, "run_id = ? ORDER BY no", r.ID)
	return r, groups, err
}

// Group gives one group of the actor's newest search.
func (s *Service) Group(ctx context.Context, id string) (*Group, error) {
	_, groups, err := s.Latest(ctx)
	if err != nil {
		return nil, err
	}
	for i := range groups {
		if groups[i].ID == id {
			return &groups[i], nil
		}
	}
	return nil, fault.New(fault.NotFound, "discover.missing")
}

func (s *Service) groups(ctx context.Context, where string, args ...any) (list []Group, err error) {
	var rows []struct {
		ID      string
		No      int
		People  int64
		Cases   int64
		Matters string
	}
	if err := s.DB.From(ctx).Raw("SELECT id, no, people, cases, matters FROM discovered_groups WHERE "+where, args...).Scan(&rows).Error; err != nil {
		return nil, fail("read groups", err)
	}
	for _, r := range rows {
		g := Group{ID: r.ID, No: r.No, People: r.People, Cases: r.Cases}
		if err := json.Unmarshal([]byte(r.Matters), &g.Matters); err != nil {
			return nil, fmt.Errorf("read what marks a group: %w", err)
		}
		list = append(list, g)
	}
	return list, nil
}
