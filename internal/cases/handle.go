package cases

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"minqing/internal/actor"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/fault"
	"minqing/internal/text"
)

// TextMost is the longest reply, question or explanation, in characters.
const TextMost = 5000

func contains(list []string, s string) bool { return slices.Contains(list, s) }

func checkText(c *fault.Check, field, typed string) {
	c.That(text.Lines(typed) != "", field, "case.text.required")
	checkLength(c, field, typed)
}

func checkNote(c *fault.Check, typed string, required bool) {
	c.That(!required || text.Lines(typed) != "", "note", "case.text.required")
	checkLength(c, "note", typed)
}

func checkLength(c *fault.Check, field, typed string) {
	c.That(utf8.RuneCountInString(typed) <= TextMost, field, "case.text.long", "Max", TextMost)
	c.That(utf8.ValidString(typed) && !strings.ContainsRune(typed, 0), field, "fault.text.invalid")
}

// Assign gives the case to a handler of the unit; without one, to oneself.
type Assign struct {
	HandlerID string // account id
}

// Action names the act.
func (Assign) Action() Action { return ActAssign }

// Validate has nothing to check before the unit is known.
func (Assign) Validate() error { return nil }

func (a Assign) apply(ctx context.Context, ch *change) error {
	handler := a.HandlerID
	if handler == "" {
		handler = actor.From(ctx).AccountID
	}
	unit, err := ch.snap.Unit(ch.c.UnitID)
	if err != nil {
		return err
	}
	ok, err := ch.s.Access.Handles(ctx, handler, ch.c.pathAt(unit))
	if err != nil {
		return err
	}
	named, err := ch.s.named(ctx, ch.c.ID)
	if err != nil {
		return err
	}
	if !ok || contains(named, handler) { // who is complained about is as good as not there
		return fault.InvalidInput(fault.Field{Name: "handler_id", Key: "case.handler.unknown"})
	}
	if ch.c.SignedInAt == nil {
		ch.c.SignedInAt = &ch.now
	}
	before := ""
	if ch.c.HandlerID != nil {
		before = *ch.c.HandlerID
	}
	ch.c.HandlerID = &handler
	ch.data["handler_id"] = handler
	ch.note("handler", before, handler)
	if handler != before && handler != actor.From(ctx).AccountID {
		ch.hear(HearAssigned)
	}
	return nil
}

func without(names []string, a Action) []string {
	return slices.DeleteFunc(names, func(n string) bool { return n == string(a) })
}

// needsReview says whether a second pair of eyes sees the reply: where the matter
// wants it, and always before a permit is decided.
func needsReview(m *catalogue.Matter) bool {
	return m != nil && (m.ReplyReview || m.Track == catalogue.TrackPermit)
}

// ReviewReply approves the reply, which is then published, or sends it back.
type ReviewReply struct {
	Approve bool
	Note    string
}

// Action names the act.
func (ReviewReply) Action() Action { return ActReviewReply }

// Validate checks what was typed: who sends back says why.
func (r ReviewReply) Validate() error {
	var c fault.Check
	checkNote(&c, r.Note, !r.Approve)
	return c.Err()
}

func (r ReviewReply) apply(ctx context.Context, ch *change) error {
	if !needsReview(ch.matter) {
		return fault.New(fault.Conflict, "case.review.not_needed").With("Possible", without(ch.was.nowNames(), ActReviewReply))
	}
	ch.text, ch.data["approved"] = r.Note, r.Approve
	if !r.Approve {
		ch.to, ch.c.RepliedAt = Handling, nil
		return nil
	}
	ch.to, ch.public, ch.tell = Reviewed, true, true
	ch.text = ""
	ch.contacted()
	if r.Note != "" {
		ch.data["note"] = true
	}
	return ch.s.publishReply(ctx, ch.c.ID)
}

// publishReply shows the newest reply, which waited for its review.
func (s *Service) publishReply(ctx context.Context, caseID string) error {
	return s.DB.From(ctx).Exec(`UPDATE case_messages SET published = ? WHERE id =
 (SELECT id FROM case_messages WHERE case_id = ? AND kind = 'reply' ORDER BY id DESC LIMIT 1)`, true, caseID).Error
}

// Conclude ends the handling with an outcome; the person is asked to judge it.
type Conclude struct {
	Outcome Outcome
	Note    string
}

// Action names the act.
func (Conclude) Action() Action { return ActConclude }

// Validate checks what was typed.
func (o Conclude) Validate() error {
	var c fault.Check
	c.That(slices.Contains(Outcomes, o.Outcome), "outcome", "case.outcome.required")
	checkNote(&c, o.Note, false)
	return c.Err()
}

func (o Conclude) apply(_ context.Context, ch *change) error {
	if ch.from == Replied && needsReview(ch.matter) {
		return fault.New(fault.Conflict, "case.review.first").With("Possible", without(ch.was.nowNames(), ActConclude))
	}
	o.end(ch)
	return nil
}

// end writes the outcome.
func (o Conclude) end(ch *change) {
	ch.c.ConcludedAt, ch.c.ConcludedOn = &ch.now, &ch.today
	ch.c.Outcome = o.Outcome
	ch.c.ConclusionNo++
	ch.c.unjudged()
	ch.text, ch.tell = o.Note, true
	ch.data["outcome"] = o.Outcome
	ch.note("outcome", "", string(o.Outcome))
}

// Rework opens a replied or concluded case again. What was concluded does not
// count any more; the citizen's clock is the same as before.
type Rework struct {
	Reason string
}

// Action names the act.
func (Rework) Action() Action { return ActRework }

// Validate checks what was typed.
func (r Rework) Validate() error {
	var c fault.Check
	checkText(&c, "reason", r.Reason)
	return c.Err()
}

func (r Rework) apply(_ context.Context, ch *change) error {
	ch.again()
	ch.settleAppeal() // granted: the case waits in one queue again
	ch.text, ch.tell = r.Reason, ch.from == Concluded
	ch.public = ch.from == Concluded
	return nil
}

// Note adds an internal remark to the story: with Contacted, of a talk with the
// person by telephone or face to face, which keeps the response limit.
type Note struct {
	Text      string
	Contacted bool
	Callback  bool // the text is when the person wishes to be called
}

// Action names the act.
func (Note) Action() Action { return ActNote }

// Validate checks what was typed.
func (n Note) Validate() error {
	var c fault.Check
	checkText(&c, "text", n.Text)
	return c.Err()
}

func (n Note) apply(ctx context.Context, ch *change) error {
	ch.text = n.Text
	if err := ch.mention(ctx, n.Text); err != nil {
		return err
	}
	if n.Contacted {
		ch.contacted()
		ch.data["contacted"] = true
	}
	if n.Callback {
		ch.data["callback"] = true
	}
	return nil
}

// reclassify sets the matter and starts its clock anew from where it began. A due
// time that came with the case from another system stays as it was.
func (ch *change) reclassify(ctx context.Context, m *catalogue.Matter) error {
	before := ""
	if ch.matter != nil {
		before = ch.matter.Code
	}
	ch.c.MatterID, ch.c.MatterVersion, ch.matter = &m.ID, m.Version, m
	ch.data["matter"] = m.Code
	ch.note("matter", before, m.Code)
	if ch.c.DueFixed {
		return nil
	}
	unit, err := ch.c.promised(ch.snap)
	if err != nil {
		return err
	}
	was, err := ch.s.conclusion(ctx, ch.c)
	if err != nil {
		return err
	}
	st, err := ch.s.Clocks.Start(ch.snap, unit, m, ch.c.Urgent || m.Urgent, was.StartedAt)
	if err != nil {
		return err
	}
	ch.c.HandlingLimit, ch.c.DueAt, ch.c.DueOn, ch.c.DueProvisional = st.Limit, &st.Due.Due, &st.Due.On, st.Due.Provisional
	ch.c.CalendarVersion = st.Due.CalendarVersion
	ch.note("due", "", st.Due.Due.Format("2006-01-02T15:04:05Z"))
	ch.clock = &clocks.Clock{CaseID: ch.c.ID, Kind: clocks.Conclusion, No: was.No, TimeLimit: st.Limit, CalendarVersion: st.Due.CalendarVersion,
		StartedAt: was.StartedAt, DueAt: &st.Due.Due, State: clocks.Running}
	return ch.s.earliestAgain(ctx, ch)
}
