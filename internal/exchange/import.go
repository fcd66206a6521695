package exchange

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
)

const batchRows = 1000

// writers is how many batches are stored at once, while the next one is read.
const writers = 2

// Counts say what became of the rows of a file.
type Counts struct {
	Imported, Known, Rejected int64 // Known: already imported earlier
}

// Rows is how many rows were read.
func (c Counts) Rows() int64 { return c.Imported + c.Known + c.Rejected }

// Input is a file to import.
type Input struct {
	File     io.Reader
	Name     string // its base name, for the record
	Mapping  *Mapping
	DryRun   bool
	Rejected io.Writer    // gets refused rows as CSV: line, reason, and the row
	Progress func(Counts) // after each batch; may be nil
}

type run struct {
	s       *Service
	in      Input
	id      string
	header  []string
	refused *csv.Writer
	seen    map[string]bool // ids of a dry run, which stores none
	group   *errgroup.Group // that stores batches

	mu     sync.Mutex
	counts Counts
	under  map[string]bool // ids that are being stored
}

// Import reads the file and stores what it does not know yet, a thousand rows
// to a transaction and two of those at a time. It may be broken off and run again: source and source_id
// keep a row from being imported twice.
func (s *Service) Import(ctx context.Context, in Input) (Counts, error) {
	rows := csv.NewReader(in.File)
	rows.FieldsPerRecord = -1
	header, err := rows.Read()
	if err != nil {
		return Counts{}, fmt.Errorf("read the header of the file: %w", err)
	}
	header = slices.Clone(header)
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	if err := in.Mapping.bind(header); err != nil {
		return Counts{}, err
	}
	r := &run{s: s, in: in, header: header, refused: csv.NewWriter(in.Rejected), seen: map[string]bool{}, under: map[string]bool{}}
	if err := r.begin(ctx); err != nil {
		return r.counts, err
	}
	err = r.together(ctx, rows)
	r.refused.Flush()
	if err = errors.Join(err, r.refused.Error()); err != nil {
		return r.counts, errors.Join(err, r.note(context.WithoutCancel(ctx), nil))
	}
	now := s.Now().UTC()
	return r.counts, r.note(ctx, &now)
}

// begin records the import and its audit entry before the first case.
func (r *run) begin(ctx context.Context) error {
	if r.in.DryRun {
		return nil
	}
	now := r.s.Now().UTC()
	r.id = db.NewID(now)
	a := actor.From(ctx)
	return r.s.DB.Tx(ctx, func(ctx context.Context) error {
		row := db.Insert("imports", "id, source, file_name, started_at, actor_kind, account_id", r.id, r.in.Mapping.Source, r.in.Name, now, a.Kind, db.Ref(a.AccountID))
		if err := r.s.DB.From(ctx).Exec(row.SQL, row.Args...).Error; err != nil {
			return fmt.Errorf("record the import: %w", err)
		}
		return r.s.Audit.Record(ctx, audit.Entry{Action: "case.import", Kind: "import", ID: r.id,
			Fields: []audit.Change{{Field: "source", After: r.in.Mapping.Source}, {Field: "file", After: r.in.Name}}})
	})
}

// note keeps the counts; without a time of its end the import counts as broken off.
func (r *run) note(ctx context.Context, finished *time.Time) error {
	if r.in.DryRun {
		return nil
	}
	err := r.s.DB.From(ctx).Exec("UPDATE imports SET finished_at = ?, imported = ?, known = ?, rejected = ? WHERE id = ?",
		finished, r.counts.Imported, r.counts.Known, r.counts.Rejected, r.id).Error
	if err != nil {
		return fmt.Errorf("record the end of the import: %w", err)
	}
	return nil
}

// together reads while batches are stored; the first that fails stops all.
func (r *run) together(ctx context.Context, rows *csv.Reader) error {
	var inner context.Context
	r.group, inner = errgroup.WithContext(ctx)
	r.group.SetLimit(writers)
	err := r.all(inner, rows)
	if failed := r.group.Wait(); failed != nil {
		return failed // what ended the reading
	}
	return err
}

func (r *run) all(ctx context.Context, rows *csv.Reader) error {
	batch := make([]*record, 0, batchRows)
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return r.store(ctx, batch)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			r.refuse(wrong.StartLine, "malformed CSV: "+wrong.Err.Error(), nil)
			continue
		}
		if err != nil {
			return fmt.Errorf("read the file: %w", err)
		}
		line, _ := rows.FieldPos(0)
		if len(row) != len(r.header) {
			r.refuse(line, fmt.Sprintf("%d fields, but the header has %d", len(row), len(r.header)), row)
			continue
		}
		one, err := r.in.Mapping.convert(row)
		if err != nil {
			r.refuse(line, err.Error(), row)
			continue
		}
		if batch = append(batch, one); len(batch) == batchRows {
			if err := r.store(ctx, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
}

// refuse writes a row that cannot be imported; csv.Writer keeps its first error.
func (r *run) refuse(line int, reason string, row []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts.Rejected == 0 {
		r.refused.Write(append([]string{"line", "reason"}, r.header...))
	}
	r.counts.Rejected++
	out := []string{strconv.Itoa(line), reason}
	for _, value := range row {
		out = append(out, strings.ToValidUTF8(value, "\uFFFD"))
	}
	r.refused.Write(out)
}

// store has a batch brought in, without what is known from before. Units,
// matters and numbers are there, in the order of the file, before it returns.
func (r *run) store(ctx context.Context, batch []*record) error {
	fresh, err := r.unknown(ctx, batch)
	if err != nil {
		return err
	}
	known := int64(len(batch) - len(fresh))
	if len(fresh) == 0 || r.in.DryRun {
		r.count(nil, int64(len(fresh)), known)
		return nil
	}
	if err := r.s.place(ctx, r.in.Mapping, fresh); err != nil {
		return err
	}
	first, err := r.s.Cases.ReserveNumbers(ctx, int64(len(fresh)))
	if err != nil {
		return err
	}
	r.mark(fresh)
	r.group.Go(func() error {
		if err := r.insert(ctx, fresh, first); err != nil {
			return fmt.Errorf("store a batch: %w", err)
		}
		r.count(fresh, int64(len(fresh)), known)
		return nil
	})
	return nil
}

// mark notes which ids are on their way into the table.
func (r *run) mark(fresh []*record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range fresh {
		r.under[one.sourceID] = true
	}
}

// count adds up what is done; the table knows those that were stored.
func (r *run) count(stored []*record, imported, known int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range stored {
		delete(r.under, one.sourceID)
	}
	r.counts.Imported += imported
	r.counts.Known += known
	if r.in.Progress != nil {
		r.in.Progress(r.counts)
	}
}

func (r *run) insert(ctx context.Context, fresh []*record, first int64) error {
	b, err := r.s.newBulk(ctx, r.in.Mapping, r.id)
	if err != nil {
		return err
	}
	for i, one := range fresh {
		if err := b.add(one, first+int64(i)); err != nil {
			return err
		}
	}
	return r.s.DB.Store(ctx, b.rows)
}

// underWay are the ids of a batch that are being stored just now. It is asked
// before the table: what it does not name is in the table or nowhere.
func (r *run) underWay(batch []*record) map[string]bool {
	seen := map[string]bool{}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range batch {
		if r.under[one.sourceID] {
			seen[one.sourceID] = true
		}
	}
	return seen
}

func (r *run) unknown(ctx context.Context, batch []*record) ([]*record, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	seen := r.seen
	if !r.in.DryRun {
		seen = r.underWay(batch)
	}
	ids := make([]any, len(batch), len(batch)+1)
	for i, one := range batch {
		ids[i] = one.sourceID
	}
	ids = append(ids, r.in.Mapping.Source)
	var known []string
	err := r.s.DB.From(ctx).Raw(lookUp(len(batch)), ids...).Scan(&known).Error
	if err != nil {
		return nil, fmt.Errorf("look for what is known: %w", err)
	}
	for _, id := range known {
		seen[id] = true
	}
	var fresh []*record
	for _, one := range batch {
		if !seen[one.sourceID] {
			seen[one.sourceID] = true
			fresh = append(fresh, one)
		}
	}
	return fresh, nil
}

// lookUp asks for n ids and then a source which cases there are. It goes to the
// index once for each id: for a long IN, PostgreSQL reads all of the source.
func lookUp(n int) string {
	return "WITH asked (id) AS (VALUES (?)" + strings.Repeat(", (?)", n-1) + `) SELECT id FROM
 (SELECT (SELECT c.source_id FROM cases c WHERE c.source = s.name AND c.source_id = asked.id) AS id FROM asked CROSS JOIN (SELECT ? AS name) s) found
 WHERE id IS NOT NULL`
}
