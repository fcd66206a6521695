package files

import (
	"io"
	"net/http"
	"time"
)

// Sign signs a request without a body.
func Sign(r *http.Request, key, secret, region string, at time.Time) {
	signature{key: key, secret: secret, region: region}.sign(r, emptySum, at)
}

// Strip and Sniff let tests look at one picture without a store.
func Strip(w io.Writer, name string, src io.ReaderAt, size int64) error {
	f, err := sniff(name, src, size, nil)
	if err != nil {
		return err
	}
	return f.strip(w, src, size)
}

// Sniff names the media type of a content, or refuses it.
func Sniff(name string, src io.ReaderAt, size int64) (string, error) {
	f, err := sniff(name, src, size, nil)
	if err != nil {
		return "", err
	}
	return f.media, nil
}

// BlankNames copies a part of a Word file, or of the notes of an Excel file.
func BlankNames(w io.Writer, r io.Reader, notes bool) error {
	if notes {
		return blankXML(w, r, noteRule)
	}
	return blankXML(w, r, wordRule)
}

// Tell makes whoever embeds it a teller.
type Tell struct{ Told bool }

func (t *Tell) tell() { t.Told = true }
