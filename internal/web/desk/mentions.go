package desk

import (
	"strings"

	"minqing/internal/cases"
	"minqing/internal/web"
)

// mentions are whom a note named, and how many names meant nobody; of a reply,
// that it was sent against advice.
func (t teller) mentions(f cases.Facts) []web.Chip {
	var chips []web.Chip
	if f.Mentioned != "" {
		for _, id := range strings.Split(f.Mentioned, ",") {
			chips = append(chips, web.Chip{Icon: "user-circle", Words: web.Say("desk.chip.mentioned", "Name", t.known[id])})
		}
	}
	if f.Unnamed > 0 {
		chips = append(chips, web.Chip{Tone: web.ToneDue, Words: web.Say("desk.chip.unnamed", "Count", f.Unnamed)})
	}
	if f.Advice != "" {
		chips = append(chips, web.Chip{Icon: "info-circle", Words: web.Say("desk.chip.advice")})
	}
	return chips
}
