package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/fault"
	"minqing/internal/web"
)

// rulesPage shows what each role may do, and how that is changed by two people.
type rulesPage struct{ AccessDeps }

type rulesView struct {
	web.Page
	Areas   []web.Link
	Roles   []web.Words
	Rows    []ruleRow
	Waiting []ruleChangeRow
	Decided []ruleChangeRow
	Change  bool // the actor grants roles for the whole government

	Role, Verb, Gives, Reason web.Field
}

// ruleRow is a verb and how each role stands to it.
type ruleRow struct {
	Verb  web.Words
	Cells []ruleCell
}

type ruleCell struct {
	Mark    string
	Words   web.Words // what the mark says
	Changed bool
}

// ruleChangeRow is a change that waits, or was decided.
type ruleChangeRow struct {
	Action     string
	Role, Verb web.Words
	Gives      bool
	Line       string      // of the diff of policies/policy.csv
	Touches    []web.Words // the roles that would receive or lose the verb
	Reason     string
	By         string
	AskedAt    time.Time
	Mine       bool // who asked does not decide
	Approved   bool
	DecidedBy  string
	DecidedAt  *time.Time
	Buttons    []web.Button
}

type ruleInput struct {
	Role   string      `form:"role"`
	Verb   access.Verb `form:"verb"`
	Gives  string      `form:"gives"`
	Reason string      `form:"reason"`
}

func (p *rulesPage) show(c *gin.Context) error { return p.page(c, ruleInput{}, nil) }

func (p *rulesPage) page(c *gin.Context, in ruleInput, failed error) error {
	ctx := c.Request.Context()
	v := &rulesView{Page: p.Kit.Page(c, web.Say("access.rules.title")), Areas: accessAreas("/admin/access/rules")}
	v.Wide = true
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	var err error
	if v.Change, err = p.Access.MayChangeRules(ctx); err != nil {
		return err
	}
	if err := p.table(ctx, v); err != nil {
		return err
	}
	if err := p.changes(ctx, v); err != nil {
		return err
	}
	p.form(v, in)
	return p.Kit.Show(c, "admin/rules", v)
}

func (p *rulesPage) table(ctx context.Context, v *rulesView) error {
	all, err := p.Access.Standings(ctx)
	if err != nil {
		return err
	}
	for _, role := range access.ChangeableRoles() {
		v.Roles = append(v.Roles, roleWords(role))
	}
	for _, verb := range access.ChangeableVerbs() {
		row := ruleRow{Verb: verbWords(verb)}
		for _, role := range access.ChangeableRoles() {
			row.Cells = append(row.Cells, cellOf(all[role][verb]))
		}
		v.Rows = append(v.Rows, row)
	}
	return nil
}

func cellOf(s access.Standing) ruleCell {
	c := ruleCell{Mark: "–", Words: web.Say("access.rules.no"), Changed: s.Changed}
	switch {
	case s.Own:
		c.Mark, c.Words = "●", web.Say("access.rules.own")
	case s.May:
		c.Mark, c.Words = "○", web.Say("access.rules.inherited")
	}
	return c
}

func (p *rulesPage) changes(ctx context.Context, v *rulesView) error {
	waiting, err := p.Access.RulesWaiting(ctx)
	if err != nil {
		return err
	}
	decided, err := p.Access.RulesDecided(ctx)
	if err != nil {
		return err
	}
	var ids []string
	for _, list := range [][]access.RuleChange{waiting, decided} {
		for _, r := range list {
			ids = append(ids, deref(r.AskedByID), deref(r.DecidedByID))
		}
	}
	names, err := p.People.Names(ctx, ids...)
	if err != nil {
		return err
	}
	for _, r := range waiting {
		row := rowOfRule(r, names)
		row.Mine = v.Actor.Is(r.AskedByID, r.AskedAsID)
		touched, err := p.Access.Effect(ctx, r)
		if err != nil {
			return err
		}
		for _, role := range touched {
			row.Touches = append(row.Touches, roleWords(role))
		}
		if v.Change && !row.Mine {
			row.Buttons = []web.Button{{Words: web.Say("access.requests.approve"), Kind: "small", Name: "do", Value: "approve"},
				{Words: web.Say("access.requests.decline"), Kind: "small", Name: "do", Value: "decline"}}
		}
		v.Waiting = append(v.Waiting, row)
	}
	for _, r := range decided {
		v.Decided = append(v.Decided, rowOfRule(r, names))
	}
	return nil
}

func rowOfRule(r access.RuleChange, names map[string]string) ruleChangeRow {
	return ruleChangeRow{Action: "/admin/access/rules/" + r.ID, Role: roleWords(r.Role), Verb: verbWords(r.Verb), Gives: r.Gives, Line: r.String(), Reason: r.Reason,
		By: names[deref(r.AskedByID)], AskedAt: r.AskedAt, Approved: r.Status == "approved", DecidedBy: names[deref(r.DecidedByID)], DecidedAt: r.DecidedAt}
}

func (p *rulesPage) form(v *rulesView, in ruleInput) {
	v.Role = web.Field{Name: "role", Label: web.Say("access.explain.role"), Value: in.Role, Options: unchosen()}
	for _, role := range access.ChangeableRoles() {
		v.Role.Options = append(v.Role.Options, web.Option{Value: role, Words: roleWords(role)})
	}
	v.Verb = web.Field{Name: "verb", Label: web.Say("access.explain.verb"), Value: string(in.Verb), Options: unchosen()}
	for _, verb := range access.ChangeableVerbs() {
		v.Verb.Options = append(v.Verb.Options, web.Option{Value: string(verb), Words: verbWords(verb)})
	}
	v.Gives = v.Bind(web.Field{Name: "gives", Label: web.Say("access.rules.change"), Value: in.Gives, Inline: true,
		Options: []web.Option{{Value: "yes", Words: web.Say("access.rules.give")}, {Value: "no", Words: web.Say("access.rules.take")}}})
	v.Role, v.Verb = v.Bind(v.Role), v.Bind(v.Verb)
	v.Reason = v.Bind(web.Field{Name: "reason", Label: web.Say("access.grants.reason"), Value: in.Reason, Rows: 3, Max: 500})
}

// ask keeps a change for a second person.
func (p *rulesPage) ask(c *gin.Context) error {
	var in ruleInput
	err := web.Decode(c, &in)
	if err == nil {
		var check fault.Check
		check.That(in.Role != "", "role", "access.ask.role.required")
		check.That(in.Verb != "", "verb", "access.rules.verb")
		check.That(in.Gives == "yes" || in.Gives == "no", "gives", "access.rules.change.required")
		check.That(in.Reason != "", "reason", "access.reason.required")
		err = check.Err()
	}
	if err == nil {
		_, err = p.Access.AskRule(c.Request.Context(), access.RuleChange{Role: in.Role, Verb: in.Verb, Gives: in.Gives == "yes", Reason: in.Reason})
	}
	return p.done(c, in, "access.ask.done", err)
}

// decide approves or declines.
func (p *rulesPage) decide(c *gin.Context) error {
	told := map[string]string{"approve": "access.requests.approved", "decline": "access.requests.declined"}[c.PostForm("do")]
	if told == "" {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	return p.done(c, ruleInput{}, told, p.Access.DecideRule(c.Request.Context(), c.Param("id"), c.PostForm("do") == "approve"))
}

func (p *rulesPage) done(c *gin.Context, in ruleInput, told string, err error) error {
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.Conflict) {
		return p.page(c, in, err)
	}
	if err != nil {
		return err
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say(told)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/admin/access/rules")
	return nil
}
