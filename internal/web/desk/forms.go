package desk

import (
	"fmt"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// form is one act that can be done on the case, with what it asks.
type form struct {
	Action cases.Action
	Title  web.Words
	Says   web.Words // what will be sent to whom
	Fields []field
	Button web.Button
	Open   bool
}

type field struct {
	web.Field
	Kind string // text, textarea, select, radios
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
		return cases.Return{Reason: v("reason"), Explanation: v("explanation")}
	case cases.ActAssign:
		return cases.Assign{HandlerID: v("handler_id")}
	case cases.ActReply:
		return cases.Reply{Text: v("text")}
	case cases.ActReviewReply:
		return cases.ReviewReply{Approve: v("approve") == "yes", Note: v("note")}
	case cases.ActConclude:
		return cases.Conclude{Outcome: cases.Outcome(v("outcome")), Note: v("note")}
	case cases.ActRework:
		return cases.Rework{Reason: v("reason")}
	case cases.ActNote:
		return cases.Note{Text: v("text")}
	}
	return nil
}

// form builds the form of an act, filled with what was typed before.
func (p *casePage) form(c *gin.Context, v *caseView, one *cases.View, n names, a cases.Action) form {
	f := form{Action: a, Title: web.Say("case.action." + string(a)), Says: web.Say("desk.says." + string(a)),
		Button: web.Button{Words: web.Say("desk.do." + string(a))}}
	typed := func(name, otherwise string) string {
		if got, ok := c.GetPostForm(string(a) + "." + name); ok {
			return got
		}
		return otherwise
	}
	add := func(kind, name, initial string, optional bool, options []web.Option) {
		f.Fields = append(f.Fields, field{Kind: kind, Field: web.Field{Name: string(a) + "." + name, Label: web.Say("desk.field." + name),
			Value: typed(name, initial), Optional: optional, Options: options, Rows: 5, Max: max(0, textMost(kind))}})
	}
	switch a {
	case cases.ActAccept:
		add("select", "matter_code", matterCode(one, n), true, p.matters(one, n))
		add("textarea", "note", "", true, nil)
	case cases.ActNotAccept:
		add("select", "reason", "", false, choices("case.not_accept.", cases.NotAcceptReasons))
		add("textarea", "explanation", "", false, nil)
	case cases.ActRequestInfo:
		add("textarea", "question", "", false, nil)
	case cases.ActDispatch:
		add("select", "unit_code", unitCode(one.RouteUnitID, n), false, units(n))
		add("textarea", "note", "", true, nil)
	case cases.ActRedispatch:
		add("select", "unit_code", "", false, units(n))
		add("textarea", "note", "", false, nil)
	case cases.ActReturn:
		add("select", "reason", "", false, choices("case.return.", cases.ReturnReasons))
		add("textarea", "explanation", "", false, nil)
	case cases.ActAssign:
		add("select", "handler_id", me(c.Request.Context()), false, p.handlers(c, one, n))
	case cases.ActReply, cases.ActNote:
		add("textarea", "text", "", false, nil)
	case cases.ActReviewReply:
		add("radios", "approve", "yes", false, []web.Option{{Value: "yes", Words: web.Say("desk.approve.yes")}, {Value: "no", Words: web.Say("desk.approve.no")}})
		add("textarea", "note", "", true, nil)
	case cases.ActConclude:
		outcomes := make([]string, len(cases.Outcomes))
		for i, o := range cases.Outcomes {
			outcomes[i] = string(o)
		}
		add("radios", "outcome", "", false, choices("case.outcome.", outcomes)[1:])
		add("textarea", "note", "", true, nil)
	case cases.ActRework:
		add("textarea", "reason", "", false, nil)
	}
	return f
}

func textMost(kind string) int {
	if kind == "textarea" {
		return cases.TextMost
	}
	return 0
}

func choices(prefix string, codes []string) []web.Option {
	options := []web.Option{{Words: web.Say("desk.choose")}}
	for _, code := range codes {
		options = append(options, web.Option{Value: code, Words: web.Say(prefix + code)})
	}
	return options
}

// units lists every unit that is in force, indented by its place in the tree.
func units(n names) []web.Option {
	options := []web.Option{{Words: web.Say("desk.choose")}}
	for _, u := range n.snap.Units {
		if u.ValidTo != nil {
			continue
		}
		options = append(options, web.Option{Value: u.Code, Words: indented(u, depth(u))})
	}
	return options
}

// depth is how far below the root a unit stands.
func depth(u *catalogue.Unit) int { return strings.Count(u.Path, "/") - 1 }

// indented shows a unit's place in the tree by ideographic spaces, which every
// browser keeps in an option.
func indented(u *catalogue.Unit, depth int) web.Words {
	t := make(i18n.Text, len(u.Name))
	for l, name := range u.Name {
		t[l] = strings.Repeat("\u3000", depth) + name
	}
	return web.Data(t)
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
	if one.MatterID != nil {
		if m, err := n.snap.Matter(*one.MatterID); err == nil {
			return m.Code
		}
	}
	return ""
}

func (p *casePage) matters(one *cases.View, n names) []web.Option {
	options := []web.Option{{Words: web.Say("desk.matter.later")}}
	for _, m := range n.snap.Matters {
		if m.ValidTo == nil && m.Allows(string(one.Kind)) {
			options = append(options, web.Option{Value: m.Code, Words: web.Data(m.Name)})
		}
	}
	return options
}

// handlers are the colleagues who may handle cases of the unit, oneself first.
func (p *casePage) handlers(c *gin.Context, one *cases.View, n names) []web.Option {
	ctx := c.Request.Context()
	mine := me(ctx)
	options := []web.Option{{Value: mine, Words: web.Say("desk.handler.me")}}
	u, err := n.snap.Unit(one.UnitID)
	if err != nil {
		return options
	}
	ids, err := p.Cases.Handlers(ctx, u.Path)
	if err != nil {
		return options
	}
	known, err := p.People.Names(ctx, ids...)
	if err != nil {
		return options
	}
	for _, id := range ids {
		if id != mine {
			options = append(options, web.Option{Value: id, Words: web.Plain(known[id])})
		}
	}
	return options
}

// answerWords shows an answer in the words of its question's options.
func answerWords(q catalogue.Question, answer any) web.Words {
	value := fmt.Sprint(answer)
	for _, o := range q.Options {
		if o.Value == value {
			return web.Data(o.Label)
		}
	}
	switch answer {
	case true:
		return web.Say("desk.yes")
	case false:
		return web.Say("desk.no")
	}
	if many, ok := answer.([]any); ok {
		parts := make([]string, len(many))
		for i, a := range many {
			parts[i] = fmt.Sprint(a)
		}
		value = strings.Join(parts, ", ")
	}
	return web.Plain(value)
}

// rebind opens the form that failed and gives its fields their errors.
func (v *caseView) rebind(a cases.Action) {
	forms := make([]*form, 0, len(v.More)+1)
	if v.First != nil {
		forms = append(forms, v.First)
	}
	for i := range v.More {
		forms = append(forms, &v.More[i])
	}
	for _, f := range forms {
		f.Open = f.Action == a
		for i := range f.Fields {
			f.Fields[i].Field = v.Bind(f.Fields[i].Field)
		}
	}
}
