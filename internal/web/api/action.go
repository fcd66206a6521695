package api

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"minqing/internal/cases"
	"minqing/internal/fault"
)

// Act is one act on a case. Each action takes some of the fields; the others
// must be left out.
type Act struct {
	Action        actionCode  `json:"action"`
	Version       int64       `json:"version" minimum:"1"`
	MatterCode    string      `json:"matter_code,omitempty" maxLength:"64"`
	UnitCode      string      `json:"unit_code,omitempty" maxLength:"64"`
	HandlerID     string      `json:"handler_id,omitempty" maxLength:"64"`
	Reason        string      `json:"reason,omitempty" maxLength:"5000"`
	Form          string      `json:"form,omitempty" maxLength:"64"`
	Body          string      `json:"body,omitempty" maxLength:"64"`
	Name          string      `json:"name,omitempty" maxLength:"200"`
	Account       string      `json:"account,omitempty" maxLength:"200"`
	Lift          *bool       `json:"lift,omitempty"`
	Basis         string      `json:"basis,omitempty" maxLength:"64"`
	Explanation   string      `json:"explanation,omitempty" maxLength:"5000"`
	Question      string      `json:"question,omitempty" maxLength:"5000"`
	Text          string      `json:"text,omitempty" maxLength:"5000"`
	Note          string      `json:"note,omitempty" maxLength:"5000"`
	Contacted     *bool       `json:"contacted,omitempty"`
	Approve       *bool       `json:"approve,omitempty"`
	FirstReceiver *bool       `json:"first_receiver,omitempty"`
	Outcome       outcomeCode `json:"outcome,omitempty"`
	Ground        string      `json:"ground,omitempty" maxLength:"5000"`
	Until         string      `json:"until,omitempty" maxLength:"10" example:"2026-12-10"`
	Title         string      `json:"title,omitempty" maxLength:"100"`
	Part          string      `json:"part,omitempty" maxLength:"40"`
	Into          string      `json:"into,omitempty" maxLength:"40"`
	LeadVersion   int64       `json:"lead_version,omitempty" minimum:"1"`
	Days          int         `json:"days,omitempty" minimum:"1" maximum:"9999"`
	Ringing
}

// sent is a field and whether it was sent.
type sent struct {
	name  string
	given bool
}

// taking is an action with the fields that it takes.
type taking struct {
	fields []string
	make   func(Act) cases.Command
}

var acts = map[cases.Action]taking{
	cases.ActAccept: {[]string{"matter_code", "note"}, func(a Act) cases.Command {
		return cases.Accept{MatterCode: a.MatterCode, Note: a.Note}
	}},
	cases.ActNotAccept: {[]string{"reason", "explanation"}, func(a Act) cases.Command {
		return cases.NotAccept{Reason: a.Reason, Explanation: a.Explanation}
	}},
	cases.ActRequestInfo: {[]string{"question"}, func(a Act) cases.Command { return cases.RequestInfo{Question: a.Question} }},
	cases.ActDispatch: {[]string{"unit_code", "note"}, func(a Act) cases.Command {
		return cases.Dispatch{UnitCode: a.UnitCode, Note: a.Note}
	}},
	cases.ActRedispatch: {[]string{"unit_code", "note"}, func(a Act) cases.Command {
		return cases.Redispatch{UnitCode: a.UnitCode, Note: a.Note}
	}},
	cases.ActSignIn: {nil, func(Act) cases.Command { return cases.SignIn{} }},
	cases.ActReturn: {[]string{"reason", "basis", "unit_code", "explanation"}, func(a Act) cases.Command {
		return cases.Return{Reason: a.Reason, Basis: a.Basis, UnitCode: a.UnitCode, Explanation: a.Explanation}
	}},
	cases.ActTransfer: {[]string{"body", "name", "reason", "text"}, func(a Act) cases.Command {
		return cases.Transfer{Body: a.Body, Name: a.Name, Reason: a.Reason, Notice: a.Text}
	}},
	cases.ActNameSubject: {[]string{"account", "lift", "note"}, func(a Act) cases.Command {
		return cases.NameSubject{Email: a.Account, Lift: a.Lift != nil && *a.Lift, Note: a.Note}
	}},
	cases.ActReopen:  {[]string{"reason"}, func(a Act) cases.Command { return cases.Reopen{Reason: a.Reason} }},
	cases.ActArchive: {[]string{"note"}, func(a Act) cases.Command { return cases.Archive{Note: a.Note} }},
	cases.ActSupervise: {[]string{"form", "reason", "days", "text"}, func(a Act) cases.Command {
		return cases.Supervise{Form: a.Form, Ground: a.Reason, Days: written(a.Days), Text: a.Text}
	}},
	cases.ActAnswerOrder: {[]string{"text"}, func(a Act) cases.Command { return cases.AnswerOrder{Text: a.Text} }},
	cases.ActCloseOrder:  {[]string{"note"}, func(a Act) cases.Command { return cases.CloseOrder{Note: a.Note} }},
	cases.ActExtendOrder: {[]string{"days", "note"}, func(a Act) cases.Command {
		return cases.ExtendOrder{Days: written(a.Days), Note: a.Note}
	}},
	cases.ActDecideObjection: {[]string{"approve", "unit_code", "note"}, func(a Act) cases.Command {
		return cases.DecideObjection{Agree: a.Approve != nil && *a.Approve, UnitCode: a.UnitCode, Note: a.Note}
	}},
	cases.ActRuleObjection: {[]string{"first_receiver", "unit_code", "note"}, func(a Act) cases.Command {
		return cases.RuleObjection{First: a.FirstReceiver != nil && *a.FirstReceiver, UnitCode: a.UnitCode, Note: a.Note}
	}},
	cases.ActAssign: {[]string{"handler_id"}, func(a Act) cases.Command { return cases.Assign{HandlerID: a.HandlerID} }},
	cases.ActReply:  {[]string{"text", "note"}, func(a Act) cases.Command { return cases.Reply{Text: a.Text, Note: a.Note} }},
	cases.ActReviewReply: {[]string{"approve", "note"}, func(a Act) cases.Command {
		return cases.ReviewReply{Approve: a.Approve != nil && *a.Approve, Note: a.Note}
	}},
	cases.ActConclude: {[]string{"outcome", "note"}, func(a Act) cases.Command {
		return cases.Conclude{Outcome: cases.Outcome(a.Outcome), Note: a.Note}
	}},
	cases.ActRework: {[]string{"reason"}, func(a Act) cases.Command { return cases.Rework{Reason: a.Reason} }},
	cases.ActDecideAppeal: {[]string{"approve", "text"}, func(a Act) cases.Command {
		return cases.DecideAppeal{Uphold: a.Approve != nil && *a.Approve, Text: a.Text}
	}},
	cases.ActRenewCode: {[]string{"note"}, func(a Act) cases.Command { return cases.RenewCode{Note: a.Note} }},
	cases.ActSuspend: {[]string{"reason", "ground", "until", "text", "note"}, func(a Act) cases.Command {
		return cases.Suspend{Type: a.Reason, Ground: a.Ground, Until: a.Until, Notice: a.Text, Note: a.Note}
	}},
	cases.ActResume: {[]string{"note"}, func(a Act) cases.Command { return cases.Resume{Note: a.Note} }},
	cases.ActRequestExtension: {[]string{"days", "ground"}, func(a Act) cases.Command {
		return cases.RequestExtension{Days: written(a.Days), Ground: a.Ground}
	}},
	cases.ActVerifyGrade:  {[]string{"reason", "note"}, func(a Act) cases.Command { return cases.VerifyGrade{Finding: a.Reason, Note: a.Note} }},
	cases.ActRectify:      {[]string{"text"}, func(a Act) cases.Command { return cases.Rectify{Text: a.Text} }},
	cases.ActContestGrade: {[]string{"reason", "explanation"}, func(a Act) cases.Command { return cases.ContestGrade{Reason: a.Reason, Explanation: a.Explanation} }},
	cases.ActDecideContest: {[]string{"approve", "note"}, func(a Act) cases.Command {
		return cases.DecideContest{Exclude: a.Approve != nil && *a.Approve, Note: a.Note}
	}},
	cases.ActDecideExtension: {[]string{"approve", "text"}, func(a Act) cases.Command {
		return cases.DecideExtension{Approve: a.Approve != nil && *a.Approve, Text: a.Text}
	}},
	cases.ActAddJoint: {[]string{"unit_code", "text", "days"}, func(a Act) cases.Command {
		return cases.AddJoint{UnitCode: a.UnitCode, Task: a.Text, Days: written(a.Days)}
	}},
	cases.ActJointSignIn: {[]string{"unit_code"}, func(a Act) cases.Command { return cases.JointSignIn{UnitCode: a.UnitCode} }},
	cases.ActJointAnswer: {[]string{"unit_code", "text"}, func(a Act) cases.Command {
		return cases.JointAnswer{UnitCode: a.UnitCode, Text: a.Text}
	}},
	cases.ActReleaseJoint: {[]string{"unit_code", "explanation"}, func(a Act) cases.Command {
		return cases.ReleaseJoint{UnitCode: a.UnitCode, Reason: a.Explanation}
	}},
	cases.ActSplit: {[]string{"unit_code", "title", "text", "days"}, func(a Act) cases.Command {
		return cases.Split{UnitCode: a.UnitCode, Title: a.Title, Task: a.Text, Days: written(a.Days)}
	}},
	cases.ActRecallPart: {[]string{"part", "explanation"}, func(a Act) cases.Command {
		return cases.RecallPart{CaseNo: a.Part, Reason: a.Explanation}
	}},
	cases.ActMerge: {[]string{"into", "lead_version", "note"}, func(a Act) cases.Command {
		return cases.Merge{Into: a.Into, LeadVersion: a.LeadVersion, Note: a.Note}
	}},
	cases.ActUnmerge: {[]string{"explanation"}, func(a Act) cases.Command { return cases.Unmerge{Reason: a.Explanation} }},
	cases.ActNote: {[]string{"text", "contacted"}, func(a Act) cases.Command {
		return cases.Note{Text: a.Text, Contacted: a.Contacted != nil && *a.Contacted}
	}},
	actCallback: {ringing, nil},
}

// staffActions are the actions of the state machine that this API does, in its
// order, and the callback.
func staffActions() []cases.Action {
	var list []cases.Action
	for _, t := range cases.Machine {
		if _, ok := acts[t.Action]; ok {
			list = append(list, t.Action)
		}
	}
	return append(list, actCallback)
}

// check says which fields were sent that the action does not take; what they hold
// is checked by the command.
func (a Act) check() (taking, error) {
	t, ok := acts[cases.Action(a.Action)]
	if !ok {
		return t, fault.New(fault.NotFound, "case.action.unknown")
	}
	var c fault.Check
	for _, f := range append(a.given(), []sent{{"matter_code", a.MatterCode != ""}, {"unit_code", a.UnitCode != ""}, {"handler_id", a.HandlerID != ""}, {"reason", a.Reason != ""},
		{"explanation", a.Explanation != ""}, {"question", a.Question != ""}, {"text", a.Text != ""}, {"note", a.Note != ""},
		{"contacted", a.Contacted != nil}, {"approve", a.Approve != nil}, {"outcome", a.Outcome != ""},
		{"basis", a.Basis != ""}, {"body", a.Body != ""}, {"name", a.Name != ""}, {"account", a.Account != ""}, {"lift", a.Lift != nil}, {"form", a.Form != ""}, {"first_receiver", a.FirstReceiver != nil}, {"ground", a.Ground != ""}, {"until", a.Until != ""}, {"days", a.Days != 0},
		{"title", a.Title != ""}, {"part", a.Part != ""}, {"into", a.Into != ""}, {"lead_version", a.LeadVersion != 0}}...) {
		c.That(!f.given || slices.Contains(t.fields, f.name), f.name, "api.action.field", "Action", string(a.Action), "Fields", strings.Join(t.fields, ", "))
	}
	c.That(!slices.Contains(t.fields, "approve") || a.Approve != nil, "approve", "api.field.required")
	return t, c.Err()
}

// written is a number as a form would send it.
func written(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

type actInput struct {
	Spoken
	Numbered
	Body Act
}

// Done is where the case stands after an act. An account that may not see it
// any more, because it went to another unit, is allowed nothing.
type Done struct {
	CaseNo         string       `json:"case_no"`
	Version        int64        `json:"version"`
	Status         statusCode   `json:"status"`
	Unit           Maybe        `json:"unit"`
	HandlerID      *string      `json:"handler_id"`
	DueAt          *time.Time   `json:"due_at"`
	Outcome        string       `json:"outcome"`
	AllowedActions []actionCode `json:"allowed_actions" nullable:"false"`

	// QueryCode is the new one after renew_code, and told by no other call.
	QueryCode string `json:"query_code,omitempty"`
}

type actOutput struct{ Body Done }

func (d Deps) act(ctx context.Context, in *actInput) (*actOutput, error) {
	t, err := in.Body.check()
	if err != nil {
		return nil, err
	}
	var done *cases.Case
	if in.Body.Action == actionCode(actCallback) {
		done, err = d.ring(ctx, in)
	} else {
		done, err = d.Cases.Act(ctx, in.CaseNo, in.Body.Version, t.make(in.Body))
	}
	if err != nil {
		return nil, impossible(err)
	}
	city, err := d.city(ctx)
	if err != nil {
		return nil, err
	}
	out := Done{CaseNo: done.CaseNo, Version: done.Version, Status: statusCode(done.Status), Unit: city.unit(done.UnitID), HandlerID: done.HandlerID,
		DueAt: city.maybe(done.DueAt), Outcome: string(done.Outcome), AllowedActions: []actionCode{}}
	if in.Body.Action == actionCode(cases.ActRenewCode) {
		out.QueryCode = d.Cases.QueryCode(done)
	}
	switch v, err := d.Cases.View(ctx, done.CaseNo); {
	case err == nil:
		if out.AllowedActions, err = d.allowed(ctx, v); err != nil {
			return nil, err
		}
	case fault.KindOf(err) != fault.NotFound:
		return nil, err
	}
	return &actOutput{out}, nil
}
