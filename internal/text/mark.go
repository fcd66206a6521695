package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Stretch is a piece of a text, as it was written; Hit where a search found it.
type Stretch struct {
	Text string
	Hit  bool
}

// Mark parts a text at what a search for phrases finds in it, by the terms that
// the index goes by: traditional and simplified, full and half width alike. A
// text in which nothing is found comes back as one stretch.
func Mark(s string, phrases []Phrase) []Stretch {
	terms := located(s)
	hit := make([]bool, len(s))
	for _, p := range phrases {
		for i := range terms {
			if n := p.at(terms[i:]); n > 0 {
				last := terms[i+n-1]
				end := last.to
				if p.Open {
					end = last.first // only that character was asked for
				}
				for j := terms[i].from; j < end; j++ {
					hit[j] = true
				}
			}
		}
	}
	var all []Stretch
	for i := 0; i < len(s); {
		end := i + 1
		for end < len(s) && hit[end] == hit[i] {
			end++
		}
		all, i = append(all, Stretch{s[i:end], hit[i]}), end
	}
	return all
}

// Around cuts stretches to what stands around the first hit, about so many
// characters before and behind; nothing where nothing is hit.
func Around(all []Stretch, before, behind int) []Stretch {
	first := -1
	for i := range all {
		if all[i].Hit {
			first = i
			break
		}
	}
	if first < 0 {
		return nil
	}
	var cut []Stretch
	if first > 0 {
		r := []rune(all[first-1].Text)
		if len(r) > before {
			r = append([]rune("…"), r[len(r)-before:]...)
		}
		cut = append(cut, Stretch{Text: string(r)})
	}
	for _, one := range all[first:] {
		r := []rune(one.Text)
		if len(r) > behind {
			one.Text = string(r[:max(behind, 0)]) + "…"
		}
		cut = append(cut, one)
		if behind -= len(r); behind <= 0 {
			break
		}
	}
	return cut
}

// at says how many of the terms, from the first on, the phrase asks for; 0 where
// it asks for others.
func (p Phrase) at(terms []locatedTerm) int {
	if len(p.Terms) > len(terms) {
		return 0
	}
	for i, want := range p.Terms {
		open := p.Open && i == len(p.Terms)-1
		if terms[i].term != want && !(open && strings.HasPrefix(terms[i].term, want)) {
			return 0
		}
	}
	return len(p.Terms)
}

// locatedTerm is a term with the bytes of the text where it stands.
type locatedTerm struct {
	term     string
	from, to int
	first    int // the end of its first character
}

// locatedRune is a character of the normal form with the bytes that it is from.
type locatedRune struct {
	r        rune
	from, to int
}

// located is Terms with where each stands.
func located(s string) []locatedTerm {
	var out []locatedTerm
	runes := normalised(s)
	for i := 0; i < len(runes); {
		kind := kindOf(runes[i].r)
		end := i + 1
		for end < len(runes) && kindOf(runes[end].r) == kind {
			end++
		}
		if kind != between {
			out = append(out, termsOf(runes[i:end], kind == ideograph)...)
		}
		i = end
	}
	return out
}

func termsOf(runes []locatedRune, ideographic bool) []locatedTerm {
	one := run{ideographic: ideographic}
	for _, r := range runes {
		one.runes = append(one.runes, r.r)
	}
	terms := one.terms()
	out := make([]locatedTerm, len(terms))
	last := len(runes) - 1
	for i, t := range terms {
		if ideographic {
			out[i] = locatedTerm{t, runes[i].from, runes[min(i+1, last)].to, runes[i].to}
		} else {
			out[i] = locatedTerm{t, runes[0].from, runes[last].to, runes[0].to}
		}
	}
	return out
}

// normalised is Normalise with where each character is from.
func normalised(s string) []locatedRune {
	out := make([]locatedRune, 0, len(s))
	var it norm.Iter
	it.InitString(norm.NFKC, s)
	for !it.Done() {
		from := it.Pos()
		piece := it.Next()
		for _, r := range string(piece) {
			if !common(r) && !unicode.IsSpace(r) && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Variation_Selector)) {
				continue
			}
			out = append(out, locatedRune{fold(unicode.ToLower(r)), from, it.Pos()})
		}
	}
	return out
}
