package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"minqing/internal/i18n"
)

// Person is someone invented.
type Person struct {
	Name  string
	Phone string // in a range of 10,000 numbers, as people type it
	Email string // under a domain that can never exist

	surname, given trio
}

// named is the name as it is written in a language.
func (p Person) named(lang i18n.Lang) string {
	if lang == i18n.En {
		return p.given[lang] + " " + p.surname[lang]
	}
	return p.surname[lang] + p.given[lang]
}

// Person invents a name as it is written in the language, with ways to reach
// nobody. n makes the address unique.
func (w *Writer) Person(r *rand.Rand, lang i18n.Lang, n int) Person {
	surname, given := pick(r, w.words.Surnames), pick(r, w.words.Given)
	p := Person{Phone: fmt.Sprintf("1990000%04d", r.IntN(10000)), surname: surname, given: given}
	p.Name = p.named(lang)
	latin := func(s string) string {
		return strings.Map(func(c rune) rune {
			if c >= 'a' && c <= 'z' {
				return c
			}
			return -1
		}, strings.ToLower(s))
	}
	p.Email = fmt.Sprintf("%s.%s%d@example.test", latin(given[i18n.En]), latin(surname[i18n.En]), n)
	return p
}
