package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"minqing/internal/db"
	"minqing/internal/text"
)

// postgresIndex is a tsvector with positions under a GIN index. GIN cannot give
// the newest first, and what matches a common word in years of cases is too
// much to sort. So each document also holds the day and the month of its
// receipt, and a search walks back through spans of time: eight days, three
// months, then everything, one statement that ends when the page is full. A word
// that every tenth of the newest cases holds needs no index: these are read through.
type postgresIndex struct{ db *db.DB }

// The parts of a document that are not text: characters that no text has.
const (
	dayMark   = "\ue001"
	monthMark = "\ue002"
)

func dayTerm(t time.Time) string   { return dayMark + t.UTC().Format("20060102") }
func monthTerm(t time.Time) string { return monthMark + t.UTC().Format("200601") }

// positionMost is the last position that a tsvector keeps apart from others.
const positionMost = 16_383

// tsvector writes a document. Terms are letters and digits: nothing to escape.
func (d *document) tsvector() string {
	var b strings.Builder
	for i, term := range d.terms {
		b.WriteString("'" + term + "':" + strconv.Itoa(min(i+1, positionMost)) + " ")
	}
	received := db.IDTime(d.caseID)
	b.WriteString("'" + dayTerm(received) + "' '" + monthTerm(received) + "'")
	for _, path := range d.places {
		b.WriteString(" '" + placeTerm(path) + "'")
	}
	return b.String()
}

func (x *postgresIndex) put(ctx context.Context, docs []document) error {
	if len(docs) == 0 {
		return nil
	}
	args := make([]any, 0, 2*len(docs))
	for i := range docs {
		args = append(args, docs[i].caseID, docs[i].tsvector())
	}
	return x.db.From(ctx).Exec("INSERT INTO case_search (case_id, words) VALUES "+strings.Repeat(", (?, ?)", len(docs))[2:]+
		" ON CONFLICT (case_id) DO UPDATE SET words = EXCLUDED.words", args...).Error
}

func (x *postgresIndex) drop(ctx context.Context, caseIDs []string) error {
	return x.db.From(ctx).Exec("DELETE FROM case_search WHERE case_id IN ?", caseIDs).Error
}

// indexLock is the advisory lock of whoever fills the index.
const indexLock = 0x6d71_7365_6172_6368 // "mqsearch"

func (x *postgresIndex) exclusively(ctx context.Context, step func(ctx context.Context) error) error {
	return x.db.Tx(ctx, func(ctx context.Context) error {
		if err := x.db.From(ctx).Exec("SELECT pg_advisory_xact_lock(?)", int64(indexLock)).Error; err != nil {
			return err
		}
		return step(ctx)
	})
}

// What is read of the newest documents before the index is asked.
const (
	sampleOf   = 100   // documents
	readMost   = 4_000 // documents; two microseconds each, when short
	readMargin = 2     // times what the sample lets expect
)

func (x *postgresIndex) find(ctx context.Context, q *search) ([]string, error) {
	ids, err := x.read(ctx, q, sampleOf)
	if err != nil || len(ids) == q.limit {
		return ids, err
	}
	if n := len(ids); n > 0 && q.limit*sampleOf*readMargin/n <= readMost {
		if ids, err = x.read(ctx, q, q.limit*sampleOf*readMargin/n); err != nil || len(ids) == q.limit {
			return ids, err
		}
	}
	return x.findInSpans(ctx, q)
}

// read looks for the search in the newest documents, so many of them.
func (x *postgresIndex) read(ctx context.Context, q *search, documents int) ([]string, error) {
	end := q.before
	if end == "" {
		end = afterAll
	}
	words, beginnings := tsqueries(q.phrases)
	match, args := matching(words, anyPlace(q.places), beginnings)
	args = append(append(append([]any{end, documents}, args...), q.args...), q.limit)
	var ids []string
	err := x.db.Reader(ctx).Raw("SELECT o.case_id FROM (SELECT case_id, words FROM case_search WHERE case_id < ? ORDER BY case_id DESC LIMIT ?) o WHERE true"+
		match+" AND (SELECT true FROM cases c WHERE c.id = o.case_id AND "+q.where+") ORDER BY o.case_id DESC LIMIT ?", args...).Scan(&ids).Error
	return ids, err
}

// matching is the condition on words of documents, each part after an AND. The
// index is not asked for beginnings.
func matching(words, places, beginnings string) (match string, args []any) {
	also := func(sql, query string) {
		if query != "" {
			match += " AND " + sql
			args = append(args, query)
		}
	}
	also("words @@ CAST(? AS tsquery)", words)
	also("words @@ CAST(? AS tsquery)", places)
	also("(words @@ CAST(? AS tsquery)) IS TRUE", beginnings)
	return match, args
}

func (x *postgresIndex) findInSpans(ctx context.Context, q *search) ([]string, error) {
	words, beginnings := tsqueries(q.phrases)
	spans, everything := q.spans(8, 3), words
	if words == "" { // a lone character only: few days are read through, and of older cases those with any of its pairs
		spans, everything = q.spans(8, 0), beginnings
	}
	var parts, first, after []any
	for _, s := range spans {
		part := everything
		if s.term != "" {
			part = "'" + s.term + "'"
		}
		parts, first, after = append(parts, part), append(first, s.first), append(after, s.after)
	}
	match, sought := matching(words, anyPlace(q.places), beginnings)
	args := append(slices.Concat(parts, first, after, sought, q.args), q.limit, q.limit)
	marks := strings.Repeat(", ?", len(spans))[2:]
	var ids []string
	err := x.db.Reader(ctx).Raw(fmt.Sprintf(inSpans, marks, marks, marks, "words @@ span.part"+match, q.where), args...).Scan(&ids).Error
	return ids, err
}

// inSpans gives the newest cases of each span, and ends with the span that
// fills the page. Neither the materialised hits nor the condition leave the
// planner a choice: walking the primary key for a rare word, or hashing a whole
// scope, takes a hundred times what reading the index takes.
const inSpans = `SELECT found.case_id FROM ROWS FROM (unnest(CAST(ARRAY[%s] AS tsquery[])),
  unnest(CAST(ARRAY[%s] AS uuid[])), unnest(CAST(ARRAY[%s] AS uuid[]))) WITH ORDINALITY AS span (part, first, after, n)
CROSS JOIN LATERAL (
 SELECT o.case_id FROM (
  WITH hit AS MATERIALIZED (SELECT case_id FROM case_search WHERE %s)
  SELECT hit.case_id FROM hit WHERE hit.case_id >= span.first AND hit.case_id < span.after ORDER BY hit.case_id DESC
 ) o WHERE (SELECT true FROM cases c WHERE c.id = o.case_id AND %s) ORDER BY o.case_id DESC LIMIT ?
) found ORDER BY span.n, found.case_id DESC LIMIT ?`

// span is a stretch of time, as ids of the cases received in it.
type span struct {
	term         string // what documents of it hold; empty: any
	first, after string
}

const (
	firstOfAll = "00000000-0000-0000-0000-000000000000"
	afterAll   = "ffffffff-ffff-ffff-ffff-ffffffffffff"
)

// spans part the time before the page, the newest first, without gap: single
// days, single months, and what came before.
func (q *search) spans(days, months int) []span {
	top, end := q.newest.UTC().AddDate(0, 0, 1), afterAll
	if q.before != "" {
		top, end = db.IDTime(q.before), q.before
	}
	day := time.Date(top.Year(), top.Month(), top.Day(), 0, 0, 0, 0, time.UTC)
	var all []span
	add := func(term string, begin time.Time) {
		if from := db.FirstID(begin); from < end {
			all = append(all, span{term, from, end})
			end = from
		}
	}
	for i := range days {
		d := day.AddDate(0, 0, -i)
		add(dayTerm(d), d)
	}
	month := time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC)
	for i := range months {
		m := month.AddDate(0, -i, 0)
		add(monthTerm(m), m)
	}
	return append(all, span{"", firstOfAll, end})
}

// tsqueries asks for every phrase. What is only the beginning of a term stands
// in the second query: the index would read all terms that begin so, the common
// ones of every case, for each span.
func tsqueries(phrases []text.Phrase) (words, beginnings string) {
	var whole, open []string
	for _, p := range phrases {
		terms := p.Terms
		if p.Open {
			open = append(open, "('"+strings.Join(terms, "' <-> '")+"':*)")
			terms = terms[:len(terms)-1]
		}
		if len(terms) > 0 {
			whole = append(whole, "('"+strings.Join(terms, "' <-> '")+"')")
		}
	}
	return strings.Join(whole, " & "), strings.Join(open, " & ")
}

// anyPlace asks for one of the units or what is below them.
func anyPlace(paths []string) string {
	terms := make([]string, len(paths))
	for i, p := range paths {
		terms[i] = "'" + placeTerm(p) + "'"
	}
	return strings.Join(terms, " | ")
}
