package identity

import (
	_ "embed"
	"strings"
)

// leakedList are the most frequent leaked passwords that are long enough to be
// chosen here, as bare writes them, one on a line and sorted: looked through where
// it lies in the program, it takes no memory. Written by scripts/passwords.mjs.
//
//go:embed leaked.txt
var leakedList string

// leaked says whether a bare password stands in the list.
func leaked(word string) bool {
	lo, hi := 0, len(leakedList) // both at the beginning of a line
	for lo < hi {
		mid := lo + (hi-lo)/2
		start := lo + strings.LastIndexByte(leakedList[lo:mid], '\n') + 1
		end := mid + strings.IndexByte(leakedList[mid:], '\n')
		switch c := strings.Compare(word, leakedList[start:end]); {
		case c == 0:
			return true
		case c < 0:
			hi = start
		default:
			lo = end + 1
		}
	}
	return false
}
