package desk

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// form is one act that can be done on the case, with what it asks.
type form struct {
	Action cases.Action
	Title  web.Words
	Says   []web.Words // what will be sent to whom
	Quote  string      // what the act is about: the reply under review
	Aside  string      // a page that helps with what is typed
	Advice []web.Words // what a reader would miss in the reply that was typed
	Fields []field
	Button web.Button
	Open   bool
	Later  bool // a link leads to it: few cases need it
}

type field struct {
	web.Field
	Kind string // textarea, select, radios, checkboxes
}

// command reads the typed values of an act; nil for an act that has no form.
func command(a cases.Action, v func(string) string) cases.Command {
	switch a {
	case cases.ActAccept:
		return cases.Accept{MatterCode: v("matter_code"), Note: v("note")}
	case cases.ActNotAccept:
		return cases.NotAccept{Reason: v("reason"), Explanation: v("explanation")}
	case cases.ActRequestInfo:
		return cases.RequestInfo{Question: v("question")}
	case cases.ActDispatch:
		return cases.Dispatch{UnitCode: v("unit_code"), Note: v("note")}
	case cases.ActRedispatch:
		return cases.Redispatch{UnitCode: v("unit_code"), Note: v("note")}
	case cases.ActSignIn:
		return cases.SignIn{}
	case cases.ActReturn:
		return cases.Return{Reason: v("reason"), Basis: v("basis"), UnitCode: v("unit_code"), Explanation: v("explanation")}
	case cases.ActAssign:
		return cases.Assign{HandlerID: v("handler_id")}
	case cases.ActReply:
		return cases.Reply{Text: v("text"), Note: v("note"), Advised: true}
	case cases.ActReviewReply:
		return cases.ReviewReply{Approve: v("approve") == "yes", Note: v("note")}
	case cases.ActConclude:
		return cases.Conclude{Outcome: cases.Outcome(v("outcome")), Note: v("note")}
	case cases.ActRework:
		return cases.Rework{Reason: v("reason")}
	case cases.ActNote:
		return cases.Note{Text: v("text"), Contacted: v("contacted") == "yes"}
	case cases.ActDecideAppeal:
		return cases.DecideAppeal{Uphold: v("uphold") == "yes", Text: v("text")}
	case cases.ActRenewCode:
		return cases.RenewCode{Note: v("note")}
	case cases.ActSuspend:
		return cases.Suspend{Type: v("reason"), Ground: v("ground"), Until: v("until"), Notice: v("text"), Note: v("note")}
	case cases.ActResume:
		return cases.Resume{Note: v("note")}
	case cases.ActRequestExtension:
		return cases.RequestExtension{Days: v("days"), Ground: v("ground")}
	case cases.ActDecideExtension:
		return cases.DecideExtension{Approve: v("allow") == "yes", Text: v("text")}
	case cases.ActVerifyGrade:
		return cases.VerifyGrade{Finding: v("finding"), Note: v("note")}
	case cases.ActRectify:
		return cases.Rectify{Text: v("text")}
	case cases.ActContestGrade:
		return cases.ContestGrade{Reason: v("reason"), Explanation: v("explanation")}
	case cases.ActDecideContest:
		return cases.DecideContest{Exclude: v("exclude") == "yes", Note: v("note")}
	}
	return joinedCommand(a, v)
}

// next is the act that takes a case on from each status; where two are listed
// only one of them is possible.
var next = map[cases.Status][]cases.Action{
	cases.Submitted: {cases.ActAccept}, cases.Accepted: {cases.ActDispatch}, cases.Dispatched: {cases.ActSignIn},
	cases.SignedIn: {cases.ActAssign}, cases.Handling: {cases.ActReply}, cases.Replied: {cases.ActReviewReply, cases.ActConclude},
	cases.Reviewed: {cases.ActConclude},
}

// acts puts the one act that takes the case on first, the others behind it.
func (p *casePage) acts(c *gin.Context, v *caseView, one *cases.View, n names) error {
	offered, err := p.Cases.Offered(c.Request.Context(), one)
	if err != nil {
		return err
	}
	first := firstOf(offered, one.Status)
	for _, a := range offered {
		if a != first && a != cases.ActNote && a != wanted(c) {
			v.More = append(v.More, form{Action: a, Title: web.Say("case.action." + string(a)), Later: true})
			continue
		}
		b := asking{p: p, c: c, one: one, n: n, lang: v.Lang, parts: v.parts, pieces: v.pieces}
		f := b.form(a)
		if a == first {
			v.First = &f
			continue
		}
		f.Open = a == cases.Action(c.Query("do"))
		v.More = append(v.More, f)
	}
	return nil
}

// wanted is the act whose form was sent, or is asked for.
func wanted(c *gin.Context) cases.Action {
	if a := c.PostForm("action"); a != "" {
		return cases.Action(a)
	}
	return cases.Action(c.Query("do"))
}

// firstOf is the act that comes first: what waits for this reader's decision, a
// clock that stands still, and else what takes the case on.
func firstOf(offered []cases.Action, at cases.Status) cases.Action {
	for _, a := range []cases.Action{cases.ActDecideAppeal, cases.ActRuleObjection, cases.ActDecideObjection, cases.ActDecideExtension, cases.ActDecideContest,
		cases.ActVerifyGrade, cases.ActRectify, cases.ActJointSignIn, cases.ActJointAnswer, cases.ActResume} {
		if contains(offered, a) {
			return a
		}
	}
	for _, a := range offered {
		if contains(next[at], a) {
			return a
		}
	}
	return ""
}

func contains(list []cases.Action, a cases.Action) bool {
	for _, x := range list {
		if x == a {
			return true
		}
	}
	return false
}

// asking builds the form of an act, filled with what was typed before.
type asking struct {
	p   *casePage
	c   *gin.Context
	one *cases.View
	n   names
	f   form

	lang i18n.Lang

	parts  []cases.Part
	pieces []cases.Piece
}

func (b *asking) form(a cases.Action) form {
	b.f = form{Action: a, Title: web.Say("case.action." + string(a)), Says: b.says(a), Button: web.Button{Words: web.Say("desk.do." + string(a))}}
	switch a {
	case cases.ActAccept:
		b.pick("matter_code", matterCode(b.one, b.n), b.matters()).Optional = true
		b.note()
	case cases.ActNotAccept:
		b.pick("reason", "", choices("case.not_accept.", b.grounds()))
		b.write("explanation", "not_accept")
	case cases.ActRequestInfo:
		b.write("question", "question")
	case cases.ActDispatch:
		b.unit()
		b.note()
	case cases.ActRedispatch:
		b.pickUnit("", true)
		b.write("note", "redispatch")
	case cases.ActReturn:
		b.objection()
	case cases.ActAssign:
		b.pick("handler_id", me(b.c.Request.Context()), b.handlers())
	case cases.ActReply:
		b.reply()
	case cases.ActReviewReply:
		b.f.Quote = unpublished(b.one)
		b.choose("approve", []web.Option{{Value: "yes", Words: web.Say("desk.approve.yes")}, {Value: "no", Words: web.Say("desk.approve.no")}})
		review := b.note()
		review.Label, review.Hint = web.Say("desk.field.review"), web.Say("desk.field.review.hint")
	case cases.ActConclude:
		outcomes := make([]string, len(cases.Outcomes))
		for i, o := range cases.Outcomes {
			outcomes[i] = string(o)
		}
		b.choose("outcome", choices("case.outcome.", outcomes)[1:])
		b.note()
	case cases.ActRework:
		b.write("reason", "rework")
	case cases.ActNote:
		b.write("text", "note_text").Hint = web.Say("desk.field.note_text.hint")
		if b.one.ContactedAt == nil {
			b.tick("contacted", web.Say("desk.contacted"), web.Say("desk.contacted.hint"))
		}
	case cases.ActDecideAppeal:
		b.choose("uphold", []web.Option{{Value: "yes", Words: web.Say("desk.uphold.yes")}, {Value: "no", Words: web.Say("desk.uphold.no")}})
		b.write("text", "decide_appeal")
	case cases.ActRenewCode:
		b.write("note", "renew_code").Rows = 2
	case cases.ActVerifyGrade, cases.ActRectify, cases.ActContestGrade, cases.ActDecideContest:
		b.rectify(a)
	default:
		b.joined(a)
		b.further(a)
	}
	return b.f
}

func (b *asking) add(kind, name, initial string, label web.Words) *web.Field {
	f := field{Kind: kind, Field: web.Field{Name: string(b.f.Action) + "." + name, Label: label, Value: initial, Rows: 4}}
	if got, ok := b.c.GetPostForm(f.Name); ok {
		f.Value = got
	}
	b.f.Fields = append(b.f.Fields, f)
	return &b.f.Fields[len(b.f.Fields)-1].Field
}

func (b *asking) pick(name, initial string, options []web.Option) *web.Field {
	f := b.add("select", name, initial, web.Say("desk.field."+name))
	f.Options = options
	return f
}

// choose leaves the choice open: a default would be taken unread.
func (b *asking) choose(name string, options []web.Option) {
	b.add("radios", name, "", web.Say("desk.field."+name)).Options = options
}

// tick asks whether something is so; the tick's own words are all that is read.
func (b *asking) tick(name string, words, hint web.Words) {
	b.add("checkboxes", name, "", web.Say("desk.field."+name)).Options = []web.Option{{Value: "yes", Words: words, Hint: hint}}
}

// write asks for a text; its label says who will read it.
func (b *asking) write(name, label string) *web.Field {
	f := b.add("textarea", name, "", web.Say("desk.field."+label))
	f.Max = cases.TextMost
	return f
}

// note asks for a remark that stays inside.
func (b *asking) note() *web.Field {
	f := b.write("note", "note")
	f.Optional, f.Hint, f.Rows = true, web.Say("desk.field.note.hint"), 2
	return f
}

// unit asks where to dispatch; what routing suggests is chosen already, with its
// reason, unless a unit has sent the case back.
func (b *asking) unit() {
	if b.one.ReturnedCount > 0 || b.one.RouteUnitID == nil {
		b.pickUnit("", false)
		return
	}
	b.pickUnit(unitCode(b.one.RouteUnitID, b.n), false).Hint = web.Data(b.one.RouteReason)
}

func choices(prefix string, codes []string) []web.Option {
	options := []web.Option{{Words: web.Say("desk.choose")}}
	for _, code := range codes {
		options = append(options, web.Option{Value: code, Words: web.Say(prefix + code)})
	}
	return options
}

// grounds are those for not accepting the case. What the person did not correct is given
// up where the law says so (政府信息公开条例 art. 30).
func (b *asking) grounds() []string {
	if !b.one.AwaitsCorrection() {
		return cases.NotAcceptReasons
	}
	return append([]string{cases.NotCorrected}, cases.NotAcceptReasons...)
}

func unitCode(id *string, n names) string {
	if id != nil {
		if u, err := n.snap.Unit(*id); err == nil {
			return u.Code
		}
	}
	return ""
}

func matterCode(one *cases.View, n names) string {
	if m := n.matterOf(&one.Case); m != nil {
		return m.Code
	}
	return ""
}

func (b *asking) matters() []web.Option {
	options := []web.Option{{Words: web.Say("desk.matter.later")}}
	for _, m := range b.n.snap.Matters {
		if m.ValidTo == nil && m.Allows(string(b.one.Kind)) {
			options = append(options, web.Option{Value: m.Code, Words: web.Data(m.Name)})
		}
	}
	return options
}

// handlers are the colleagues who may handle cases of the unit, oneself first.
func (b *asking) handlers() []web.Option {
	ctx := b.c.Request.Context()
	mine := me(ctx)
	options := []web.Option{{Value: mine, Words: web.Say("desk.handler.me")}}
	u, err := b.n.snap.Unit(b.one.UnitID)
	if err != nil {
		return options
	}
	ids, err := b.p.Cases.Handlers(ctx, &b.one.Case, u)
	if err != nil {
		return options
	}
	known, err := b.p.People.Names(ctx, ids...)
	if err != nil {
		return options
	}
	for _, id := range ids {
		if id != mine && known[id] != "" {
			options = append(options, web.Option{Value: id, Words: web.Plain(known[id])})
		}
	}
	return options
}
