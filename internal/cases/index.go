package cases

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/jobs"
	"minqing/internal/text"
)

// IndexJob brings the index of case texts up to date. It looks at every case
// that was marked as changed, so it also fills an index that is empty.
type IndexJob struct{}

// Kind names the job.
func (IndexJob) Kind() string { return "cases.index" }

const (
	indexEvery = time.Minute   // looks for marks that no job was added for: after imports and loads
	indexGap   = time.Second   // between two jobs that changes of one process add
	indexTime  = 2 * time.Hour // plenty for the first filling
	indexStep  = 400           // marks of one step: some hundred cases
	termsMost  = 16_000        // of one case: what PostgreSQL keeps apart
)

// Register has the queue keep the index and watch the clocks.
func (s *Service) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, _ IndexJob) error { return s.Index(ctx) }, jobs.Within(indexTime))
	q.Every(indexEvery, IndexJob{})
	jobs.Work(q, func(ctx context.Context, _ WarnJob) error { return s.Warn(ctx) })
	q.Every(warnEvery, WarnJob{})
	jobs.Work(q, func(ctx context.Context, _ ArchiveJob) error {
		_, err := s.ArchiveDue(ctx)
		return err
	}, jobs.Within(archiveWithin))
	q.Every(archiveEvery, ArchiveJob{})
	jobs.Work(q, func(ctx context.Context, _ RecountJob) error {
		_, err := s.Recount(ctx)
		return err
	}, jobs.Within(recountWithin))
	q.Every(recountEvery, RecountJob{})
	s.recountOnChange(q)
}

// indexBell says when a change should add a job: at most once a gap, for one
// that is added looks at everything that is marked by the time it runs.
type indexBell struct{ last atomic.Int64 }

func (b *indexBell) due(now time.Time) bool {
	last := b.last.Load()
	return now.UnixNano()-last >= int64(indexGap) && b.last.CompareAndSwap(last, now.UnixNano())
}

// indexing is the job that will look at a change made now, where one is due.
func (s *Service) indexing() ([]db.Stmt, error) {
	now := time.Now() // the pace of work, not the time of anything
	if !s.bell.due(now) {
		return nil, nil
	}
	ins, err := s.Jobs.Insertion([]jobs.Args{IndexJob{}}, jobs.Coalesce("cases.index", now.Add(indexGap)))
	return []db.Stmt{{SQL: ins.SQL, Args: ins.Args}}, err
}

// Index takes marked cases into the index until none is left, the newest first
// and a few at a time.
// After each step it rests: for a tenth of what the step took, as long as it while
// people keep the database busy, and nine times as long while others file, who are then
// slowed by a tenth at most. Whatever ends it, what is left is done next time.
func (s *Service) Index(ctx context.Context) error {
	newest := ""
	for {
		begin := time.Now()
		marks, err := s.indexSome(ctx)
		if err != nil || len(marks) == 0 {
			return err
		}
		took := time.Since(begin)
		rest := took / 10
		switch {
		case newest != "" && marks[0].CaseID > newest:
			rest = 9 * took
		case s.DB.Busy():
			rest = took
		}
		newest = max(newest, marks[0].CaseID)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rest):
		}
	}
}

type mark struct {
	ID     int64
	CaseID string
}

// indexSome does one step, on the newest cases that are marked, and gives the
// marks that it took. They are deleted one by one: a mark that is made meanwhile
// stays for the next step.
func (s *Service) indexSome(ctx context.Context) (marks []mark, err error) {
	err = s.index.exclusively(ctx, func(ctx context.Context) error {
		err := s.DB.From(ctx).Raw("SELECT id, case_id FROM case_search_due ORDER BY case_id DESC LIMIT ?", indexStep).Scan(&marks).Error
		if err != nil || len(marks) == 0 {
			return err
		}
		return s.indexMarked(ctx, marks)
	})
	if err != nil {
		return nil, fmt.Errorf("index the texts of cases: %w", db.Fault(err, "", ""))
	}
	return marks, nil
}

func (s *Service) indexMarked(ctx context.Context, marks []mark) error {
	ids := make([]int64, len(marks))
	var cases []string
	seen := map[string]bool{}
	for i, m := range marks {
		ids[i] = m.ID
		if !seen[m.CaseID] {
			cases = append(cases, m.CaseID)
		}
		seen[m.CaseID] = true
	}
	docs, gone, err := s.documents(ctx, cases)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.index.put(ctx, docs); err != nil {
			return err
		}
		if len(gone) > 0 {
			if err := s.index.drop(ctx, gone); err != nil {
				return err
			}
		}
		return s.DB.From(ctx).Exec("DELETE FROM case_search_due WHERE case_id IN ? AND id IN ?", cases, ids).Error
	})
}

// document is what a case is found by.
type document struct {
	caseID string
	terms  []string // of its texts, in their order
	places []string // paths of its units and of those above them
}

// documents makes the documents of cases. Those that must not be in the index,
// because their texts are sealed, come back as gone.
func (s *Service) documents(ctx context.Context, caseIDs []string) (docs []document, gone []string, err error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, nil, err
	}
	tx := s.DB.From(ctx)
	var found []struct {
		ID, Title, Description string
		MatterID               *string
	}
	err = tx.Raw("SELECT id, title, description, matter_id FROM cases WHERE id IN ? AND confidentiality = ? AND frozen_at IS NULL", caseIDs, Normal).Scan(&found).Error
	if err != nil {
		return nil, nil, err
	}
	said, err := gather(tx.Raw("SELECT case_id, text AS value FROM case_messages WHERE case_id IN ? AND text <> '' ORDER BY id", caseIDs).Scan)
	if err != nil {
		return nil, nil, err
	}
	noted, err := gather(tx.Raw("SELECT case_id, text AS value FROM case_events WHERE case_id IN ? AND text <> '' ORDER BY seq", caseIDs).Scan)
	if err != nil {
		return nil, nil, err
	}
	units, err := gather(tx.Raw("SELECT case_id, unit_path AS value FROM case_units WHERE case_id IN ? ORDER BY unit_path", caseIDs).Scan)
	if err != nil {
		return nil, nil, err
	}
	open := map[string]bool{}
	for _, c := range found {
		open[c.ID] = true
		texts := append([]string{c.Title, c.Description}, matterNames(snap, c.MatterID)...)
		texts = append(texts, said[c.ID]...)
		for _, note := range noted[c.ID] {
			if !slices.Contains(said[c.ID], note) { // of most events the text is what was said to the citizen
				texts = append(texts, note)
			}
		}
		docs = append(docs, newDocument(c.ID, texts, units[c.ID]))
	}
	for _, id := range caseIDs {
		if !open[id] {
			gone = append(gone, id)
		}
	}
	return docs, gone, nil
}

// newDocument masks personal numbers and addresses before it cuts a text: what
// a page hides, no search may find.
func newDocument(caseID string, texts, unitPaths []string) document {
	d := document{caseID: caseID}
	for _, t := range texts {
		d.terms = append(d.terms, text.Terms(text.MaskFree(t))...)
	}
	d.terms = d.terms[:min(len(d.terms), termsMost)]
	seen := map[string]bool{}
	for _, path := range unitPaths {
		for i := range path {
			if place := path[:i+1]; path[i] == '/' && !seen[place] {
				seen[place] = true
				d.places = append(d.places, place)
			}
		}
	}
	return d
}

func matterNames(snap *catalogue.Snapshot, id *string) []string {
	if id == nil {
		return nil
	}
	m, err := snap.Matter(*id)
	if err != nil {
		return nil
	}
	var names []string
	for _, lang := range i18n.Langs {
		names = append(names, m.Name[lang])
	}
	return names
}

// gather reads rows of a case and a value, by case.
func gather(scan func(into any) *gorm.DB) (map[string][]string, error) {
	var rows []struct{ CaseID, Value string }
	err := scan(&rows).Error
	all := map[string][]string{}
	for _, r := range rows {
		all[r.CaseID] = append(all[r.CaseID], r.Value)
	}
	return all, err
}
