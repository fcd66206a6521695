package replies

import (
	"strings"
	"unicode"
)

// Change says what became of a stretch of text.
type Change string

// Kept in both versions, gone from the older, new in the newer.
const (
	Kept Change = "kept"
	Gone Change = "gone"
	New  Change = "new"
)

// Stretch is a part of two versions put together.
type Stretch struct {
	Change Change
	Text   string
}

// finest is how many comparisons a difference by characters may take; larger
// texts are compared by clauses.
const finest = 4_000_000

// Diff puts two versions together: what is kept and gone makes the older, what is
// kept and new the newer. Chinese is compared by characters, Latin by words.
func Diff(older, newer string) []Stretch {
	a, b := pieces(older), pieces(newer)
	first, last := 0, 0
	for first < len(a) && first < len(b) && a[first] == b[first] {
		first++
	}
	for last < len(a)-first && last < len(b)-first && a[len(a)-1-last] == b[len(b)-1-last] {
		last++
	}
	var d difference
	d.add(Kept, a[:first]...)
	midA, midB := a[first:len(a)-last], b[first:len(b)-last]
	if len(midA)*len(midB) > finest {
		midA, midB = clauses(midA), clauses(midB)
	}
	if len(midA)*len(midB) > finest {
		d.add(Gone, midA...)
		d.add(New, midB...)
	} else {
		d.between(midA, midB)
	}
	d.add(Kept, a[len(a)-last:]...)
	return d.out
}

type difference struct{ out []Stretch }

func (d *difference) add(c Change, pieces ...string) {
	if len(pieces) == 0 {
		return
	}
	joined := strings.Join(pieces, "")
	if n := len(d.out); n > 0 && d.out[n-1].Change == c {
		d.out[n-1].Text += joined
		return
	}
	d.out = append(d.out, Stretch{c, joined})
}

// between keeps the longest common subsequence of two lists.
func (d *difference) between(a, b []string) {
	width := len(b) + 1
	length := make([]int32, (len(a)+1)*width) // of what is common from here on
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i*width+j] = length[(i+1)*width+j+1] + 1
			} else {
				length[i*width+j] = max(length[(i+1)*width+j], length[i*width+j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			d.add(Kept, a[i])
			i, j = i+1, j+1
		case length[(i+1)*width+j] >= length[i*width+j+1]:
			d.add(Gone, a[i])
			i++
		default:
			d.add(New, b[j])
			j++
		}
	}
	d.add(Gone, a[i:]...)
	d.add(New, b[j:]...)
}

// pieces cuts a text into Latin words and single other characters.
func pieces(s string) []string {
	var out []string
	from, inWord := 0, false
	for i, r := range s {
		word := !unicode.Is(unicode.Han, r) && (unicode.IsLetter(r) || unicode.IsDigit(r))
		if i > 0 && !(word && inWord) {
			out = append(out, s[from:i])
			from = i
		}
		inWord = word
	}
	if from < len(s) {
		out = append(out, s[from:])
	}
	return out
}

// clauses joins pieces up to the mark that ends a clause.
func clauses(pieces []string) []string {
	var out []string
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p)
		if strings.ContainsAny(p, "。，；：！？\n,.;!?") {
			out = append(out, b.String())
			b.Reset()
		}
	}
	if b.Len() > 0 {
		out = append(out, b.String())
	}
	return out
}
