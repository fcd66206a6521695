package cases

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/text"
)

// What a search takes, in characters and in words.
const (
	queryMost = 200
	wordsMost = 12
)

// textIndex finds cases by their texts. Each engine brings its own; both hold
// the same terms.
type textIndex interface {
	// put stores documents, also again.
	put(ctx context.Context, docs []document) error
	// drop takes cases out; ones that it does not hold are no error.
	drop(ctx context.Context, caseIDs []string) error
	// find gives the ids of the newest cases that answer a search.
	find(ctx context.Context, q *search) ([]string, error)
	// exclusively runs one step of the job that fills the index, nowhere at the
	// same time as another.
	exclusively(ctx context.Context, step func(ctx context.Context) error) error
}

func newTextIndex(d *db.DB) textIndex {
	if d.Engine() == db.PostgreSQL {
		return &postgresIndex{db: d}
	}
	return &sqliteIndex{db: d}
}

// search is a question to the index. Terms and places are looked up in it;
// where decides on each case that it finds, so that an index which lags behind
// can hide a case for a moment but never show one too many.
type search struct {
	phrases []text.Phrase
	places  []string // unit paths; a case of one of these subtrees; none: of any
	where   string   // on cases c
	args    []any
	before  string    // id of the last case of the page before; empty for the first page
	newest  time.Time // nothing was received after it
	limit   int
}

// search finds cases of the actor's scope by what is said in them, open and
// closed, the newest first. A whole case number finds that case, whatever the
// filters say; the end of one finds it before all others.
func (s *Service) search(ctx context.Context, f Filter, scope access.Scope) (*Page, error) {
	if _, err := idcode.ParseCaseNumber(f.Query); err == nil {
		return s.byNumber(ctx, f.Query)
	}
	q := &search{phrases: text.Phrases(f.Query), limit: f.Limit + 1, newest: s.Now()}
	if err := checkQuery(f.Query, q.phrases); err != nil {
		return nil, err
	}
	after, err := db.DecodeCursor(f.Cursor, 1)
	if err == nil && after != nil {
		if q.before = after[0]; !db.IsID(q.before) {
			err = fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
		}
	}
	if err != nil {
		return nil, err
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	if scope, err = narrowed(f, scope, snap); err != nil || !scope.Everything && len(scope.Prefixes) == 0 {
		return &Page{}, err
	}
	q.narrow(f, scope, snap)
	further, err := s.narrowings(ctx, f, snap)
	if err != nil {
		return nil, err
	}
	q.also(further)
	page, err := s.found(ctx, q, f, snap)
	if err == nil && f.Cursor == "" && scope.Recuses() {
		err = s.alarmedByWords(ctx, q, scope)
	}
	return page, err
}

func checkQuery(typed string, phrases []text.Phrase) error {
	var c fault.Check
	c.That(utf8.RuneCountInString(typed) <= queryMost, "q", "case.query.long", "Max", queryMost)
	c.That(len(phrases) > 0, "q", "case.query.empty")
	c.That(len(phrases) <= wordsMost, "q", "case.query.many", "Max", wordsMost)
	return c.Err()
}

func (s *Service) found(ctx context.Context, q *search, f Filter, snap *catalogue.Snapshot) (*Page, error) {
	numbered, err := s.byTail(ctx, q, f.Query)
	if err != nil {
		return nil, err
	}
	if f.Facets && q.before == "" {
		q.limit = max(q.limit, facetsOf+1)
	}
	ids, known, err := s.byPerson(ctx, q, f.Query)
	if err == nil && !known {
		ids, err = s.index.find(ctx, q)
	}
	if err != nil {
		return nil, fmt.Errorf("search the cases: %w", db.Fault(err, "", ""))
	}
	page := &Page{}
	if f.Facets && q.before == "" {
		if page.Facets, err = s.facets(ctx, slices.Concat(numbered, ids), f.Broad); err != nil {
			return nil, err
		}
	}
	if len(ids) > f.Limit {
		ids = ids[:f.Limit]
		page.Next = db.EncodeCursor(ids[len(ids)-1])
	}
	if q.before == "" {
		ids = append(numbered, ids...)
	}
	page.Items, err = s.items(ctx, ids)
	return page, err
}

// byNumber answers a search for a case number: that case, when it is in scope.
func (s *Service) byNumber(ctx context.Context, typed string) (*Page, error) {
	c, _, err := s.loadFor(ctx, typed, access.CaseList)
	if err != nil {
		err = s.alarmed(ctx, typed, waySearch, err)
	}
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return &Page{}, nil
	}
	if err != nil {
		return nil, err
	}
	if err := s.unseal(ctx, c); err != nil {
		return nil, err
	}
	return &Page{Items: []Item{{Case: *c}}}, nil
}

// yearsBack is how old a case may be that is found by the end of its number.
const yearsBack = 30

// byTail finds the cases whose number ends in what was typed, and takes them
// out of the search by texts.
func (s *Service) byTail(ctx context.Context, q *search, typed string) ([]string, error) {
	year := s.Now().Year() + 1
	numbers := idcode.CaseNumbersEnding(s.Prefix, typed, year-yearsBack, year)
	if len(numbers) == 0 {
		return nil, nil
	}
	var ids []string
	err := s.DB.Reader(ctx).Raw("SELECT c.id FROM cases c WHERE c.case_no IN ? AND "+q.where+" ORDER BY c.id DESC",
		append([]any{numbers}, q.args...)...).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("look for the end of a case number: %w", db.Fault(err, "", ""))
	}
	if len(ids) == 0 {
		if err := s.alarmedByTail(ctx, numbers); err != nil {
			return nil, err
		}
	}
	q.where += " AND c.case_no NOT IN ?"
	q.args = append(q.args, numbers)
	return ids, nil
}

// alarmedByTail writes down who looks for a case about their own unit by the end
// of its number. To them it stays unknown.
func (s *Service) alarmedByTail(ctx context.Context, numbers []string) error {
	var there []string
	if err := s.DB.Reader(ctx).Raw("SELECT case_no FROM cases WHERE case_no IN ? ORDER BY case_no", numbers).Scan(&there).Error; err != nil {
		return fmt.Errorf("look for the end of a case number: %w", db.Fault(err, "", ""))
	}
	for _, no := range there {
		_, _, err := s.loadFor(ctx, no, access.CaseList)
		if err = s.alarmed(ctx, no, waySearch, err); err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
	}
	return nil
}

// ownAbout is how many complaints about somebody's own unit are looked through
// when they search: the newest.
const ownAbout = 200

// alarmedByWords writes down who searches for words that find a case about
// themselves or a unit of their own. There are few of those, so they are listed
// first, and the index is asked about them alone.
func (s *Service) alarmedByWords(ctx context.Context, q *search, scope access.Scope) error {
	about, args := "1 = 0", []any(nil)
	if len(scope.Recused) > 0 {
		about, args = "p.unit_id IN (SELECT id FROM units WHERE path IN ?)", []any{scope.Recused}
	}
	if scope.Named {
		about, args = about+" OR p.account_id = ?", append(args, scope.Self)
	}
	var own []string
	err := s.DB.Reader(ctx).Raw("SELECT DISTINCT p.case_id FROM case_parties p WHERE p.role = 'subject' AND ("+about+") ORDER BY p.case_id DESC LIMIT ?",
		append(args, ownAbout)...).Scan(&own).Error
	if err != nil || len(own) == 0 {
		return db.Fault(err, "", "")
	}
	only := &search{phrases: q.phrases, where: "c.id IN ?", args: []any{own}, newest: q.newest, limit: ownAbout}
	ids, err := s.index.find(ctx, only)
	if err != nil || len(ids) == 0 {
		return db.Fault(err, "", "")
	}
	var numbers []string
	if err := s.DB.Reader(ctx).Raw("SELECT case_no FROM cases WHERE id IN ? ORDER BY case_no", ids).Scan(&numbers).Error; err != nil {
		return fmt.Errorf("read what somebody searched for: %w", db.Fault(err, "", ""))
	}
	for _, no := range numbers {
		_, _, err := s.loadFor(ctx, no, access.CaseList)
		if err = s.alarmed(ctx, no, waySearch, err); err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
	}
	return nil
}

// narrowed is the part of a scope in the unit that was asked for.
func narrowed(f Filter, scope access.Scope, snap *catalogue.Snapshot) (access.Scope, error) {
	if f.UnitCode == "" {
		return scope, nil
	}
	u, err := snap.Unit(f.UnitCode)
	if err != nil {
		return scope, fault.InvalidInput(fault.Field{Name: "unit", Key: "case.unit.unknown"})
	}
	below := access.Scope{Recused: scope.Recused, Self: scope.Self, Named: scope.Named}
	for _, path := range []string{u.Path, access.Sealed(u.Path)} {
		if scope.Covers(path) {
			below.Prefixes = append(below.Prefixes, path)
			continue
		}
		for _, p := range scope.Prefixes {
			if strings.HasPrefix(p, path) {
				below.Prefixes = append(below.Prefixes, p)
			}
		}
	}
	return below, nil
}

// narrow turns scope and filters into places of the index and a condition.
func (q *search) narrow(f Filter, scope access.Scope, snap *catalogue.Snapshot) {
	var where []string
	add := func(sql string, values ...any) {
		where = append(where, sql)
		q.args = append(q.args, values...)
	}
	if f.Status != "" {
		add("c.status = ?", f.Status)
	}
	if f.Kind != "" {
		add("c.kind = ?", f.Kind)
	}
	if f.DueBefore != nil {
		add("c.due_at < ?", *f.DueBefore)
	}
	inScope, args := seen(scope)
	add(inScope, args...)
	q.where = strings.Join(where, " AND ")
	q.places = scope.Prefixes
	for _, p := range scope.Prefixes {
		if root := snap.Root(); scope.Everything || root != nil && root.Path == p {
			q.places = nil // as good as every case is there: asking the index for it would only cost
		}
	}
}

// placeTerm is the term of the index for a unit and all below it. Its first
// character is one that no text has.
func placeTerm(path string) string {
	h := fnv.New64a()
	h.Write([]byte(path))
	return "\ue000" + strconv.FormatUint(h.Sum64(), 36)
}
