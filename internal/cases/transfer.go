package cases

import (
	"context"

	"minqing/internal/fault"
	"minqing/internal/text"
)

// TransferBodies are who decides on what the government's units may not: courts,
// discipline inspection, petition offices and others with a procedure of their
// own, and other cities (Beijing 2021, Weifang 2021, 国办函〔2025〕66号).
var TransferBodies = []string{"court", "reconsideration", "arbitration", "discipline", "petition", "disclosure", "other_city", "other"}

// transferNameMost is the longest name of a body, in characters.
const transferNameMost = 200

// Transfer hands a case to a body outside, which goes on with it. Here it is over;
// the person reads why, and who has it now.
type Transfer struct {
	Body   string
	Name   string // of the body
	Reason string // stays inside
	Notice string // to the person
}

// Action names the act.
func (Transfer) Action() Action { return ActTransfer }

// Validate checks what was typed.
func (a Transfer) Validate() error {
	var c fault.Check
	c.That(contains(TransferBodies, a.Body), "body", "case.transfer.body.required")
	name := []rune(text.Line(a.Name))
	c.That(len(name) > 0, "name", "case.transfer.name.required")
	c.That(len(name) <= transferNameMost, "name", "case.text.long", "Max", transferNameMost)
	checkLength(&c, "name", a.Name)
	checkText(&c, "reason", a.Reason)
	checkText(&c, "text", a.Notice)
	return c.Err()
}

func (a Transfer) apply(ctx context.Context, ch *change) error {
	c := ch.c
	c.ConclusionNo++ // how it was dealt with here can be judged
	c.unjudged()
	ch.text = text.Line(a.Name) + "\n\n" + a.Reason
	ch.data["reason"], ch.reason, ch.tell = a.Body, a.Body, true
	ch.note("transferred", "", a.Body)
	ch.contacted()
	return ch.say(ctx, "out", "reply", a.Notice, true)
}
