package api

import (
	"context"
	"slices"
	"time"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/satisfaction"
)

// OwnKey says whose case it is: by its code, or by the account of the token.
type OwnKey struct {
	Spoken
	Numbered
	Code string `header:"Query-Code" maxLength:"40"`
}

func (k OwnKey) key(ctx context.Context) (cases.Key, error) {
	if k.Code == "" && actor.From(ctx).ConstituentID == "" {
		return cases.Key{}, errNoCode
	}
	return cases.Key{CaseNo: k.CaseNo, QueryCode: k.Code}, nil
}

// Tracked is the citizen's view of their case: no names of staff, nothing internal.
type Tracked struct {
	CaseNo         string       `json:"case_no"`
	Kind           kindCode     `json:"kind"`
	Status         statusCode   `json:"status"`
	Follows        *string      `json:"follows_status"` // of the case that leads, where this one was merged
	Title          string       `json:"title"`
	Description    string       `json:"description"`
	Matter         Maybe        `json:"matter"`
	Unit           Maybe        `json:"unit"`
	ReceivedAt     time.Time    `json:"received_at"`
	DueAt          *time.Time   `json:"due_at"`
	SuspendedAt    *time.Time   `json:"suspended_at"`
	SuspendedUntil *string      `json:"suspended_until"`
	DueProvisional bool         `json:"due_provisional"`
	ConcludedAt    *time.Time   `json:"concluded_at"`
	Outcome        string       `json:"outcome"`
	Timeline       []PublicStep `json:"timeline" nullable:"false"`
	Messages       []Turn       `json:"messages" nullable:"false"`
	AllowedActions []string     `json:"allowed_actions" nullable:"false"`
	Links          Links        `json:"links"`
}

// PublicStep is a step that the citizen may see.
type PublicStep struct {
	At     time.Time  `json:"at"`
	Action string     `json:"action"`
	Status statusCode `json:"status"`
}

// Turn is one message between the citizen and the government.
type Turn struct {
	At        time.Time `json:"at"`
	Direction string    `json:"direction" enum:"in,out"`
	Kind      string    `json:"kind"`
	Unit      Maybe     `json:"unit"`
	Text      string    `json:"text"`
}

type trackedOutput struct{ Body Tracked }

func (d Deps) track(ctx context.Context, in *OwnKey) (*trackedOutput, error) {
	k, err := in.key(ctx)
	if err != nil {
		return nil, err
	}
	v, err := d.Cases.Track(ctx, k)
	if err != nil {
		return nil, err
	}
	city, err := d.city(ctx)
	if err != nil {
		return nil, err
	}
	t := Tracked{CaseNo: v.CaseNo, Kind: kindCode(v.Kind), Status: statusCode(v.Status), Title: v.Title, Description: v.Description,
		Matter: city.matter(v.MatterID), Unit: city.unit(v.UnitID), ReceivedAt: city.local(v.ReceivedAt), DueAt: city.maybe(v.DueAt),
		SuspendedAt: city.maybe(v.SuspendedAt), SuspendedUntil: dayOf(v.SuspendedUntil),
		DueProvisional: v.DueProvisional, ConcludedAt: city.maybe(v.ConcludedAt), Outcome: string(v.Outcome),
		Timeline: []PublicStep{}, Messages: []Turn{}, AllowedActions: []string{}, Links: linksOf(v.CaseNo)}
	if v.Follows != "" {
		follows := string(v.Follows)
		t.Follows = &follows
	}
	for _, e := range v.Events {
		t.Timeline = append(t.Timeline, PublicStep{At: city.local(e.At), Action: string(e.Action), Status: statusCode(e.ToStatus)})
	}
	for _, m := range v.Messages {
		one := Turn{At: city.local(m.At), Direction: m.Direction, Kind: m.Kind, Text: m.Text}
		if m.Direction == "out" && m.UnitID != nil {
			one.Unit = city.unit(*m.UnitID)
		}
		t.Messages = append(t.Messages, one)
	}
	t.AllowedActions = append(t.AllowedActions, ownActions(v)...)
	return &trackedOutput{t}, nil
}

// ownActions are what somebody may do with their case now.
func ownActions(v *cases.View) []string {
	var list []string
	for _, a := range v.Actions {
		list = append(list, string(a))
	}
	if v.Judging() > 0 {
		list = append(list, "evaluation")
	}
	return list
}

type sayInput struct {
	OwnKey
	Body struct {
		Text string `json:"text" maxLength:"5000"`
	} `nameHint:"Message"`
}

func (d Deps) say(ctx context.Context, in *sayInput) (*trackedOutput, error) {
	return d.then(ctx, in.OwnKey, func(k cases.Key) error {
		_, err := d.Cases.Say(ctx, k, in.Body.Text)
		return err
	})
}

type withdrawInput struct {
	OwnKey
	Body *struct {
		Reason string `json:"reason,omitempty" maxLength:"5000"`
	} `nameHint:"Withdrawal"`
}

func (d Deps) withdraw(ctx context.Context, in *withdrawInput) (*trackedOutput, error) {
	reason := ""
	if in.Body != nil {
		reason = in.Body.Reason
	}
	return d.then(ctx, in.OwnKey, func(k cases.Key) error {
		_, err := d.Cases.Withdraw(ctx, k, reason)
		return err
	})
}

type appealInput struct {
	OwnKey
	Body struct {
		Reason string `json:"reason" maxLength:"5000"`
	} `nameHint:"AppealReason"`
}

func (d Deps) appeal(ctx context.Context, in *appealInput) (*trackedOutput, error) {
	return d.then(ctx, in.OwnKey, func(k cases.Key) error {
		_, err := d.Cases.Appeal(ctx, k, in.Body.Reason)
		return err
	})
}

type evaluateInput struct {
	OwnKey
	Body struct {
		Grade    int      `json:"grade" minimum:"1" maximum:"5"`
		Resolved string   `json:"resolved" enum:"yes,partly,no"`
		Reasons  []string `json:"reasons,omitempty" nullable:"false" maxItems:"20"`
		Comment  string   `json:"comment,omitempty" maxLength:"1000"`
	} `nameHint:"Evaluation"`
}

func (d Deps) evaluate(ctx context.Context, in *evaluateInput) (*trackedOutput, error) {
	return d.then(ctx, in.OwnKey, func(k cases.Key) error {
		reasons := slices.Compact(slices.Sorted(slices.Values(in.Body.Reasons)))
		return d.Satisfaction.ByKey(ctx, k, satisfaction.Judgement{Grade: in.Body.Grade, Resolved: in.Body.Resolved,
			Reasons: reasons, Comment: in.Body.Comment, Channel: cases.ChannelAPI})
	})
}

// then does an act of the citizen and answers with where the case stands now.
func (d Deps) then(ctx context.Context, who OwnKey, act func(cases.Key) error) (*trackedOutput, error) {
	k, err := who.key(ctx)
	if err != nil {
		return nil, err
	}
	if err := act(k); err != nil {
		return nil, d.refusal(ctx, k, err)
	}
	return d.track(ctx, &who)
}

// refusal says of an act that the state does not allow which of the person's own
// it does; what staff may do is none of theirs.
func (d Deps) refusal(ctx context.Context, k cases.Key, err error) error {
	e, ok := fault.As(err)
	if !ok || e.Key != "case.action.impossible" {
		return err
	}
	v, missing := d.Cases.Track(ctx, k)
	if missing != nil {
		return missing
	}
	return impossible(e.With("Possible", ownActions(v)))
}
