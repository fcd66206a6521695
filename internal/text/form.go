package text

import (
	"regexp"
	"sync"
)

// Form is a regular expression that is compiled when it is first asked for: a long
// one takes milliseconds, for which no start need wait.
func Form(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
