package identity

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// freshLeast is how many characters of a password must be neither part of a
// listed word, a run or a keyboard row, nor digits at the ends.
const (
	freshLeast = 5
	runLeast   = 4
	tailMost   = 12 // digits at the ends that count as nothing: a date, a phone number
)

//go:embed passwords.txt
var passwordList string

// listed are the words of passwords.txt, longest first.
var listed = readWords(passwordList)

func readWords(file string) []string {
	var words []string
	for line := range strings.Lines(file) {
		if !strings.HasPrefix(line, "#") {
			words = append(words, strings.Fields(line)...)
		}
	}
	return longestFirst(words)
}

func longestFirst(words []string) []string {
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return slices.Compact(words)
}

// rows are what fingers or minds walk along, in either direction.
var rows = both("1234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp")

func both(rows ...string) []string {
	for _, r := range rows {
		back := []rune(r)
		slices.Reverse(back)
		rows = append(rows, string(back))
	}
	return rows
}

// Two ways to read leet, since a 1 stands for i or l.
var leet = [2]*strings.Replacer{leetWith("i"), leetWith("l")}

func leetWith(one string) *strings.Replacer {
	return strings.NewReplacer("@", "a", "4", "a", "8", "b", "3", "e", "6", "g", "1", one, "!", "i", "|", "l", "0", "o", "$", "s", "5", "s", "7", "t", "2", "z")
}

// common says whether a password is mostly made of what attackers try first:
// words of the list or of own, runs, keyboard rows, digits at the ends, the same
// again and again; or is one that leaked. Case, width, leet and separators make no difference.
func common(password string, own ...string) bool {
	folded := strings.ToLower(norm.NFKC.String(password))
	words := listed
	if len(own) > 0 {
		words = longestFirst(append(own, listed...))
	}
	for _, reading := range []string{folded, leet[0].Replace(folded), leet[1].Replace(folded)} {
		if plain := bare(reading); leaked(plain) || fresh(once(plain), words) < freshLeast {
			return true
		}
	}
	return false
}

// bare leaves letters and digits.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// once gives what a string repeats, or the string itself.
func once(s string) string {
	r := []rune(s)
	for n := 1; n <= len(r)/2; n++ {
		if len(r)%n == 0 && strings.Repeat(string(r[:n]), len(r)/n) == s {
			return string(r[:n])
		}
	}
	return s
}

// fresh counts the characters that nobody would guess from the list.
func fresh(s string, words []string) int {
	const gone = "\x00" // so that what stood apart is not read together
	for _, w := range words {
		s = strings.ReplaceAll(s, w, gone)
	}
	r := []rune(withoutTails(s))
	n := 0
	for i := 0; i < len(r); {
		if run := runAt(r[i:]); run >= runLeast {
			i += run
			continue
		}
		if r[i] != 0 {
			n++
		}
		i++
	}
	return n
}

// withoutTails takes digits from both ends.
func withoutTails(s string) string {
	r, left := []rune(s), tailMost
	for ; left > 0 && len(r) > 0 && (unicode.IsDigit(r[len(r)-1]) || r[len(r)-1] == 0); r = r[:len(r)-1] {
		left--
	}
	for ; left > 0 && len(r) > 0 && (unicode.IsDigit(r[0]) || r[0] == 0); r = r[1:] {
		left--
	}
	return string(r)
}

// runAt is how long the run is with which r begins: the same character, or a
// piece of a row.
func runAt(r []rune) int {
	longest := 1
	for longest < len(r) && r[longest] == r[0] && r[0] != 0 {
		longest++
	}
	for _, row := range rows {
		n := runLeast
		for n <= len(r) && strings.Contains(row, string(r[:n])) {
			n++
		}
		if n > runLeast {
			longest = max(longest, n-1)
		}
	}
	return longest
}
