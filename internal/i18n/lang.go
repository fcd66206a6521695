// Package i18n speaks the three languages of the portal: it loads the locale
// files, matches what a reader asks for, formats dates and numbers, and holds
// texts that are data in several languages.
package i18n

import (
	"strings"

	"golang.org/x/text/language"
)

// Lang is one of the languages that the whole product exists in.
type Lang string

const (
	ZhHant Lang = "zh-Hant" // Chinese in traditional characters, Taiwan wording
	ZhHans Lang = "zh-Hans" // Chinese in simplified characters, mainland wording
	En     Lang = "en"
)

// Langs lists every language in the order in which a switch shows them.
var Langs = []Lang{ZhHant, ZhHans, En}

var (
	hantFirst = []Lang{ZhHant, ZhHans, En}
	hansFirst = []Lang{ZhHans, ZhHant, En}
	enFirst   = []Lang{En, ZhHant, ZhHans}
)

// Fallback is the order in which texts are tried for a reader of l.
func (l Lang) Fallback() []Lang {
	switch l { // a page asks some two hundred times
	case ZhHans:
		return hansFirst
	case En:
		return enFirst
	default:
		return hantFirst
	}
}

// Chinese says whether the language is written in Chinese characters.
func (l Lang) Chinese() bool { return l != En }

// Name is the language's own name for itself, which needs no translation.
func (l Lang) Name() string {
	switch l {
	case ZhHant:
		return "繁體中文"
	case ZhHans:
		return "简体中文"
	default:
		return "English"
	}
}

// ParseLang reads a language as people and programs write it: exactly, or by
// region (zh-TW, zh-CN). It does not guess at other languages.
func ParseLang(s string) (Lang, bool) {
	s = strings.TrimSpace(s)
	for _, l := range Langs {
		if strings.EqualFold(s, string(l)) {
			return l, true
		}
	}
	tag, err := language.Parse(s)
	if err != nil {
		return "", false
	}
	_, i, confidence := matcher.Match(tag)
	if confidence < language.High {
		return "", false
	}
	return Langs[i], true
}

var matcher = language.NewMatcher([]language.Tag{
	language.Make(string(ZhHant)), language.Make(string(ZhHans)), language.Make(string(En)),
})

// Match chooses a language for an Accept-Language header. ok is false when the
// header says nothing usable, so that the caller takes the place's default. A
// reader whose languages we do not speak gets English.
func Match(acceptLanguage string) (l Lang, ok bool) {
	tags, weights, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(tags) == 0 {
		return "", false
	}
	wanted := tags[:0]
	for i, tag := range tags {
		if base, _ := tag.Base(); base.String() == "yue" { // CLDR has no path from Cantonese
			tag = language.Make("zh-HK")
		}
		if weights[i] > 0 && tag != language.Und && tag.String() != "mul" { // "*" is read as mul
			wanted = append(wanted, tag)
		}
	}
	if len(wanted) == 0 {
		return "", false
	}
	_, i, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		return En, true
	}
	return Langs[i], true
}
