package cases

import (
	"context"
	"slices"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/fault"
)

// Status is the one main status of a case. Joint handling, returns, reworks and
// appeals are facts beside it.
type Status string

// The statuses (glossary: 收件 … 辦結).
const (
	Submitted   Status = "submitted"
	Accepted    Status = "accepted"
	NotAccepted Status = "not_accepted"
	NeedInfo    Status = "need_info"
	Dispatched  Status = "dispatched"
	SignedIn    Status = "signed_in"
	Handling    Status = "handling"
	Replied     Status = "replied"
	Reviewed    Status = "reviewed"
	Concluded   Status = "concluded"
	Withdrawn   Status = "withdrawn"
)

// Statuses lists them in the order of a case's life.
var Statuses = []Status{Submitted, NeedInfo, Accepted, NotAccepted, Dispatched, SignedIn, Handling, Replied, Reviewed, Concluded, Withdrawn}

// Ended says that nobody works on the case any more.
func (s Status) Ended() bool { return s == NotAccepted || s == Concluded || s == Withdrawn }

// Stage is one of the five plain words that citizens see.
func (s Status) Stage() int {
	switch s {
	case Submitted:
		return 1
	case NeedInfo, Accepted, Dispatched:
		return 2
	case SignedIn, Handling:
		return 3
	case Replied, Reviewed:
		return 4
	}
	return 5
}

// Action is what may be done with a case.
type Action string

// Actions of staff, then those of the citizen.
const (
	ActAccept       Action = "accept"
	ActNotAccept    Action = "not_accept"
	ActRequestInfo  Action = "request_info"
	ActDispatch     Action = "dispatch"
	ActSignIn       Action = "sign_in"
	ActReturn       Action = "return"
	ActRedispatch   Action = "redispatch"
	ActAssign       Action = "assign"
	ActReply        Action = "reply"
	ActReviewReply  Action = "review_reply"
	ActConclude     Action = "conclude"
	ActRework       Action = "rework"
	ActDecideAppeal Action = "decide_appeal"
	ActSuspend      Action = "suspend"
	ActResume       Action = "resume"
	ActNote         Action = "note"
	ActRenewCode    Action = "renew_code"

	ActRequestExtension Action = "request_extension"
	ActDecideExtension  Action = "decide_extension"

	ActFile     Action = "file"
	ActRecount  Action = "recount" // by the system, when calendars or limits change
	ActMessage  Action = "message"
	ActWithdraw Action = "withdraw"
	ActAppeal   Action = "appeal"
)

// Transition is one row of the state machine: from which statuses an action is
// possible, where it leads, who may do it, and whether the citizen sees it.
type Transition struct {
	Action Action
	From   []Status
	To     Status // empty: the status stays, or the operation decides (see Why)
	Verb   access.Verb
	Public bool
	Why    string // what the operation decides
}

var open = []Status{Submitted, NeedInfo, Accepted, Dispatched, SignedIn, Handling, Replied, Reviewed}

var anywhere = append(slices.Clone(open), Concluded, NotAccepted, Withdrawn)

// Machine is the state machine of the hotline track. `minqing states` draws it.
var Machine = []Transition{
	{Action: ActAccept, From: []Status{Submitted}, To: Accepted, Verb: access.CaseAccept, Public: true},
	{Action: ActNotAccept, From: []Status{Submitted, NeedInfo}, To: NotAccepted, Verb: access.CaseNotAccept, Public: true},
	{Action: ActRequestInfo, From: []Status{Submitted, SignedIn, Handling}, To: NeedInfo, Verb: access.CaseRequestInfo, Public: true},
	{Action: ActDispatch, From: []Status{Accepted}, To: Dispatched, Verb: access.CaseDispatch, Public: true},
	{Action: ActSignIn, From: []Status{Dispatched}, To: SignedIn, Verb: access.CaseSignIn},
	{Action: ActReturn, From: []Status{Dispatched, SignedIn}, To: Accepted, Verb: access.CaseReturn},
	{Action: ActRedispatch, From: []Status{Dispatched, SignedIn, Handling}, To: Dispatched, Verb: access.CaseRedispatch, Public: true},
	{Action: ActAssign, From: []Status{SignedIn, Handling}, To: Handling, Verb: access.CaseAssign},
	{Action: ActReply, From: []Status{Handling}, To: Replied, Verb: access.CaseReply, Public: true},
	{Action: ActReviewReply, From: []Status{Replied}, Verb: access.CaseReviewReply, Why: "reviewed when approved, handling when sent back"},
	{Action: ActConclude, From: []Status{Replied, Reviewed}, To: Concluded, Verb: access.CaseConclude, Public: true},
	{Action: ActRework, From: []Status{Replied, Reviewed, Concluded}, To: Handling, Verb: access.CaseRework, Public: true},
	{Action: ActDecideAppeal, From: []Status{Concluded, NotAccepted}, Verb: access.CaseDecideAppeal, Public: true, Why: "upheld, handling again, or submitted when it was not accepted; declined, the status stays"},
	{Action: ActSuspend, From: []Status{SignedIn, Handling}, Verb: access.CaseSuspend, Public: true, Why: "the status stays; the clock stands still and there is no due time"},
	{Action: ActResume, From: []Status{Accepted, Dispatched, SignedIn, Handling}, Verb: access.CaseResume, Public: true, Why: "the status stays; what remained of the limit counts on"},
	{Action: ActRequestExtension, From: []Status{SignedIn, Handling}, Verb: access.CaseRequestExtension, Why: "the status stays; before the limit is over, once unless the matter says otherwise"},
	{Action: ActDecideExtension, From: []Status{Accepted, Dispatched, SignedIn, Handling, NeedInfo, Replied, Reviewed}, Verb: access.CaseDecideExtension, Public: true, Why: "the status stays; allowed, the limit is longer; never by who asked"},
	{Action: ActNote, From: anywhere, Verb: access.CaseNote, Why: "the status stays"},
	{Action: ActRenewCode, From: anywhere, Verb: access.CaseRenewCode, Public: true, Why: "the status stays; the citizen may do it too, signed in"},
	{Action: ActMessage, From: open, Public: true, Why: "an answer to a request for information goes back to where it was asked; else the status stays"},
	{Action: ActWithdraw, From: open, To: Withdrawn, Public: true},
	{Action: ActAppeal, From: []Status{Concluded, NotAccepted}, Public: true, Why: "the status stays; the unit above sees it in its queue"},
}

var byAction = func() map[Action]*Transition {
	m := make(map[Action]*Transition, len(Machine))
	for i := range Machine {
		m[Machine[i].Action] = &Machine[i]
	}
	return m
}()

// Allows says whether the action is possible from the status.
func (t *Transition) Allows(s Status) bool {
	for _, f := range t.From {
		if f == s {
			return true
		}
	}
	return false
}

// offers says whether an act that the status allows makes sense for this case:
// what of it depends on facts beside the status.
func (c *Case) offers(a Action) bool {
	switch a {
	case ActRenewCode:
		return c.Confidentiality != AnonymousFiler // nobody can show that an anonymous case is theirs
	case ActAppeal:
		return !c.Appealed && !c.AppealDeclined
	case ActDecideAppeal:
		return c.Appealed
	case ActSuspend:
		return c.SuspendedAt == nil && c.DueAt != nil
	case ActResume:
		return c.SuspendedAt != nil
	case ActReply, ActRequestInfo:
		return c.SuspendedAt == nil
	case ActRequestExtension:
		return c.SuspendedAt == nil && c.DueAt != nil && c.ExtensionAsked.IsZero()
	case ActDecideExtension:
		return !c.ExtensionAsked.IsZero()
	}
	return true
}

// inTime says whether an act makes sense at this moment for this actor: more
// time is asked for before the limit is over, and decided on by somebody else.
func (s *Service) inTime(ctx context.Context, c *Case, a Action) bool {
	switch a {
	case ActSuspend:
		return !s.Now().After(*c.DueAt)
	case ActRequestExtension:
		snap, err := s.Catalogue.Snapshot(ctx)
		return err == nil && !s.Now().After(*c.DueAt) && c.ExtensionCount < int64(c.extensions(snap))
	case ActDecideExtension:
		return !c.askedBy(actor.From(ctx))
	}
	return true
}

// Offered are the acts of a view that make sense now and that this actor may do.
func (s *Service) Offered(ctx context.Context, v *View) ([]Action, error) {
	var list []Action
	for _, a := range v.Actions {
		if !v.offers(a) || !s.inTime(ctx, &v.Case, a) {
			continue
		}
		if a == ActDecideAppeal {
			units, err := s.unitsOf(ctx, v.ID)
			if err != nil {
				return nil, err
			}
			if err := s.mayDecide(ctx, units); err != nil {
				if fault.KindOf(err) == fault.Forbidden {
					continue
				}
				return nil, err
			}
		}
		list = append(list, a)
	}
	return list, nil
}

// Possible lists the staff actions that the status allows, in the order of the
// machine. Who may do them is another question.
func Possible(s Status) []Action {
	var out []Action
	for i := range Machine {
		if t := &Machine[i]; t.Verb != "" && t.Allows(s) {
			out = append(out, t.Action)
		}
	}
	return out
}
