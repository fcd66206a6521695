package cases

import (
	"context"

	"minqing/internal/fault"
	"minqing/internal/text"
)

// Notice is a step of a track that the applicant is told of in writing: the status
// and the clock stay. The package of the track, which alone does it, keeps the rest.
type Notice struct {
	Act  Action
	Text string // what the applicant reads
	Note string // stays inside
}

// Action names the act.
func (n Notice) Action() Action { return n.Act }

// Validate checks the texts.
func (n Notice) Validate() error {
	var c fault.Check
	checkText(&c, "text", n.Text)
	checkNote(&c, n.Note, false)
	return c.Err()
}

func (n Notice) apply(ctx context.Context, ch *change) error {
	ch.text, ch.tell = text.Lines(n.Note), true
	ch.contacted()
	return ch.say(ctx, "out", "message", n.Text, true)
}

// Stated is what somebody outside says in a track who is not the applicant: these hear
// that it came, and what it says stays inside.
type Stated struct {
	Act   Action
	Text  string // what the applicant reads
	Words string // of who states their case
}

// Action names the act.
func (n Stated) Action() Action { return n.Act }

// Validate checks the texts.
func (n Stated) Validate() error { return Notice{n.Act, n.Text, n.Words}.Validate() }

func (n Stated) apply(ctx context.Context, ch *change) error {
	ch.text, ch.tell = text.Lines(n.Words), true
	return ch.say(ctx, "out", "message", n.Text, true)
}

// Said is a message that a track writes for the applicant, who asked for something on
// its pages.
func Said(text string) Command { return message{text: text} }
