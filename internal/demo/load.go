package demo

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/place"
	"minqing/internal/satisfaction"
)

// LoadOptions say what to load. From and To are local dates, both included.
type LoadOptions struct {
	Cases    int
	Seed     uint64
	From, To calendar.Date
	Whole    bool // all in one transaction, or nothing
}

// batchSize is how many cases are written at once; a batch is always the same
// for a seed, whoever generates it.
const batchSize = 1000

// Loader brings the cases of the demo city.
type Loader struct {
	Cases        *cases.Service
	Satisfaction *satisfaction.Service
	Audit        *audit.Service
	Filers       map[string]Filer // by email, people who sign in and are given cases of their own
}

// ErrPeriod says that the period or the number of cases makes no sense.
var ErrPeriod = errors.New("the period must not end before it begins, and the number of cases must not be negative")

// run is one load under way.
type run struct {
	l       *Loader
	o       LoadOptions
	w       *Writer
	snap    *catalogue.Snapshot
	areas   *place.Map
	plan    []arrival
	until   time.Time
	first   int64               // case number
	staff   map[string][]member // by role
	pools   map[duty][]string   // accounts
	traits  map[string]traits   // by unit id
	matters []*catalogue.Matter
	upTo    []float64 // their weights, added up
	weights float64
	wet     []*catalogue.Matter // that a storm brings up
	streets []*place.District
	flooded [storms][]*place.District
	fates   map[int]*fate // by place in the plan
}

// duty is a role at a unit.
type duty struct{ role, unitID string }

// member is a demo account with a role over a unit.
type member struct{ AccountID, Role, Path string }

// duties are the roles in which cases of the city are handled.
var duties = []string{"call_agent", "dispatcher", "handler", "head"}

// Any says whether the database holds cases of the demo city.
func (l *Loader) Any(ctx context.Context) (bool, error) {
	var n int
	err := l.Cases.DB.From(ctx).Raw("SELECT count(*) FROM (SELECT 1 FROM cases WHERE source = ? LIMIT 1) AS found", Source).Scan(&n).Error
	return n > 0, err
}

// Load writes the cases and gives their number. The same options again add
// nothing, and complete a load that was interrupted.
func (l *Loader) Load(ctx context.Context, o LoadOptions) (int, error) {
	if o.To < o.From || o.Cases < 0 {
		return 0, ErrPeriod
	}
	r, err := l.begin(ctx, o)
	if err != nil {
		return 0, err
	}
	var loaded int
	if o.Whole {
		err = l.Cases.DB.Tx(ctx, func(ctx context.Context) error {
			loaded, err = r.all(ctx, 1)
			return err
		})
	} else {
		loaded, err = r.all(ctx, 2)
	}
	return loaded, err
}

func (r *run) all(ctx context.Context, workers int) (int, error) {
	counts := make([]int, (len(r.plan)+batchSize-1)/batchSize)
	if workers == 1 {
		for k := range counts {
			var err error
			if counts[k], err = r.batch(ctx, k); err != nil {
				return 0, err
			}
		}
	} else {
		group, inner := errgroup.WithContext(ctx)
		group.SetLimit(workers)
		for i := range counts { // far from each other, where indexes by time are concerned
			k := i/2 + i%2*((len(counts)+1)/2)
			group.Go(func() error {
				var err error
				counts[k], err = r.batch(inner, k)
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return 0, err
		}
	}
	total := 0
	for _, n := range counts {
		total += n
	}
	if total == 0 {
		return 0, nil
	}
	if err := r.l.Cases.DB.Analyze(ctx, "evaluations (case_id)", "cases", "case_parties", "constituents", "contact_points"); err != nil {
		return 0, err
	}
	return total, r.l.Cases.DB.Tx(ctx, func(ctx context.Context) error {
		return r.l.Audit.Record(ctx, audit.Entry{Action: "demo.load", Kind: "case", ID: r.sourceID(0), Fields: []audit.Change{
			{Field: "cases", After: strconv.Itoa(total)}, {Field: "seed", After: strconv.FormatUint(r.o.Seed, 10)},
			{Field: "from", After: r.o.From.String()}, {Field: "to", After: r.o.To.String()}}})
	})
}

func (r *run) sourceID(i int) string {
	return fmt.Sprintf("%d-%d-%s-%s-%d", r.o.Seed, r.o.Cases, r.o.From, r.o.To, i)
}

func (l *Loader) begin(ctx context.Context, o LoadOptions) (*run, error) {
	r := &run{l: l, o: o}
	var err error
	if r.w, err = NewWriter(); err != nil {
		return nil, err
	}
	if r.snap, err = l.Cases.Catalogue.Snapshot(ctx); err != nil {
		return nil, err
	}
	if r.areas, err = l.Cases.Places.Map(ctx); err != nil {
		return nil, err
	}
	cal, err := l.Cases.Clocks.Of(r.snap, r.snap.Root())
	if err != nil {
		return nil, err
	}
	r.until = o.To.End(cal.Zone()).UTC()
	if now := l.Cases.Now().UTC().Truncate(time.Second); now.Before(r.until) {
		r.until = now
	}
	r.plan = arrivals(o, cal, r.until)
	r.pickMatters()
	boroughs := r.areas.At(place.Borough, "", o.From)
	r.streets = r.areas.At(place.Subdistrict, "", o.From)
	if len(boroughs) == 0 || len(r.streets) == 0 || len(r.matters) == 0 {
		return nil, errors.New("the demo city is not loaded")
	}
	for i := range r.flooded {
		n := (o.Seed + uint64(i)*3) % uint64(len(boroughs))
		r.flooded[i] = r.areas.At(place.Subdistrict, boroughs[n].ID, o.From)
	}
	r.cast()
	if r.first, err = l.Cases.ReserveNumbers(ctx, int64(o.Cases)); err != nil {
		return nil, err
	}
	return r, r.meet(ctx)
}

// meet finds who works at each unit, and how.
func (r *run) meet(ctx context.Context) error {
	var all []member
	err := r.l.Cases.DB.From(ctx).Raw(`SELECT g.account_id, g.role, u.path FROM grants g JOIN accounts a ON a.id = g.account_id
 JOIN units u ON u.id = g.unit_id WHERE a.demo = ? ORDER BY length(a.password_hash) DESC, u.path, g.account_id`, true).Scan(&all).Error
	if err != nil {
		return fmt.Errorf("read the staff of the demo city: %w", err)
	}
	r.staff, r.pools, r.traits = map[string][]member{}, map[duty][]string{}, map[string]traits{}
	for _, m := range all {
		r.staff[m.Role] = append(r.staff[m.Role], m)
	}
	for _, u := range r.snap.Units {
		r.traits[u.ID] = traitsOf(u)
		for _, role := range duties {
			r.pools[duty{role, u.ID}] = r.pool(role, u)
		}
	}
	return nil
}

// pool are those who act for a unit in a role: of the unit itself or the nearest
// above it that has somebody. Supervisors of the whole city stand in. Those
// who can sign in come first.
func (r *run) pool(role string, u *catalogue.Unit) []string {
	nearest := ""
	var list []string
	for _, m := range r.staff[role] {
		switch {
		case !strings.HasPrefix(u.Path, m.Path) || len(m.Path) < len(nearest):
		case len(m.Path) > len(nearest):
			nearest, list = m.Path, []string{m.AccountID}
		default:
			list = append(list, m.AccountID)
		}
	}
	if len(list) == 0 && role != "supervisor" {
		return r.pool("supervisor", u)
	}
	return list
}

// batch writes one batch unless it is there already.
func (r *run) batch(ctx context.Context, k int) (int, error) {
	from, to := k*batchSize, min((k+1)*batchSize, len(r.plan))
	var n int
	err := r.l.Cases.DB.From(ctx).Raw("SELECT count(*) FROM cases WHERE source = ? AND source_id = ?", Source, r.sourceID(from)).Scan(&n).Error
	if err != nil || n > 0 {
		return 0, err
	}
	g := newGenerator(r, uint64(k)+1)
	lives := make([]cases.Life, 0, to-from)
	for i := from; i < to; i++ {
		if err := g.life(ctx, i); err != nil {
			return 0, err
		}
		lives = append(lives, g.walk.life)
	}
	return len(lives), r.l.Cases.DB.Tx(ctx, func(ctx context.Context) error {
		if err := r.l.Cases.DB.Unchecked(ctx); err != nil {
			return err
		}
		if err := r.l.Cases.InsertLives(ctx, lives); err != nil {
			return err
		}
		if err := r.l.Satisfaction.InsertCallbacks(ctx, g.callbacks, g.attempts); err != nil {
			return err
		}
		return r.l.Satisfaction.InsertMany(ctx, g.judged)
	})
}

// account draws who acts for a unit in a role; empty when nobody does.
func (g *generator) account(role string, u *catalogue.Unit) string {
	list := g.pools[duty{role, u.ID}]
	switch {
	case len(list) == 0:
		return ""
	case g.walk.fate != nil:
		return list[0]
	}
	return pick(g.r, list)
}
