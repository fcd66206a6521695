package catalogue

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"minqing/internal/calendar"
	"minqing/internal/i18n"
)

// Found is a matter that a search found, with its score: only good for order.
type Found struct {
	Matter *Matter
	Score  float64
}

// How much a term says by where it stands.
const (
	weightName      = 4.0
	weightKeyword   = 3.0
	weightSummary   = 1.0
	weightField     = 1.0
	weightSituation = 1.0
	weightOther     = 0.75 // in a language other than the reader's
	bonusWhole      = 8.0  // a whole keyword or name stands in the query, or the query in a name
)

// searchIndex is an inverted index over terms: pairs of Chinese characters and
// Latin words, in all languages.
type searchIndex struct {
	matters  []*Matter
	postings map[string][]posting
	phrases  [][]phrase // per matter
}

type posting struct {
	matter int
	lang   i18n.Lang
	weight float64
}

type phrase struct {
	text string // folded, no spaces around
	lang i18n.Lang
}

func newSearchIndex(s *Snapshot) *searchIndex {
	x := &searchIndex{matters: s.Matters, postings: map[string][]posting{}, phrases: make([][]phrase, len(s.Matters))}
	at := map[string]int{}
	for i, m := range s.Matters {
		at[m.Code] = i
		for _, lang := range i18n.Langs {
			x.add(i, lang, m.Name[lang], weightName)
			x.add(i, lang, m.Summary[lang], weightSummary)
			x.phrase(i, lang, m.Name[lang])
			for _, word := range m.Keywords[lang] {
				x.add(i, lang, word, weightKeyword)
				x.phrase(i, lang, word)
			}
			if f := s.fields[m.FieldID]; f != nil {
				x.add(i, lang, f.Name[lang], weightField)
			}
		}
	}
	for _, sit := range s.Situations {
		for _, code := range sit.MatterCodes {
			i, ok := at[code]
			if !ok {
				continue
			}
			for _, lang := range i18n.Langs {
				x.add(i, lang, sit.Name[lang], weightSituation)
				for _, word := range sit.Keywords[lang] {
					x.add(i, lang, word, weightSituation)
				}
			}
		}
	}
	return x
}

// add keeps the best weight of a term per matter and language: a word that a
// guide repeats does not count twice.
func (x *searchIndex) add(matter int, lang i18n.Lang, text string, weight float64) {
	for _, term := range terms(text) {
		list := x.postings[term]
		n := slices.IndexFunc(list, func(p posting) bool { return p.matter == matter && p.lang == lang })
		switch {
		case n < 0:
			x.postings[term] = append(list, posting{matter: matter, lang: lang, weight: weight})
		case list[n].weight < weight:
			list[n].weight = weight
		}
	}
}

func (x *searchIndex) phrase(matter int, lang i18n.Lang, text string) {
	if text = strings.TrimSpace(fold(text)); text != "" {
		x.phrases[matter] = append(x.phrases[matter], phrase{text: text, lang: lang})
	}
}

// SearchMatters finds matters in force on the day by what people type, best
// first, at most limit. All languages are searched; the reader's counts more.
func (s *Snapshot) SearchMatters(query string, lang i18n.Lang, day calendar.Date, limit int) []Found {
	scores := map[int]float64{}
	wanted := terms(query)
	for _, term := range wanted {
		s.index().score(term, lang, scores)
	}
	whole := strings.TrimSpace(fold(query))
	var found []Found
	for i, m := range s.Matters {
		if !m.On(day) {
			continue
		}
		score := scores[i] + s.index().wholeBonus(i, whole, lang)
		if score > 0 {
			found = append(found, Found{Matter: m, Score: score})
		}
	}
	slices.SortStableFunc(found, func(a, b Found) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return strings.Compare(a.Matter.Code, b.Matter.Code)
	})
	return cutTail(found, limit)
}

// cutTail drops what only shares a common pair of characters with the query.
func cutTail(found []Found, limit int) []Found {
	for i, f := range found {
		if i >= limit || f.Score < found[0].Score*0.15 {
			return found[:i]
		}
	}
	return found
}

// score adds what the term says about each matter: the best of the languages,
// rarer terms more.
func (x *searchIndex) score(term string, lang i18n.Lang, scores map[int]float64) {
	best := map[int]float64{}
	for _, p := range x.postings[term] {
		w := p.weight
		if p.lang != lang {
			w *= weightOther
		}
		best[p.matter] = max(best[p.matter], w)
	}
	idf := math.Log(1 + float64(len(x.matters))/float64(1+len(best)))
	for matter, w := range best {
		scores[matter] += w * idf
	}
}

func (x *searchIndex) wholeBonus(matter int, query string, lang i18n.Lang) float64 {
	if query == "" {
		return 0
	}
	best := 0.0
	for _, p := range x.phrases[matter] {
		n := len([]rune(p.text))
		inside := n >= 2 && contains(query, p.text)
		if !inside && !(len([]rune(query)) >= 2 && contains(p.text, query)) {
			continue
		}
		w := bonusWhole + math.Min(float64(n), 8)
		if p.lang != lang {
			w *= weightOther
		}
		best = max(best, w)
	}
	return best
}

// contains looks for Latin words at word borders and for Chinese anywhere.
func contains(text, part string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], part)
		if i < 0 {
			return false
		}
		i += from
		before, after := lastRune(text[:i]), firstRune(text[i+len(part):])
		if !(isLatin(before) && isLatin(firstRune(part))) && !(isLatin(after) && isLatin(lastRune(part))) {
			return true
		}
		from = i + 1
	}
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return ' '
}

func lastRune(s string) rune {
	runes := []rune(s)
	if len(runes) == 0 {
		return ' '
	}
	return runes[len(runes)-1]
}

func isLatin(r rune) bool { return r < 0x2e80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// terms cuts a text into what is looked up: overlapping pairs of Chinese
// characters (a lone character is a term of its own) and Latin words without
// the commonest endings and without words that say nothing.
func terms(text string) []string {
	var list []string
	var han, latin []rune
	flush := func() {
		if len(han) == 1 {
			list = append(list, string(han))
		}
		for i := 0; i+1 < len(han); i++ {
			list = append(list, string(han[i:i+2]))
		}
		if word := stem(string(latin)); len(word) > 1 && !idle[word] {
			list = append(list, word)
		}
		han, latin = han[:0], latin[:0]
	}
	for _, r := range fold(text) {
		switch {
		case unicode.Is(unicode.Han, r):
			if len(latin) > 0 {
				flush()
			}
			han = append(han, r)
		case isLatin(r):
			if len(han) > 0 {
				flush()
			}
			latin = append(latin, r)
		default:
			flush()
		}
	}
	flush()
	slices.Sort(list)
	return slices.Compact(list)
}

var idle = map[string]bool{
	"the": true, "and": true, "for": true, "of": true, "to": true, "in": true, "on": true, "at": true, "an": true,
	"is": true, "my": true, "or": true, "with": true, "it": true, "be": true, "are": true, "do": true, "how": true,
	"what": true, "by": true, "no": true, "not": true, "from": true, "this": true, "that": true, "have": true,
	"的": true, "了": true, "我": true,
}

func stem(word string) string {
	for _, end := range []string{"ies", "ing", "es", "ed", "s"} {
		if cut, ok := strings.CutSuffix(word, end); ok && len(cut) >= 3 {
			return cut
		}
	}
	return word
}
