package offers

import (
	"context"
	"slices"
	"time"

	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
)

// Entitled is a published benefit whose conditions somebody meets by what is known of
// them, though nobody has offered it to them. It promises nothing: whether they get it
// is decided when a list is confirmed, or when they ask.
type Entitled struct {
	Benefit Benefit
	Says    []string // what their record says that its conditions ask, in words
	Whom    string   // the conditions as a sentence
}

// entitledAtOnce is how many published benefits are looked at together for one person.
var entitledAtOnce = 200

// Entitled lists the published benefits whose conditions the signed-in person, or the
// enterprise that they act for, meets today by the facts that an offer may use; what is
// not known counts as not met. Left out are those that wait for their word, that they
// have, that they objected to, or off whose list the department took them with a
// reason in this period. Empty for whoever is not signed in as one of them.
func (s *Service) Entitled(ctx context.Context, lang i18n.Lang) ([]Entitled, error) {
	me, _, err := s.self(ctx)
	if err != nil || me == "" {
		return nil, err
	}
	head, err := s.Constituents.Head(ctx, me)
	if err != nil {
		return nil, err
	}
	records, err := s.records(ctx)
	if err != nil {
		return nil, err
	}
	var out []Entitled
	for after := db.FirstID(time.Time{}); ; {
		var list []Benefit
		err = s.DB.Reader(ctx).Raw(benefitRows+`b.state = 'published' AND b.id > ? AND NOT EXISTS (SELECT 1 FROM offers o JOIN offer_lists l ON l.id = o.list_id
 WHERE o.benefit_id = b.id AND o.constituent_id IN ? AND o.period = CASE WHEN b.per = 'year' THEN ? ELSE 0 END
 AND (o.state IN ('confirmed', 'offered', 'agreed', 'objected', 'granted') OR o.state = 'trimmed' AND l.state = 'confirmed'))
 ORDER BY b.id LIMIT ?`, after, records, s.today().Year(), entitledAtOnce).Scan(&list).Error
		if err != nil {
			return nil, fail("list what somebody may be entitled to", err)
		}
		if len(list) == 0 {
			break
		}
		some, err := s.met(ctx, list, head, lang)
		if err != nil {
			return nil, err
		}
		out, after = append(out, some...), list[len(list)-1].ID
		if len(list) < entitledAtOnce {
			break
		}
	}
	slices.SortStableFunc(out, func(a, b Entitled) int { return b.Benefit.PublishedAt.Compare(*a.Benefit.PublishedAt) }) // the newest first
	return out, nil
}

// met are those of some benefits whose conditions one person meets.
func (s *Service) met(ctx context.Context, list []Benefit, head string, lang i18n.Lang) (out []Entitled, err error) {
	roots := make([]*outreach.Node, len(list))
	for i := range list {
		if roots[i], err = list[i].Root(); err != nil {
			return nil, err
		}
	}
	terms, err := s.Outreach.Usable(ctx, roots)
	if err != nil {
		return nil, err
	}
	all, err := s.Outreach.JudgeOne(ctx, terms, head)
	if err != nil {
		return nil, err
	}
	for i, t := range terms {
		if t == nil || all[i] == nil {
			continue
		}
		if whole, says := s.Outreach.Met(t, all[i], lang); whole == outreach.Yes {
			out = append(out, Entitled{Benefit: list[i], Says: says, Whom: s.Outreach.Sentence(t, lang)})
		}
	}
	return out, nil
}
