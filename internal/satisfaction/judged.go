package satisfaction

import (
	"slices"

	"minqing/internal/cases"
)

// Unjudged are those of the cases whose newest conclusion nobody has judged
// yet, or that wait to be judged again, in their order.
func Unjudged(list []cases.Case) []cases.Case {
	return slices.DeleteFunc(slices.Clone(list), func(c cases.Case) bool {
		return c.Judging() == 0 || c.Status != cases.Concluded && c.Status != cases.Transferred && c.Status != cases.Merged
	})
}
