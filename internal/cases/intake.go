package cases

import (
	"context"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/fault"
)

// Accept takes a case in; the matter may be set or corrected on the way.
type Accept struct {
	MatterCode string
	Note       string

	// Of the permit track: from when the application counts as accepted, and how
	// long the decision may take from then. Zero: now, and as it was.
	Began time.Time
	Limit calendar.Limit
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
	if ch.c.Track == catalogue.TrackPermit {
		return ch.admit(ctx, a)
	}
	return nil
}

// admit starts the limit of the decision from the acceptance (行政許可法 art. 42).
// The unit that decides has the application already.
func (ch *change) admit(ctx context.Context, a Accept) error {
	c, began := ch.c, ch.now
	if !a.Began.IsZero() && a.Began.Before(began) {
		began = a.Began.UTC()
	}
	c.AcceptedAt, c.SignedInAt = &began, &ch.now
	ch.contacted()
	if a.Limit.IsZero() || c.DueFixed {
		return nil
	}
	was, err := ch.s.conclusion(ctx, c)
	if err != nil {
		return err
	}
	cal, err := ch.s.counting(ch.snap, c)
	if err != nil {
		return err
	}
	due := cal.DueFast(began, a.Limit, nil)
	c.HandlingLimit = a.Limit
	c.dueIs(due)
	ch.note("due", "", stamp(due.Due))
	ch.clock = &clocks.Clock{CaseID: c.ID, Kind: clocks.Conclusion, No: was.No, TimeLimit: a.Limit, CalendarVersion: due.CalendarVersion,
		StartedAt: began, DueAt: &due.Due, State: clocks.Running}
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

// NoPermitNeeded is the ground of the permit track alone (行政許可法 art. 32 (1)).
const NoPermitNeeded = "no_permit_needed"

// NotCorrected is another, of the permit track and of what awaits a correction: what a
// notice asked for did not come by its last day.
const NotCorrected = "not_corrected"

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
	c.That(contains(NotAcceptReasons, n.Reason) || n.Reason == NoPermitNeeded || n.Reason == NotCorrected, "reason", "case.reason.required")
	checkText(&c, "explanation", n.Explanation)
	return c.Err()
}

func (n NotAccept) apply(ctx context.Context, ch *change) error {
	if n.Reason == NotCorrected && ch.c.Track != catalogue.TrackPermit && !ch.c.AwaitsCorrection() {
		return fault.InvalidInput(fault.Field{Name: "reason", Key: "case.reason.required"})
	}
	ch.data["reason"] = n.Reason
	ch.reason, ch.text, ch.tell = n.Reason, n.Explanation, true
	ch.c.ResumeStatus = ""
	ch.c.ConclusionNo++
	ch.c.unjudged()
	ch.contacted()
	return ch.say(ctx, "out", "reply", n.Explanation, true)
}

// RequestInfo asks the person for something that is missing, once and wholly. Where the
// matter says so, the limit begins anew with what comes.
type RequestInfo struct {
	Question string
	Stops    bool // of the permit track: the clock stands still until the correction (行政程序法 art. 51)
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
	if err := ch.awaitCorrection(ctx, r.Stops && ch.c.Track == catalogue.TrackPermit); err != nil {
		return err
	}
	return ch.say(ctx, "out", "request", r.Question, true)
}
