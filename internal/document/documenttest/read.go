// Package documenttest reads the documents that the program writes, for tests:
// the text of each page, as a reader's program would search and copy it.
package documenttest

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

var (
	places   = regexp.MustCompile(`(\d{10}) 00000 n \n`)
	start    = regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`)
	kids     = regexp.MustCompile(`/Kids\[([^\]]*)\]`)
	contents = regexp.MustCompile(`/Contents\[([^\]]*)\]`)
	numbers  = regexp.MustCompile(`(\d+) 0 R`)
	fontKeys = regexp.MustCompile(`/(F\d+) (\d+) 0 R`)
	unicodes = regexp.MustCompile(`/ToUnicode (\d+) 0 R`)
	pairs    = regexp.MustCompile(`(?m)^<([0-9A-F]{4})><([0-9A-F]+)>$`)
	shown    = regexp.MustCompile(`/(F\d+) \S+ Tf|<([0-9A-F]*)>Tj|/Span<</ActualText<FEFF([0-9A-F]+)>>>BDC|(EMC)|(ET)`)
)

type reader struct {
	t       testing.TB
	objects map[string]string
	fonts   map[string]map[string]string // characters by glyph, by font
}

// Pages gives the text of each page, a line for every stretch that was drawn.
func Pages(t testing.TB, pdf []byte) (pages []string) {
	t.Helper()
	require.True(t, bytes.HasPrefix(pdf, []byte("%PDF-1.7\n")), "no PDF")
	require.True(t, bytes.HasSuffix(pdf, []byte("%%EOF\n")), "it ends early")
	r := &reader{t: t, objects: map[string]string{}, fonts: map[string]map[string]string{}}
	at, err := strconv.Atoi(string(start.FindSubmatch(pdf)[1]))
	require.NoError(t, err)
	for i, m := range places.FindAllStringSubmatch(string(pdf[at:]), -1) {
		at, err := strconv.Atoi(m[1])
		require.NoError(t, err)
		body, ok := strings.CutPrefix(string(pdf[at:]), strconv.Itoa(i+1)+" 0 obj\n")
		require.True(t, ok, "object %d is elsewhere", i+1)
		r.objects[strconv.Itoa(i+1)] = body[:length(t, body)]
	}
	for _, o := range r.objects {
		for _, m := range fontKeys.FindAllStringSubmatch(o, -1) {
			r.font(m[1], m[2])
		}
	}
	for _, o := range r.objects {
		m := kids.FindStringSubmatch(o)
		if m == nil {
			continue
		}
		for _, kid := range numbers.FindAllStringSubmatch(m[1], -1) {
			pages = append(pages, r.page(r.objects[kid[1]]))
		}
	}
	require.NotEmpty(t, pages)
	return pages
}

// length is how long an object is; a stream says it itself.
func length(t testing.TB, body string) int {
	head, data, isStream := strings.Cut(body[:strings.Index(body, "\nendobj\n")], "\nstream\n")
	if !isStream {
		return len(head)
	}
	n, err := strconv.Atoi(regexp.MustCompile(`^<</Length (\d+)`).FindStringSubmatch(head)[1])
	require.NoError(t, err)
	require.LessOrEqual(t, len(data), n+len("\nendstream"))
	return len(head) + len("\nstream\n") + n + len("\nendstream")
}

// Text is all that stands in a document, without breaks: lines end where they
// have to, also within a word.
func Text(t testing.TB, pdf []byte) string {
	t.Helper()
	return strings.ReplaceAll(strings.Join(Pages(t, pdf), "\n"), "\n", "")
}

func (r *reader) font(key, id string) {
	to := unicodes.FindStringSubmatch(r.objects[id])
	require.NotNil(r.t, to, "font %s cannot be searched", key)
	chars := map[string]string{}
	for _, m := range pairs.FindAllStringSubmatch(r.stream(to[1]), -1) {
		chars[m[1]] = r.utf16(m[2])
	}
	r.fonts[key] = chars
}

func (r *reader) utf16(digits string) string {
	raw, err := hex.DecodeString(digits)
	require.NoError(r.t, err)
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	return string(utf16.Decode(units))
}

// stream is the data of an object; its length is the one that it says.
func (r *reader) stream(id string) string {
	head, data, ok := strings.Cut(r.objects[id], "\nstream\n")
	require.True(r.t, ok, "object %s has no stream", id)
	length, err := strconv.Atoi(regexp.MustCompile(`/Length (\d+)`).FindStringSubmatch(head)[1])
	require.NoError(r.t, err)
	require.Equal(r.t, "\nendstream", data[length:])
	z, err := zlib.NewReader(strings.NewReader(data[:length]))
	require.NoError(r.t, err)
	plain, err := io.ReadAll(z)
	require.NoError(r.t, err)
	return string(plain)
}

func (r *reader) page(o string) string {
	var out strings.Builder
	for _, id := range numbers.FindAllStringSubmatch(contents.FindStringSubmatch(o)[1], -1) {
		var chars map[string]string
		instead := false
		for _, m := range shown.FindAllStringSubmatch(r.stream(id[1]), -1) {
			switch {
			case m[1] != "":
				chars = r.fonts[m[1]]
			case m[3] != "":
				out.WriteString(r.utf16(m[3]))
				instead = true
			case m[4] != "":
				instead = false
			case m[5] != "":
				out.WriteByte('\n')
			case !instead:
				for i := 0; i+4 <= len(m[2]); i += 4 {
					c, ok := chars[m[2][i:i+4]]
					require.True(r.t, ok, "glyph %s stands for nothing", m[2][i:i+4])
					out.WriteString(c)
				}
			}
		}
	}
	return out.String()
}
