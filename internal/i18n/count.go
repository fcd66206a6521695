package i18n

import "sync/atomic"

// countsKept is how many numbers have arguments that are made once: days left, ages and
// the like, of which a list has one or two a row.
const countsKept = 400

var counts [countsKept]atomic.Pointer[Args]

// Count is the arguments of a message that takes nothing but Count. Others have the
// same: do not write to them.
func Count(n int) Args {
	if n < 0 || n >= countsKept {
		return Args{"Count": n}
	}
	if kept := counts[n].Load(); kept != nil {
		return *kept
	}
	made := Args{"Count": n}
	counts[n].Store(&made)
	return made
}
