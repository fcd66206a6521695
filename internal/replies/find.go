package replies

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/text"
)

// Kept lists the texts of a kind that the actor keeps.
func (s *Service) Kept(ctx context.Context, k Kind) ([]Text, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.all(ctx, k)
	return slices.DeleteFunc(all, func(t Text) bool {
		u, missing := snap.Unit(t.UnitID)
		return missing != nil || s.Access.CanOn(ctx, k.Verb(), access.Object{UnitPaths: []string{u.Path}}) != nil
	}), err
}

// Search lists the texts of a kind that hold every word of a query; all of them
// without one. Chinese is found by neighbouring characters, in either script.
func (s *Service) Search(ctx context.Context, k Kind, query string) ([]Text, error) {
	all, err := s.all(ctx, k)
	want := text.Phrases(query)
	if err != nil || len(want) == 0 {
		return all, err
	}
	return slices.DeleteFunc(all, func(t Text) bool {
		terms := " " + strings.Join(text.Terms(t.Title+"\n"+t.Body+"\n"+t.LegalBasis), " ") + " "
		return slices.ContainsFunc(want, func(p text.Phrase) bool {
			seek := " " + strings.Join(p.Terms, " ")
			if !p.Open {
				seek += " "
			}
			return !strings.Contains(terms, seek)
		})
	}), nil
}

// all reads the texts of a kind, by title.
func (s *Service) all(ctx context.Context, k Kind) ([]Text, error) {
	var list []Text
	err := s.DB.Reader(ctx).Where("kind = ?", k).Order("title, id").Limit(most).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list prepared texts: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// Seek says which case texts are looked for.
type Seek struct {
	Unit     *catalogue.Unit
	MatterID *string
	Reader   i18n.Lang
	Day      calendar.Date
}

// For lists what fits a case: of its unit or one above, of its matter or of none,
// in force on the day. Those in the reader's language come first, then those of
// the matter.
func (s *Service) For(ctx context.Context, k Kind, c Seek) ([]Text, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.all(ctx, k)
	if err != nil {
		return nil, err
	}
	fit := slices.DeleteFunc(all, func(t Text) bool {
		of, missing := snap.Unit(t.UnitID)
		return missing != nil || !c.Unit.Within(of) || !t.On(c.Day) || t.MatterID != nil && (c.MatterID == nil || *c.MatterID != *t.MatterID)
	})
	rank := func(t Text) int {
		n := 0
		if t.Locale != c.Reader {
			n += 2
		}
		if t.MatterID == nil {
			n++
		}
		return n
	}
	slices.SortStableFunc(fit, func(a, b Text) int { return rank(a) - rank(b) })
	return fit, nil
}

// Published lists the articles on a matter that citizens read before they file,
// in their language where there is one.
func (s *Service) Published(ctx context.Context, matterID string, reader i18n.Lang, day calendar.Date) ([]Text, error) {
	var list []Text
	err := s.DB.Reader(ctx).Where("matter_id = ? AND kind = ? AND public AND NOT retired", matterID, Article).Order("title, id").Limit(most).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list articles for citizens: %w", db.Fault(err, "", ""))
	}
	list = slices.DeleteFunc(list, func(t Text) bool { return !t.On(day) })
	for _, l := range reader.Fallback() {
		mine := slices.DeleteFunc(slices.Clone(list), func(t Text) bool { return t.Locale != l })
		if len(mine) > 0 {
			return mine, nil
		}
	}
	return nil, nil
}
