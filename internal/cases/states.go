package cases

import (
	"context"
	"slices"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/catalogue"
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
	Transferred Status = "transferred" // to a body outside
	Archived    Status = "archived"    // concluded, and put away
	Merged      Status = "merged"      // follows another case
)

// Statuses lists them in the order of a case's life.
var Statuses = []Status{Submitted, NeedInfo, Accepted, NotAccepted, Dispatched, SignedIn, Handling, Replied, Reviewed, Concluded, Withdrawn, Transferred, Archived, Merged}

// Ends are the statuses of a case that nobody works on any more.
var Ends = []Status{Concluded, NotAccepted, Withdrawn, Transferred, Archived}

// Ended says that nobody works on the case itself any more; one that was merged
// is handled as another.
func (s Status) Ended() bool { return slices.Contains(Ends, s) || s == Merged }

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

	ActVerifyGrade   Action = "verify_grade"
	ActRectify       Action = "rectify"
	ActContestGrade  Action = "contest_grade"
	ActDecideContest Action = "decide_contest"

	ActRenewCode Action = "renew_code"

	ActNameSubject Action = "name_subject" // the account of the person complained about

	ActTransfer Action = "transfer" // to a body outside
	ActReopen   Action = "reopen"
	ActArchive  Action = "archive"

	ActSupervise   Action = "supervise"
	ActAnswerOrder Action = "answer_supervision"
	ActCloseOrder  Action = "close_supervision"
	ActExtendOrder Action = "extend_supervision"

	ActDecideObjection Action = "decide_objection"
	ActRuleObjection   Action = "rule_objection"

	ActRequestExtension Action = "request_extension"
	ActDecideExtension  Action = "decide_extension"

	ActSplit      Action = "split"
	ActRecallPart Action = "recall_part"

	ActAddJoint     Action = "add_joint"
	ActJointSignIn  Action = "joint_sign_in"
	ActJointAnswer  Action = "joint_answer"
	ActReleaseJoint Action = "release_joint"

	ActMerge   Action = "merge"
	ActUnmerge Action = "unmerge"

	ActFile     Action = "file"
	ActRecount  Action = "recount" // by the system, when calendars or limits change
	ActMessage  Action = "message"
	ActWithdraw Action = "withdraw"
	ActAppeal   Action = "appeal"
	ActEvaluate Action = "evaluate"

	ActAppoint Action = "appoint" // an inspection on site, in the permit track
	ActInspect Action = "inspect"
	ActHearing Action = "hearing" // a step of it, in the permit track
	ActAmend   Action = "amend"   // answers corrected on the spot, in the permit track

	ActInterested Action = "interested" // a third party is told, or states their case, in the permit track
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

// supervisable is where there may be an order about a case: until it is closed.
var supervisable = append(slices.Clone(open), Concluded)

// judged are the statuses in which a result may be judged; of a merged case, once
// the leading one is concluded.
var judged = append(slices.Clone(Ends), Merged)

var anywhere = append(slices.Clone(open), judged...)

// working are the statuses in which joint units may have something to do.
var working = []Status{Accepted, Dispatched, SignedIn, Handling, NeedInfo}

// mergeable are the statuses from which a case may follow another: nobody has
// answered it yet.
var mergeable = []Status{Submitted, NeedInfo, Accepted, Dispatched, SignedIn, Handling}

var followed = append(slices.Clone(open), Merged)

// Machine is the state machine of the hotline track. `minqing states` draws it.
var Machine = []Transition{
	{Action: ActAccept, From: []Status{Submitted}, To: Accepted, Verb: access.CaseAccept, Public: true},
	{Action: ActNotAccept, From: []Status{Submitted, NeedInfo, Accepted}, To: NotAccepted, Verb: access.CaseNotAccept, Public: true},
	{Action: ActRequestInfo, From: []Status{Submitted, Accepted, SignedIn, Handling}, To: NeedInfo, Verb: access.CaseRequestInfo, Public: true},
	{Action: ActDispatch, From: []Status{Accepted}, To: Dispatched, Verb: access.CaseDispatch, Public: true},
	{Action: ActSignIn, From: []Status{Dispatched}, To: SignedIn, Verb: access.CaseSignIn},
	{Action: ActReturn, From: []Status{Dispatched, SignedIn}, To: Accepted, Verb: access.CaseReturn, Why: "an objection: within its limit, and not by a unit that a superior designated"},
	{Action: ActDecideObjection, From: []Status{Accepted}, To: Dispatched, Verb: access.CaseDecideObjection, Public: true, Why: "to another unit when agreed, back to the same when declined"},
	{Action: ActRuleObjection, From: []Status{Accepted}, To: Dispatched, Verb: access.CaseRuleObjection, Public: true, Why: "by the unit above after several returns; the unit that it names is bound"},
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
	{Action: ActVerifyGrade, From: judged, Verb: access.CaseRectify, Why: "the status stays; after a bad review, somebody spoke with the person"},
	{Action: ActRectify, From: judged, Verb: access.CaseRectify, Public: true, Why: "the status stays; the person hears what was done and judges again"},
	{Action: ActContestGrade, From: judged, Verb: access.CaseRectify, Why: "the status stays; somebody outside the unit decides whether the review counts"},
	{Action: ActDecideContest, From: judged, Verb: access.CaseDecideContest, Why: "the status stays; never by somebody of the unit that was judged"},
	{Action: ActTransfer, From: open, To: Transferred, Verb: access.CaseTransfer, Public: true, Why: "to a body outside; how it went here can be judged"},
	{Action: ActReopen, From: Ends, Verb: access.CaseReopen, Public: true, Why: "handling where a unit has had it, else submitted; a new conclusion clock"},
	{Action: ActArchive, From: []Status{Concluded}, To: Archived, Verb: access.CaseArchive, Why: "by hand, or by itself some time after the conclusion; not while an appeal or a supervision is open"},
	{Action: ActSupervise, From: open, Verb: access.CaseSupervise, Why: "the status stays; by the unit above, one order at a time"},
	{Action: ActAnswerOrder, From: supervisable, Verb: access.CaseAnswerOrder, Why: "the status stays"},
	{Action: ActExtendOrder, From: supervisable, Verb: access.CaseSupervise, Why: "the status stays; the order is due later"},
	{Action: ActCloseOrder, From: supervisable, Verb: access.CaseSupervise, Why: "the status stays; also when the case is concluded"},
	{Action: ActAddJoint, From: []Status{SignedIn, Handling}, Verb: access.CaseAddJoint, Why: "the status stays; the unit has a clock of its own, and the lead waits for it"},
	{Action: ActJointSignIn, From: working, Verb: access.CaseJointSignIn, Why: "the status stays; by the joint unit"},
	{Action: ActJointAnswer, From: working, Verb: access.CaseJointAnswer, Why: "the status stays; by the joint unit, to the lead"},
	{Action: ActReleaseJoint, From: working, Verb: access.CaseReleaseJoint, Why: "the status stays; the lead waits for the unit no more"},
	{Action: ActSplit, From: []Status{SignedIn, Handling}, Verb: access.CaseSplit, Why: "the status stays; a part becomes a case of its own, and this one waits for it"},
	{Action: ActRecallPart, From: append(slices.Clone(working), Replied, Reviewed), Verb: access.CaseRecallPart, Why: "the status stays; the part is withdrawn"},
	{Action: ActMerge, From: mergeable, To: Merged, Verb: access.CaseMerge, Public: true, Why: "it follows the leading case, whose clock is the earliest of all"},
	{Action: ActUnmerge, From: []Status{Merged}, Verb: access.CaseUnmerge, Public: true, Why: "the status that it was merged from"},
	{Action: ActNote, From: anywhere, Verb: access.CaseNote, Why: "the status stays"},
	{Action: ActNameSubject, From: anywhere, Verb: access.CaseNameSubject, Why: "the status stays; from then on the case does not exist for whom it complains about"},
	{Action: ActRenewCode, From: anywhere, Verb: access.CaseRenewCode, Public: true, Why: "the status stays; the citizen may do it too, signed in"},
	{Action: ActMessage, From: followed, Public: true, Why: "an answer to a request for information goes back to where it was asked; else the status stays"},
	{Action: ActWithdraw, From: followed, To: Withdrawn, Public: true},
	{Action: ActAppeal, From: []Status{Concluded, NotAccepted, Archived, Merged}, Public: true, Why: "the status stays, an archived case is concluded again; the unit above sees it in its queue; of a merged case, once the leading one is concluded"},
	{Action: ActEvaluate, From: judged, Public: true, Why: "the status stays; a bad review is work for the unit"},
}

var byAction = indexed(Machine)

func indexed(list []Transition) map[Action]*Transition {
	m := make(map[Action]*Transition, len(list))
	for i := range list {
		m[list[i].Action] = &list[i]
	}
	return m
}

// Allows says whether the action is possible from the status.
func (t *Transition) Allows(s Status) bool {
	for _, f := range t.From {
		if f == s {
			return true
		}
	}
	return false
}

// ofCitizens are acts that a part of a case does not know: nobody outside sees it.
var ofCitizens = []Action{ActRequestInfo, ActNotAccept, ActRenewCode, ActMerge, ActSplit, ActAppeal, ActMessage, ActWithdraw}

// offers says whether an act that the status allows makes sense for this case:
// what of it depends on facts beside the status.
func (c *Case) offers(a Action) bool {
	if c.ParentID != nil && slices.Contains(ofCitizens, a) || c.early(a) {
		return false
	}
	switch a {
	case ActNameSubject:
		return c.Kind == Complaint || c.Kind == Report
	case ActRecallPart:
		return c.PartsOpen > 0
	case ActRenewCode:
		return c.Confidentiality != AnonymousFiler // nobody can show that an anonymous case is theirs
	case ActAppeal:
		return !c.Appealed && !c.AppealDeclined && (c.Status != Merged || c.ConcludedAt != nil)
	case ActDecideAppeal:
		return c.Appealed
	case ActMessage, ActWithdraw:
		return c.Status != Merged || c.ConcludedAt == nil
	case ActMerge:
		return c.Confidentiality != Whistle && c.MergedCount == 0 && c.SuspendedAt == nil && !c.AwaitsCorrection() && c.JointOpen == 0 && c.PartsOpen == 0
	case ActNotAccept:
		return c.MergedCount == 0 && c.Objection != SuperiorDecides
	case ActTransfer:
		return !c.together()
	case ActSuspend:
		return c.SuspendedAt == nil && c.DueAt != nil
	case ActResume:
		return c.SuspendedAt != nil
	case ActReply:
		return c.SuspendedAt == nil && c.JointOpen == 0
	case ActRequestInfo:
		return c.SuspendedAt == nil && c.Objection != SuperiorDecides
	case ActConclude:
		return c.JointOpen == 0 && c.PartsOpen == 0
	case ActJointSignIn, ActJointAnswer, ActReleaseJoint:
		return c.JointOpen > 0
	case ActRequestExtension:
		return c.SuspendedAt == nil && c.DueAt != nil && c.ExtensionAsked.IsZero()
	case ActDecideExtension:
		return !c.ExtensionAsked.IsZero()
	}
	return c.offersAfter(a)
}

// offersAfter is offers for what comes of results, orders and disputes.
func (c *Case) offersAfter(a Action) bool {
	switch a {
	case ActVerifyGrade:
		return c.Rectify == ToContact
	case ActRectify, ActContestGrade:
		return c.Rectify == ToMend
	case ActDecideContest:
		return c.Rectify == Contested
	case ActArchive:
		return !c.Appealed && c.SupervisedDue == nil && !c.Rectify.Owed()
	case ActSupervise:
		return c.SupervisedDue == nil
	case ActAnswerOrder, ActCloseOrder, ActExtendOrder:
		return c.SupervisedDue != nil
	case ActReturn:
		return !c.bound()
	case ActDispatch:
		return c.Objection == ""
	case ActDecideObjection:
		return c.Objection == DeskDecides
	case ActRuleObjection:
		return c.Objection == SuperiorDecides
	}
	return true
}

// together says that others are handled with the case, or wait for it.
func (c *Case) together() bool { return c.MergedCount > 0 || c.JointOpen > 0 || c.PartsOpen > 0 }

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
	case ActReturn:
		by, err := s.ReturnBy(ctx, c)
		return err == nil && (by == nil || !s.Now().After(*by))
	case ActSupervise, ActCloseOrder, ActExtendOrder:
		return s.watches(ctx, c, a) == nil
	case ActRuleObjection:
		snap, err := s.Catalogue.Snapshot(ctx)
		return err == nil && s.mayRule(ctx, snap, c) == nil
	}
	return true
}

// Offered are the acts of a view that make sense now and that this actor may do.
func (s *Service) Offered(ctx context.Context, v *View) ([]Action, error) {
	var list []Action
	for _, a := range v.Actions {
		if s.guarded(&v.Case, a) || !v.offers(a) || !s.inTime(ctx, &v.Case, a) {
			continue
		}
		if a == ActJointSignIn {
			parts, err := s.Parts(ctx, v)
			if err != nil {
				return nil, err
			}
			if !slices.ContainsFunc(parts, func(p Part) bool { return p.Mine && p.State == JointAsked }) {
				continue
			}
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
		if a == ActDecideContest {
			units, err := s.unitsOf(ctx, v.ID)
			if err == nil {
				err = s.outside(ctx, &v.Case, units)
			}
			if fault.KindOf(err) == fault.Forbidden && err != nil {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		list = append(list, a)
	}
	return list, nil
}

// Possible lists the staff actions that the status allows, in the order of the
// machine. Who may do them is another question.
func Possible(s Status) []Action { return possibleIn(catalogue.TrackHotline, s) }
