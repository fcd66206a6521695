package offers

import (
	"context"
	"encoding/json"
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
)

// MatchJob finds whom a benefit fits.
type MatchJob struct {
	ListID string `json:"list_id"`
}

// Kind names the job.
func (MatchJob) Kind() string { return "offers.match" }

const (
	matchTime = 30 * time.Minute
	chunk     = 200
)

// Register has the queue match, tell, grant and let lapse.
func (s *Service) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, j MatchJob) error { return s.match(ctx, j.ListID) }, jobs.Within(matchTime))
	jobs.Work(q, func(ctx context.Context, j TellJob) error { return s.tell(ctx, j.ListID) }, jobs.Within(matchTime))
	jobs.Work(q, func(ctx context.Context, j GrantJob) error { return s.grant(ctx, j.OfferID) })
	jobs.Work(q, func(ctx context.Context, _ SweepJob) error { return s.Sweep(ctx) })
	q.Every(sweepEvery, SweepJob{})
}

// List is one matching of a benefit.
type List struct {
	ID          string
	BenefitID   string
	BenefitNo   int64
	Definition  string
	AuthorID    string
	AuthorAsID  *string // the absent colleague in whose place
	State       string
	MatchedOn   calendar.Date
	Found       int64
	Done        int64
	ConfirmerID *string
	ConfirmedAt *time.Time
	Version     int64
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// The states of a list.
const (
	Matching = "matching"
	Open     = "matched" // somebody has to confirm it
	Decided  = "confirmed"
	Thrown   = "dropped"
)

const listRows = `SELECT l.id, l.benefit_id, l.benefit_no, l.definition, l.author_id, l.author_as_id, l.state, l.matched_on, l.found, l.done, l.confirmer_id, l.confirmed_at, l.version, l.created_at, l.updated_at
 FROM offer_lists l WHERE `

// Match makes a new list of those whom a published benefit fits; a job finds them.
// One list of a benefit at a time waits to be confirmed.
func (s *Service) Match(ctx context.Context, benefitID string) (listID string, err error) {
	b, err := s.get(ctx, benefitID, access.OfferWrite)
	if err != nil {
		return "", err
	}
	if b.State != Published {
		return "", fault.New(fault.Conflict, "offer.not_published")
	}
	if ctx, err = s.writes(ctx, b.UnitPath); err != nil {
		return "", err
	}
	now, who := s.now(), actor.From(ctx)
	listID = db.NewID(now)
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		err := s.DB.InsertAll(ctx, db.Insert("offer_lists", "id, benefit_id, benefit_no, definition, author_id, author_as_id, matched_on, created_at, updated_at",
			listID, b.ID, b.Version, b.Definition, who.AccountID, db.Ref(who.AsAccountID), s.today(), now, now))
		if err != nil {
			return db.Fault(err, "", "offer.list.waits")
		}
		if err := s.Jobs.Add(ctx, MatchJob{ListID: listID}); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "offer.match", Kind: "benefit", ID: b.ID, Fields: []audit.Change{{Field: "list", After: listID}}})
	})
	return listID, err
}

// match fills a list. It begins anew when it was interrupted: nobody has seen the
// list before it is whole.
func (s *Service) match(ctx context.Context, listID string) error {
	l, b, err := s.listed(ctx, listID)
	if fault.KindOf(err) == fault.NotFound && err != nil || err == nil && l.State != Matching {
		return nil
	}
	if err != nil {
		return err
	}
	root, err := outreach.Parse([]byte(l.Definition))
	if err != nil {
		return err
	}
	terms, err := s.Outreach.Terms(ctx, root)
	if err != nil {
		return err
	}
	if _, err := s.exec(ctx, "begin a list anew", "DELETE FROM offers WHERE list_id = ?", listID); err != nil {
		return err
	}
	ids, err := s.fitting(ctx, b, l, terms)
	if err != nil {
		return err
	}
	if _, err := s.exec(ctx, "note how many fit", "UPDATE offer_lists SET found = ?, done = 0 WHERE id = ? AND state = 'matching'", len(ids), listID); err != nil {
		return err
	}
	for some := range slices.Chunk(ids, chunk) {
		if err := s.matched(ctx, b, l, terms, some); err != nil {
			return err
		}
	}
	_, err = s.exec(ctx, "finish a list", `UPDATE offer_lists SET state = 'matched', done = found, found = (SELECT COUNT(*) FROM offers o WHERE o.list_id = offer_lists.id), version = version + 1, updated_at = ?
 WHERE id = ? AND state = 'matching'`, s.now(), listID)
	return err
}

// fitting are the people whom the terms fit and who have no offer of this benefit
// for the period, nor any record that was merged into theirs.
func (s *Service) fitting(ctx context.Context, b *Benefit, l *List, terms *outreach.Terms) ([]string, error) {
	var had []string
	err := s.DB.From(ctx).Raw("SELECT DISTINCT constituent_id FROM offers WHERE benefit_id = ? AND period = ? AND state IN ?", b.ID, b.period(l.MatchedOn.Year()), taking).Scan(&had).Error
	if err != nil {
		return nil, fail("read who has an offer", err)
	}
	taken := map[string]bool{}
	for some := range slices.Chunk(had, chunk) {
		heads, err := s.Constituents.Heads(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, id := range heads {
			taken[id] = true
		}
	}
	sql, args := terms.Entitled()
	var ids []string
	if err := s.DB.From(ctx).Raw("SELECT r.id FROM ("+sql+") r ORDER BY r.id", args...).Scan(&ids).Error; err != nil {
		return nil, fail("match a benefit", err)
	}
	return slices.DeleteFunc(ids, func(id string) bool { return taken[id] }), nil
}

// matched keeps a part of a list, with what each condition came to for each person.
func (s *Service) matched(ctx context.Context, b *Benefit, l *List, terms *outreach.Terms, ids []string) error {
	why, err := s.Outreach.Judge(ctx, terms, ids)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		now := s.now()
		var stmts []db.Stmt
		for _, id := range ids {
			held, err := json.Marshal(why[id])
			if err != nil || why[id] == nil { // merged or erased meanwhile
				continue
			}
			stmts = append(stmts, db.Insert("offers", "id, list_id, benefit_id, constituent_id, period, why, code_key, created_at, updated_at",
				db.NewID(now), l.ID, b.ID, id, b.period(l.MatchedOn.Year()), string(held), s.Vault.CurrentKey(), now, now))
		}
		if err := s.DB.InsertAll(ctx, stmts...); err != nil {
			return fail("keep a part of a list", err)
		}
		_, err := s.exec(ctx, "note how far a list is", "UPDATE offer_lists SET done = done + ? WHERE id = ?", len(ids), l.ID)
		return err
	})
}

func (s *Service) listed(ctx context.Context, listID string) (*List, *Benefit, error) {
	var lists []List
	if !isID(listID) {
		return nil, nil, errMissing
	}
	if err := s.DB.From(ctx).Raw(listRows+"l.id = ?", listID).Scan(&lists).Error; err != nil {
		return nil, nil, fail("read a list", err)
	}
	if len(lists) == 0 {
		return nil, nil, errMissing
	}
	b, err := s.find(ctx, "b.id = ?", lists[0].BenefitID)
	return &lists[0], b, err
}

// MatchNow, TellNow and GrantNow do at once what the queue does after a commit:
// for loaders that make a whole city.

// MatchNow fills a list that waits to be filled.
func (s *Service) MatchNow(ctx context.Context, listID string) error { return s.match(ctx, listID) }

// TellNow tells everybody on a confirmed list.
func (s *Service) TellNow(ctx context.Context, listID string) error { return s.tell(ctx, listID) }

// GrantNow grants an offer that is agreed.
func (s *Service) GrantNow(ctx context.Context, offerID string) error { return s.grant(ctx, offerID) }
