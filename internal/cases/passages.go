package cases

import (
	"context"
	"fmt"

	"minqing/internal/db"
	"minqing/internal/text"
)

// Passage is why a search found a case: its title, and where the words stand.
type Passage struct {
	Title  []text.Stretch
	Within []text.Stretch // of the description, a message or a note; nil where they stand in none
	Inside bool           // a note of colleagues
}

// How much stands around the words that were found, in characters.
const (
	passageBefore = 24
	passageBehind = 64
)

// Passages marks in cases that a search gave what it found in them, masked as
// their pages are, by their ids. Texts of sealed cases are not searched.
func (s *Service) Passages(ctx context.Context, items []Item, query string) (map[string]Passage, error) {
	phrases := text.Phrases(query)
	out, ids := make(map[string]Passage, len(items)), make([]string, 0, len(items))
	for i := range items {
		out[items[i].ID] = Passage{Title: text.Mark(items[i].ShownTitle(), phrases)}
		if items[i].Confidentiality == Normal {
			ids = append(ids, items[i].ID)
		}
	}
	if len(ids) == 0 || len(phrases) == 0 {
		return out, nil
	}
	var said []struct {
		CaseID string
		N      int
		Value  string
	}
	err := s.DB.Reader(ctx).Raw(`SELECT c.id AS case_id, 0 AS n, c.description AS value FROM cases c WHERE c.id IN ?
 UNION ALL SELECT m.case_id, 1, m.text FROM case_messages m WHERE m.case_id IN ? AND m.text <> ''
 UNION ALL SELECT e.case_id, 2, e.text FROM case_events e WHERE e.case_id IN ? AND e.text <> '' ORDER BY 1, 2`, ids, ids, ids).Scan(&said).Error
	if err != nil {
		return nil, fmt.Errorf("read what a search found: %w", db.Fault(err, "", ""))
	}
	for _, one := range said {
		p := out[one.CaseID]
		if p.Within != nil {
			continue
		}
		p.Within = text.Around(text.Mark(text.MaskFree(one.Value), phrases), passageBefore, passageBehind)
		p.Inside = p.Within != nil && one.N == 2
		out[one.CaseID] = p
	}
	return out, nil
}
