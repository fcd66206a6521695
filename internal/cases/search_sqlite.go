package cases

import (
	"context"
	"math"
	"strconv"
	"strings"
	"sync"

	"minqing/internal/db"
	"minqing/internal/text"
)

// sqliteIndex is an FTS5 table of terms. Its rows are numbered by the time of
// receipt, and FTS5 walks them backwards without sorting, so a search stops
// when the page is full.
type sqliteIndex struct {
	db *db.DB
	mu sync.Mutex // one process works a SQLite database
}

// docidOf is the number that a case's document should have: as its id, the
// millisecond of receipt, the 4096th of it and the count within.
func docidOf(caseID string) int64 {
	within, _ := strconv.ParseInt(caseID[15:18]+caseID[21:23], 16, 64)
	return db.IDTime(caseID).UnixMilli()<<20 | within
}

func (x *sqliteIndex) put(ctx context.Context, docs []document) error {
	return x.db.Tx(ctx, func(ctx context.Context) error {
		for i := range docs {
			docid, err := x.number(ctx, docs[i].caseID)
			if err != nil {
				return err
			}
			words := make([]string, 0, len(docs[i].terms)+len(docs[i].places))
			words = append(words, docs[i].terms...)
			for _, path := range docs[i].places {
				words = append(words, placeTerm(path))
			}
			if err := x.db.From(ctx).Exec("INSERT OR REPLACE INTO case_words (rowid, words) VALUES (?, ?)", docid, strings.Join(words, " ")).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// number is the number that the case's document has, or gets now. Where its own
// is taken, as after an import of many cases of one instant, it comes after the
// last one of the millisecond.
func (x *sqliteIndex) number(ctx context.Context, caseID string) (int64, error) {
	tx := x.db.From(ctx)
	var had []int64
	if err := tx.Raw("SELECT docid FROM case_search WHERE case_id = ?", caseID).Scan(&had).Error; err != nil || len(had) > 0 {
		return append(had, 0)[0], err
	}
	docid := docidOf(caseID)
	for {
		res := tx.Exec("INSERT INTO case_search (docid, case_id) VALUES (?, ?) ON CONFLICT (docid) DO NOTHING", docid, caseID)
		if res.Error != nil || res.RowsAffected > 0 {
			return docid, res.Error
		}
		err := tx.Raw("SELECT max(docid) + 1 FROM case_search WHERE docid BETWEEN ? AND ?", docid, docid|0xfffff).Scan(&docid).Error
		if err != nil {
			return 0, err
		}
	}
}

func (x *sqliteIndex) drop(ctx context.Context, caseIDs []string) error {
	return x.db.Tx(ctx, func(ctx context.Context) error {
		tx := x.db.From(ctx)
		if err := tx.Exec("DELETE FROM case_words WHERE rowid IN (SELECT docid FROM case_search WHERE case_id IN ?)", caseIDs).Error; err != nil {
			return err
		}
		return tx.Exec("DELETE FROM case_search WHERE case_id IN ?", caseIDs).Error
	})
}

func (x *sqliteIndex) exclusively(ctx context.Context, step func(ctx context.Context) error) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return step(ctx)
}

func (x *sqliteIndex) find(ctx context.Context, q *search) ([]string, error) {
	match := matchAll(q.phrases)
	if len(q.places) > 0 {
		terms := make([]string, len(q.places))
		for i, path := range q.places {
			terms[i] = `"` + placeTerm(path) + `"`
		}
		match += " AND (" + strings.Join(terms, " OR ") + ")"
	}
	before := int64(math.MaxInt64)
	if q.before != "" {
		err := x.db.Reader(ctx).Raw("SELECT COALESCE((SELECT docid FROM case_search WHERE case_id = ?), ?)", q.before, docidOf(q.before)).Scan(&before).Error
		if err != nil {
			return nil, err
		}
	}
	var ids []string
	err := x.db.Reader(ctx).Raw(`SELECT s.case_id FROM case_words CROSS JOIN case_search s ON s.docid = case_words.rowid
 WHERE case_words MATCH ? AND case_words.rowid < ? AND (SELECT 1 FROM cases c WHERE c.id = s.case_id AND `+q.where+`)
 ORDER BY case_words.rowid DESC LIMIT ?`, append(append([]any{match, before}, q.args...), q.limit)...).Scan(&ids).Error
	return ids, err
}

// matchAll asks FTS5 for every phrase. Terms are letters and digits: what it
// would take for an operator stands in quotes.
func matchAll(phrases []text.Phrase) string {
	parts := make([]string, len(phrases))
	for i, p := range phrases {
		parts[i] = `("` + strings.Join(p.Terms, " ") + `"`
		if p.Open {
			parts[i] += " *"
		}
		parts[i] += ")"
	}
	return strings.Join(parts, " AND ")
}
