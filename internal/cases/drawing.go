package cases

import (
	"fmt"
	"strings"
)

// Drawing is the state machine as a page for docs/: a Mermaid diagram and the
// table behind it.
func Drawing() string {
	var b strings.Builder
	b.WriteString("# The life of a case\n\nDrawn by `minqing states` from the tables in `internal/cases/states.go` and `tracks.go`.\n\n")
	draw(&b, Machine)
	b.WriteString("\n## The permit track\n\nAcceptance, its refusal, the correction notice, the draft of the decision and the decision are done on the permit page of the case.\n\n")
	draw(&b, PermitMachine)
	return b.String()
}

func draw(b *strings.Builder, list []Transition) {
	b.WriteString("```mermaid\nstateDiagram-v2\n    [*] --> submitted: file\n")
	met := map[Status]bool{}
	for _, t := range list {
		for _, to := range t.targets() {
			for _, from := range t.From {
				if from != to && (t.Action != ActAppeal || from == Archived) {
					met[to] = true
					fmt.Fprintf(b, "    %s --> %s: %s\n", from, to, t.Action)
				}
			}
		}
	}
	for _, s := range Statuses {
		if s.Ended() && met[s] {
			fmt.Fprintf(b, "    %s --> [*]\n", s)
		}
	}
	b.WriteString("```\n\n| Action | From | To | Verb | Seen by the citizen | |\n|---|---|---|---|---|---|\n")
	for _, t := range list {
		from := make([]string, len(t.From))
		for i, s := range t.From {
			from[i] = string(s)
		}
		to, verb, seen := string(t.To), string(t.Verb), "no"
		if to == "" {
			to = "–"
		}
		if verb == "" {
			verb = "the citizen's own"
		}
		if t.Public {
			seen = "yes"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", t.Action, strings.Join(from, ", "), to, verb, seen, t.Why)
	}
}

// targets are the statuses that an action may lead to.
func (t *Transition) targets() []Status {
	switch {
	case t.Action == ActReviewReply:
		return []Status{Reviewed, Handling}
	case t.Action == ActAppeal:
		return []Status{Concluded}
	case t.Action == ActReopen:
		return []Status{Handling, Submitted}
	case t.Action == ActDecideAppeal:
		return []Status{Handling, Submitted}
	case t.Action == ActUnmerge:
		return mergeable
	case t.To != "":
		return []Status{t.To}
	}
	return nil
}
