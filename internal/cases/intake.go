package cases

import (
	"context"

	"minqing/internal/catalogue"
	"minqing/internal/fault"
)

// Accept takes a case in; the matter may be set or corrected on the way.
type Accept struct {
	MatterCode string
	Note       string
}

// Action names the act.
func (Accept) Action() Action { return ActAccept }

// Validate checks what was typed.
func (a Accept) Validate() error {
	var c fault.Check
	checkNote(&c, a.Note, false)
	return c.Err()
}

func (a Accept) apply(ctx context.Context, ch *change) error {
	if a.MatterCode != "" {
		m, err := ch.snap.MatterOn(a.MatterCode, ch.today)
		if err != nil {
			return fault.InvalidInput(fault.Field{Name: "matter_code", Key: "case.matter.unknown"})
		}
		if !m.Allows(string(ch.c.Kind)) {
			return fault.InvalidInput(fault.Field{Name: "matter_code", Key: "case.kind.not_here"})
		}
		if ch.c.MatterID != nil && mixed(ch.c.Track, m.Track) {
			return fault.InvalidInput(fault.Field{Name: "matter_code", Key: "case.matter.track"})
		}
		if ch.c.MatterID == nil || *ch.c.MatterID != m.ID {
			ch.c.Track = m.Track
			if err := ch.reclassify(ctx, m); err != nil {
				return err
			}
		}
	}
	ch.c.AcceptedAt = &ch.now
	ch.text, ch.tell = a.Note, true
	return nil
}

// mixed says that of two tracks one is that of petitions, which has limits in
// calendar days and a law of its own (信访工作条例): a case stays on its side.
func mixed(one, other string) bool {
	return one != other && (one == catalogue.TrackPetition || other == catalogue.TrackPetition)
}

// NotAcceptReasons are the grounds for not accepting, each with the channel
// that is the right one (Beijing 2021, Weifang 2021, 国办函〔2025〕66号).
var NotAcceptReasons = []string{"litigation", "reconsideration", "discipline", "disclosure", "petition", "secret", "unlawful", "concluded_before", "not_ours", "not_concrete"}

// NotAccept declines a case with the ground and the right channel.
type NotAccept struct {
	Reason      string
	Explanation string
}

// Action names the act.
func (NotAccept) Action() Action { return ActNotAccept }

// Validate checks what was typed.
func (n NotAccept) Validate() error {
	var c fault.Check
	c.That(contains(NotAcceptReasons, n.Reason), "reason", "case.reason.required")
	checkText(&c, "explanation", n.Explanation)
	return c.Err()
}

func (n NotAccept) apply(ctx context.Context, ch *change) error {
	ch.data["reason"] = n.Reason
	ch.reason, ch.text, ch.tell = n.Reason, n.Explanation, true
	ch.c.ResumeStatus = ""
	ch.c.ConclusionNo++
	ch.c.unjudged()
	ch.contacted()
	return ch.say(ctx, "out", "reply", n.Explanation, true)
}

// RequestInfo asks the person for something that is missing, once and wholly.
type RequestInfo struct {
	Question string
}

// Action names the act.
func (RequestInfo) Action() Action { return ActRequestInfo }

// Validate checks what was typed.
func (r RequestInfo) Validate() error {
	var c fault.Check
	checkText(&c, "question", r.Question)
	return c.Err()
}

func (r RequestInfo) apply(ctx context.Context, ch *change) error {
	ch.c.ResumeStatus = ch.from
	ch.text, ch.tell = r.Question, true
	ch.contacted()
	return ch.say(ctx, "out", "request", r.Question, true)
}
