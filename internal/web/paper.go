package web

import (
	"time"

	"minqing/internal/calendar"
	"minqing/internal/document"
	"minqing/internal/i18n"
)

// Paper is what a page says as a document to keep: a PDF in the reader's language.
type Paper struct {
	*document.PDF
	Format i18n.Format

	words *i18n.Bundle
}

// Paper begins the document of a page. Its number stands on every page, with when it
// was printed.
func (k *Kit) Paper(p *Page, number string) (*Paper, error) {
	w := &Paper{Format: k.Format(p.Lang), words: k.o.Bundle}
	now, title := k.o.Now(), w.Say(p.Title)
	var err error
	w.PDF, err = document.New(document.About{Title: number + " " + title, Lang: p.Lang, Head: number + " · " + title, Maker: "Minqing", At: now, Lasting: true,
		Foot: w.Key("receipt.foot", "No", number, "At", w.Format.DateTime(now))})
	return w, err
}

// Say writes words in the language of the reader.
func (w *Paper) Say(words Words) string { return words.In(w.words, w.Format.Lang) }

// Key writes a message in the language of the reader.
func (w *Paper) Key(key string, pairs ...any) string { return w.Say(Say(key, pairs...)) }

// Fact is a pair whose value may have several lines.
func (w *Paper) Fact(key, value string) document.Pair {
	return document.Pair{Key: w.Key(key), Value: value}
}

// Day writes a day of the law, which no time zone moves.
func (w *Paper) Day(d calendar.Date) string {
	f := w.Format
	f.Zone = time.UTC
	return f.Date(d.UTC())
}
