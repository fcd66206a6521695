// Package replies has what helps somebody to answer a citizen well: advice on a
// text before it is sent, prepared texts with fields, and how two versions of a
// text differ.
package replies

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"minqing/internal/i18n"
	"minqing/internal/idcode"
	"minqing/internal/text"
)

// Code names what a reply lacks, or has too much of.
type Code string

// What is looked for. A gap and personal data must be mended; the rest is
// advice.
const (
	Gap      Code = "gap"      // a place that a template left to fill
	Personal Code = "personal" // an identity, bank or mobile number
	Empty    Code = "empty"    // set phrases and nothing else
	Grounds  Code = "grounds"  // neither a rule nor a fact is named
	Next     Code = "next"     // no step, time or contact is named
	Short    Code = "short"
	Long     Code = "long"
	Plate    Code = "plate"    // a number plate, which tells who drives
	Language Code = "language" // not the language of who reads it
	Script   Code = "script"   // not the characters of who reads it
)

// Codes are all of them, the ones that must be mended first.
var Codes = []Code{Gap, Personal, Empty, Grounds, Next, Short, Long, Plate, Language, Script}

// Hard says whether a reply must not be sent before it is mended.
func (c Code) Hard() bool { return c == Gap || c == Personal }

// Finding is one thing to mend or to think about. Found is where: the words
// themselves, a number only masked.
type Finding struct {
	Code  Code
	Found string
}

const (
	shortest  = 30   // letters: under that a reply hardly says what, why and what next
	longest   = 1500 // letters: about three pages
	substance = 12   // letters beside set phrases
)

var (
	// 〔2019〕 and 〔2025〕第 stand in the numbers of documents; whatever else is in
	// these brackets is left to fill.
	brackets = text.Form(`〔[^〔〕\n]{0,60}〕`)
	year     = regexp.MustCompile(`^〔\s*[0-9０-９〇零一二三四五六七八九十]{1,5}\s*年?\s*〕$`)
	blank    = text.Form(`\{\{[^{}\n]{0,60}\}\}|_{3,}|＿{2,}`)
	ends     = regexp.MustCompile(`[。！？；!?;\n]+|\.(?:\s+|$)`)
)

// Check reads a reply as who gets it would. It finds by form and by words, so it
// advises: only what Hard names is certain enough to refuse.
func Check(reply string, reader i18n.Lang) []Finding {
	out := Must(reply)
	letters := countLetters(reply)
	plain := text.Normalise(reply)
	add := func(c Code, found bool) {
		if found {
			out = append(out, Finding{Code: c})
		}
	}
	filled := said(reply)
	add(Empty, filled < substance)
	if filled >= substance { // an empty one gives no grounds either
		add(Grounds, !groundsForm().MatchString(plain))
		add(Next, !nextForm().MatchString(plain))
		add(Short, letters < shortest)
	}
	add(Long, letters > longest)
	for _, p := range text.Find(reply) {
		if p.Kind == text.Plate {
			out = append(out, Finding{Code: Plate, Found: p.Mask})
		}
	}
	wrong := language(reply, reader)
	add(Language, wrong)
	add(Script, !wrong && script(reply, reader))
	return out
}

// Must finds what has to be mended before a reply is sent.
func Must(reply string) []Finding {
	var out []Finding
	for _, gap := range Gaps(reply) {
		out = append(out, Finding{Code: Gap, Found: gap})
	}
	for _, p := range text.Find(reply) {
		if private(p, reply[p.From:p.To]) {
			out = append(out, Finding{Code: Personal, Found: p.Mask})
		}
	}
	return out
}

// Gaps lists the places that are left to fill.
func Gaps(reply string) []string {
	var out []string
	for _, found := range append(brackets().FindAllString(reply, -1), blank().FindAllString(reply, -1)...) {
		if !year.MatchString(found) && !slices.Contains(out, found) {
			out = append(out, found)
		}
	}
	return out
}

// bareHK is how a Hong Kong identity card's number looks without the brackets
// that people write around its last character. Names of readers ("UU0081519")
// look the same, and one in eleven has the right last character.
var bareHK = regexp.MustCompile(`^[A-Za-z]{1,2}[0-9]{6}[0-9Aa]$`)

// private leaves out numbers that an office gives itself: desks have fixed lines.
// It refuses a reply, so it leaves out too what is a number of a person only by chance.
func private(p text.Personal, written string) bool {
	switch p.Kind {
	case text.Identity:
		return !bareHK.MatchString(written)
	case text.Bank:
		return strings.Trim(written, "0 -") != ""
	case text.Phone:
		for _, region := range []string{"CN", "TW"} {
			if phone, err := idcode.ParsePhone(written, region); err == nil && phone.Mobile {
				return true
			}
		}
	}
	return false
}

// letter tells what is read from marks and spaces. A Latin word is worth about
// three Chinese characters in its letters, so two of five letters count.
func countLetters(s string) int {
	chinese, latin := 0, 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			chinese++
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			latin++
		}
	}
	return chinese + latin*2/5
}

// said counts the letters of the sentences that are no set phrases.
func said(reply string) int {
	n := 0
	for _, sentence := range ends.Split(reply, -1) {
		plain := text.Normalise(sentence)
		if n += countLetters(politeForm().ReplaceAllString(plain, " ")); n > longest {
			break
		}
	}
	return n
}

// language says that a reply is written in another language than its reader's.
func language(reply string, reader i18n.Lang) bool {
	chinese, other := 0, 0
	for _, r := range reply {
		switch {
		case unicode.Is(unicode.Han, r):
			chinese++
		case unicode.IsLetter(r):
			other++
		}
	}
	if chinese+other < 10 {
		return false
	}
	if reader == i18n.En {
		return chinese*4 > other // a Chinese character is about as long as four letters
	}
	return other > chinese*4
}

// script says that most characters that differ between the scripts are the other
// script's. A quoted title or name alone does not tip it.
func script(reply string, reader i18n.Lang) bool {
	if !reader.Chinese() {
		return false
	}
	full, plain := 0, 0
	for _, r := range reply {
		switch {
		case r < utf8.RuneSelf:
		case strings.ContainsRune(traditional, r):
			full++
		case strings.ContainsRune(simplified, r):
			plain++
		}
	}
	if reader == i18n.ZhHant {
		return plain >= 3 && plain > full
	}
	return full >= 3 && full > plain
}
