package cases

import (
	"slices"

	"minqing/internal/access"
	"minqing/internal/catalogue"
)

// permitDiffers are the steps of the permit track that differ from the machine of
// the hotline (行政許可法 art. 32, 34, 38, 42): the unit that decides takes the
// application in itself, so that acceptance is its sign-in. Nothing is sent back
// between units, merged, split or reworked once it is decided: reconsideration and
// suit lead on from there.
var permitDiffers = []Transition{
	{Action: ActAccept, From: []Status{Submitted}, To: SignedIn, Verb: access.PermitReview, Public: true, Why: "with a dated receipt; by the program when nobody spoke within the limit"},
	{Action: ActNotAccept, From: []Status{Submitted, NeedInfo}, To: NotAccepted, Verb: access.PermitReview, Public: true, Why: "with reasons, and the body that is the right one"},
	{Action: ActRequestInfo, From: []Status{Submitted, SignedIn, Handling}, To: NeedInfo, Verb: access.PermitReview, Public: true, Why: "the correction notice, once and complete"},
	{Action: ActReply, From: []Status{Handling, NeedInfo}, To: Replied, Verb: access.CaseReply, Public: true, Why: "the draft of the decision; of what waits for a correction, once that is overdue"},
	{Action: ActAddJoint, From: []Status{SignedIn, Handling, NeedInfo}, Verb: access.CaseAddJoint, Why: "the status stays; the opinion of another unit, once it is accepted"},
	{Action: ActSuspend, From: []Status{SignedIn, Handling, NeedInfo}, Verb: access.CaseSuspend, Public: true, Why: "the status stays; the clock stands still and there is no due time; once it is accepted"},
	{Action: ActResume, From: []Status{SignedIn, Handling, NeedInfo}, Verb: access.CaseResume, Public: true, Why: "the status stays; what remained of the limit counts on"},
	{Action: ActRework, From: []Status{Replied, Reviewed}, To: Handling, Verb: access.CaseRework, Why: "the draft of the decision is written anew"},
	{Action: ActMessage, From: open, Public: true, Why: "corrected papers go back to where they were asked for; else the status stays"},
}

// permitAdds are the acts that the permit track alone knows (行政許可法 art. 34). While
// the applicant corrects something, the rest of the review goes on.
var permitAdds = []Transition{
	{Action: ActAppoint, From: []Status{SignedIn, Handling, NeedInfo}, Verb: access.PermitInspect, Public: true, Why: "the status stays; the applicant is told when two officials come"},
	{Action: ActInspect, From: []Status{SignedIn, Handling, NeedInfo}, Verb: access.PermitInspect, Public: true, Why: "the status stays; what was found on site"},
	{Action: ActHearing, From: []Status{SignedIn, Handling, NeedInfo}, Verb: access.PermitHear, Public: true, Why: "the status stays; the right to a hearing, its announcement, its record"},
	{Action: ActAmend, From: []Status{Submitted}, Verb: access.PermitReview, Public: true, Why: "the status stays; small mistakes in the answers, corrected with the applicant's consent"},
	{Action: ActInterested, From: []Status{SignedIn, Handling, NeedInfo}, Verb: access.PermitHear, Public: true, Why: "the status stays; somebody whose interests it concerns is told, or states their case"},
}

// permitLacks are the acts that the permit track does not know.
var permitLacks = []Action{ActDispatch, ActReturn, ActDecideObjection, ActRuleObjection, ActSplit, ActRecallPart, ActMerge, ActUnmerge,
	ActAppeal, ActDecideAppeal, ActReopen, ActTransfer}

// PermitMachine is the state machine of the permit track, in the order of Machine.
var PermitMachine = func() []Transition {
	var list []Transition
	for _, t := range Machine {
		if slices.Contains(permitLacks, t.Action) {
			continue
		}
		if i := slices.IndexFunc(permitDiffers, func(d Transition) bool { return d.Action == t.Action }); i >= 0 {
			t = permitDiffers[i]
		}
		list = append(list, t)
	}
	return append(list, permitAdds...)
}()

// reviewing are the acts of the permit track that examine what was accepted. A correction
// may be asked for before and after the acceptance, and before it there is nothing to
// review but whether the papers are complete.
var reviewing = []Action{ActAddJoint, ActSuspend, ActResume, ActReply, ActAppoint, ActInspect, ActHearing, ActInterested}

// early says that an act of the review comes before the acceptance.
func (c *Case) early(a Action) bool {
	return c.Track == catalogue.TrackPermit && c.AcceptedAt == nil && slices.Contains(reviewing, a)
}

// MachineOf is the state machine of a track.
func MachineOf(track string) []Transition {
	if track == catalogue.TrackPermit {
		return PermitMachine
	}
	return Machine
}

var byPermitAction = indexed(PermitMachine)

// nowhere is the step of an act that a track does not know.
func nowhere(a Action) *Transition { return &Transition{Action: a} }

// step is the row of the case's track for an act; where the track does not know
// it, one that is possible from no status.
func (c *Case) step(a Action) *Transition {
	steps := byAction
	if c.Track == catalogue.TrackPermit {
		steps = byPermitAction
	}
	if t := steps[a]; t != nil {
		return t
	}
	return nowhere(a)
}

// possibleIn lists the staff actions that a status of a track allows.
func possibleIn(track string, s Status) []Action {
	var out []Action
	list := MachineOf(track)
	for i := range list {
		if t := &list[i]; t.Verb != "" && t.Allows(s) {
			out = append(out, t.Action)
		}
	}
	return out
}
