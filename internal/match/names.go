// Package match says how likely two records are of the same person or enterprise,
// from marks that can be compared but not read. It is pure.
package match

import (
	"slices"
	"strings"
	"unicode"

	"minqing/internal/text"
)

// Part is a piece of a name: its class says what it may be compared with.
type Part struct {
	Class byte
	Value string
}

// The classes of parts.
const (
	Family byte = 's' // the family name, of a name in Chinese characters
	Given  byte = 'g' // the given name
	Rune   byte = 'c' // one character of the given name
	Word   byte = 't' // a word of a name in other scripts
)

// Name is what names are compared by. Whole is the same however a name is typed:
// in either script, with titles, spaces and points or without, and in other
// scripts with its words in any order.
type Name struct {
	Whole string
	Parts []Part
}

// partsMost bounds the parts of one name.
const partsMost = 12

// Person takes the name of a person apart. One that is written in Chinese
// characters and others is known by the former.
func Person(name string) Name {
	han, words := split(text.Normalise(name))
	for _, title := range titles {
		if rest := strings.TrimSuffix(han, title); len([]rune(rest)) >= 2 {
			han = rest
		}
	}
	words = slices.DeleteFunc(words, func(w string) bool { return len(words) > 1 && slices.Contains(latinTitles, w) })
	n := Name{Whole: strings.Join(words, " ")}
	if han != "" {
		n.Whole = han
		n.Parts = hanParts(han)
	}
	for _, w := range words {
		n.Parts = append(n.Parts, Part{Word, w})
	}
	n.Parts = n.Parts[:min(len(n.Parts), partsMost)]
	return n
}

// Enterprise takes the name of an enterprise apart; the words for its legal form
// say nothing.
func Enterprise(name string) Name {
	han, words := split(text.Normalise(name))
	for _, form := range forms {
		han = strings.TrimSuffix(han, form)
	}
	if kept := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(latinForms, w) }); len(kept) > 0 {
		words = kept
	}
	n := Name{Whole: strings.Join(words, " ")}
	if han != "" {
		n.Whole = han + n.Whole
		n.Parts = append(n.Parts, Part{Word, han})
	}
	for _, w := range words {
		n.Parts = append(n.Parts, Part{Word, w})
	}
	n.Parts = n.Parts[:min(len(n.Parts), partsMost)]
	return n
}

// Address is what addresses are compared by: letters and digits alone.
func Address(address string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text.Normalise(address))
}

// split parts a normalised name into its Chinese characters and its other words,
// sorted.
func split(name string) (han string, words []string) {
	var h strings.Builder
	rest := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Han, r):
			h.WriteRune(r)
			return ' '
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			return r
		case r == '\'' || r == '’':
			return -1 // O'Brien is one word
		}
		return ' '
	}, name)
	words = strings.Fields(rest)
	slices.Sort(words)
	return h.String(), slices.Compact(words)
}

func hanParts(han string) []Part {
	runes := []rune(han)
	if len(runes) == 1 {
		return []Part{{Family, han}}
	}
	n := 1
	if len(runes) > 2 && slices.Contains(doubleNames, string(runes[:2])) {
		n = 2
	}
	parts := []Part{{Family, string(runes[:n])}, {Given, string(runes[n:])}}
	for _, r := range runes[n:] {
		if p := (Part{Rune, string(r)}); !slices.Contains(parts, p) {
			parts = append(parts, p)
		}
	}
	return parts
}

// What stands after or before a name and is no part of it. Everything here is
// compared with normalised texts.
var (
	titles      = normal("先生", "女士", "小姐", "太太", "老師", "君")
	latinTitles = []string{"mr", "mrs", "ms", "miss", "dr", "prof"}
	forms       = normal("股份有限公司", "有限責任公司", "有限公司", "公司", "工作室", "商行", "企業社")
	latinForms  = []string{"co", "ltd", "limited", "inc", "llc", "corp", "corporation", "company", "plc"}
)

// doubleNames are family names of two characters.
var doubleNames = normal("歐陽", "司馬", "上官", "諸葛", "夏侯", "東方", "皇甫", "尉遲", "公孫", "慕容", "司徒", "司空", "令狐", "宇文", "長孫", "端木", "呼延", "南宮",
	"張簡", "范姜")

func normal(list ...string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = text.Normalise(s)
	}
	return out
}
