package voices

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/text"
)

// PageSize is how many a page of the list shows.
const PageSize = 20

// termsMost bounds what one search asks for.
const termsMost = 16

// Filter narrows the list.
type Filter struct {
	Words    string
	Matter   string // code
	District string // code
	Cursor   string
}

// Page is a page of the list, the newest first.
type Page struct {
	Voices []Voice
	Next   string
}

// shown are the columns that everybody may read.
const shown = "v.id, v.published_at, v.locale, v.title, v.question, v.answer, v.matter_id, v.district_id, c.concerns, c.status = 'concluded' AS open"

// public is what keeps a row out of sight that is published: the case was taken
// up again, or its person erased.
const public = ` FROM voices v JOIN cases c ON c.id = v.case_id WHERE v.state = 'published' AND c.concluded_at IS NOT NULL AND c.frozen_at IS NULL`

// List lists what is published, the newest first.
func (s *Service) List(ctx context.Context, f Filter) (*Page, error) {
	where, args, err := s.narrow(ctx, f)
	if err != nil {
		return nil, err
	}
	var list []Voice
	err = s.DB.Reader(ctx).Raw("SELECT "+shown+public+where+" ORDER BY v.published_at DESC, v.id DESC LIMIT ?", append(args, PageSize+1)...).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list what is published: %w", db.Fault(err, "", ""))
	}
	p := &Page{Voices: list}
	if len(list) > PageSize {
		p.Voices = list[:PageSize]
		last := p.Voices[PageSize-1]
		p.Next = db.EncodeCursor(last.PublishedAt.UTC().Format(time.RFC3339Nano), last.ID)
	}
	return p, nil
}

func (s *Service) narrow(ctx context.Context, f Filter) (where string, args []any, err error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return "", nil, err
	}
	add := func(sql string, values ...any) { where, args = where+" AND "+sql, append(args, values...) }
	var hidden []string
	for _, m := range snap.Matters {
		if m.Sensitive {
			hidden = append(hidden, m.ID)
		}
	}
	if len(hidden) > 0 {
		add("v.matter_id NOT IN ?", hidden)
	}
	if f.Matter != "" {
		m, err := snap.Matter(f.Matter)
		if err != nil {
			return "", nil, err
		}
		add("v.matter_id = ?", m.ID)
	}
	if f.District != "" {
		areas, err := s.Places.Map(ctx)
		if err != nil {
			return "", nil, err
		}
		d, err := areas.District(f.District)
		if err != nil {
			return "", nil, err
		}
		add("v.district_id = ?", d.ID)
	}
	if f.Cursor != "" {
		parts, err := db.DecodeCursor(f.Cursor, 2)
		if err != nil {
			return "", nil, err
		}
		at, err := time.Parse(time.RFC3339Nano, parts[0])
		if err != nil || !db.IsID(parts[1]) {
			return "", nil, fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
		}
		add("(v.published_at, v.id) < (?, ?)", at.UTC(), parts[1])
	}
	if blank(f.Words) {
		return where, args, nil
	}
	terms := wanted(f.Words)
	if len(terms) == 0 {
		add("1 = 0")
	}
	for _, t := range terms {
		if t.open {
			add("v.id IN (SELECT voice_id FROM voice_terms WHERE term >= ? AND term < ?)", t.term, t.term+"\U0010FFFF")
		} else {
			add("v.id IN (SELECT voice_id FROM voice_terms WHERE term = ?)", t.term)
		}
	}
	return where, args, nil
}

type want struct {
	term string
	open bool // it need only begin a term
}

// wanted are the terms that a text must have for what somebody typed.
func wanted(words string) (list []want) {
	for _, p := range text.Phrases(words) {
		for i, t := range p.Terms {
			w := want{t, p.Open && i == len(p.Terms)-1}
			if !slices.Contains(list, w) && len(list) < termsMost {
				list = append(list, w)
			}
		}
	}
	return list
}

// Read is one question with its answer.
func (s *Service) Read(ctx context.Context, id string) (*Voice, error) {
	missing := fault.New(fault.NotFound, "voices.missing")
	if !db.IsID(id) {
		return nil, missing
	}
	where, args, err := s.narrow(ctx, Filter{})
	if err != nil {
		return nil, err
	}
	var list []Voice
	if err := s.DB.Reader(ctx).Raw("SELECT "+shown+public+where+" AND v.id = ?", append(args, id)...).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("read what is published: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return nil, missing
	}
	return &list[0], nil
}

// termsAtOnce is how many terms one statement stores.
const termsAtOnce = 200

// index lets a search find what is published.
func (s *Service) index(ctx context.Context, v *Voice) error {
	terms := text.Terms(v.Title + "\n" + v.Question + "\n" + v.Answer)
	slices.Sort(terms)
	terms = slices.Compact(terms)
	for some := range slices.Chunk(terms, termsAtOnce) {
		args := make([]any, 0, 2*len(some))
		for _, t := range some {
			args = append(args, t, v.ID)
		}
		err := s.DB.From(ctx).Exec("INSERT INTO voice_terms (term, voice_id) VALUES "+strings.Repeat(", (?, ?)", len(some))[2:], args...).Error
		if err != nil {
			return fmt.Errorf("let a search find what is published: %w", db.Fault(err, "", ""))
		}
	}
	return nil
}
