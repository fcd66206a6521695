package desk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/web"
)

// sent is an act as its form sent it.
type sent struct {
	action  cases.Action
	version int64
	command cases.Command
}

// read takes an act from its form. Values are named after the act, so that one
// page can hold the forms of several.
func read(c *gin.Context) (sent, error) {
	if err := c.Request.ParseForm(); err != nil {
		return sent{}, fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	s := sent{action: cases.Action(c.PostForm("action"))}
	s.command = command(s.action, func(name string) string { return typed(c, s.action, name) })
	if s.command == nil {
		return s, fault.New(fault.NotFound, "case.action.unknown")
	}
	var err error
	if s.version, err = strconv.ParseInt(c.PostForm("version"), 10, 64); err != nil || s.version <= 0 {
		return s, fault.New(fault.Invalid, "fault.malformed")
	}
	return s, nil
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func typed(c *gin.Context, a cases.Action, name string) string {
	return strings.TrimSpace(lineEnds.Replace(c.PostForm(string(a) + "." + name)))
}

// verdict names the choice between yes and no that an act asks for.
var verdict = map[cases.Action]string{cases.ActReviewReply: "approve", cases.ActDecideAppeal: "uphold", cases.ActDecideContest: "exclude",
	cases.ActDecideExtension: "allow", cases.ActDecideObjection: "agree", cases.ActRuleObjection: "ruling"}

// act does one act and comes back to the case.
func (p *casePage) act(c *gin.Context) error {
	s, err := read(c)
	if err != nil {
		return err
	}
	if choice := verdict[s.action]; choice != "" && typed(c, s.action, choice) == "" { // neither is the default
		return p.again(c, s, fault.InvalidInput(fault.Field{Name: choice, Key: "desk." + choice + ".required"}))
	}
	if s.action == cases.ActReturn && typed(c, s.action, "reason") == "not_our_duty" && typed(c, s.action, "basis") == "" {
		return p.again(c, s, fault.InvalidInput(fault.Field{Name: "basis", Key: "desk.basis.required"}))
	}
	done, err := p.Cases.Act(c.Request.Context(), c.Param("case_no"), s.version, s.command)
	if err == nil {
		if p.Bulk != nil && len(writtenIn(s.action)) > 0 {
			if err := p.Bulk.DropDraft(c.Request.Context(), done.CaseNo, s.action); err != nil {
				return err
			}
		}
		return p.after(c, done, s.action)
	}
	if e, ours := fault.As(err); !ours || (e.Kind != fault.Invalid && e.Kind != fault.Conflict) {
		return err
	}
	return p.again(c, s, err)
}

// again shows the page with what was typed, what is wrong with it, and what
// others did meanwhile.
func (p *casePage) again(c *gin.Context, s sent, err error) error {
	e, _ := fault.As(err)
	for i := range e.Fields {
		e.Fields[i].Name = string(s.action) + "." + e.Fields[i].Name
	}
	v, _, loadErr := p.view(c)
	if loadErr != nil {
		return loadErr
	}
	if rest := v.Fail(e); rest != nil {
		return rest
	}
	v.since(s.version)
	if !v.rebind(s.action) {
		v.keep(c, s.action)
	}
	return p.Kit.Show(c, "desk/case", v)
}

// since tells what changed after a version: every version has its event.
func (v *caseView) since(version int64) {
	missed := v.Version - version
	for _, d := range v.Story.Days {
		for _, it := range d.Items {
			if missed--; missed < 0 {
				return
			}
			v.Changed = append(v.Changed, it)
		}
	}
}

// rebind opens the form that failed and gives its fields their errors; false
// when the act has no form any more.
func (v *caseView) rebind(a cases.Action) (found bool) {
	bind := func(f *form) {
		f.Open = f.Action == a
		found = found || f.Open
		for i := range f.Fields {
			f.Fields[i].Field = v.Bind(f.Fields[i].Field)
		}
	}
	if v.First != nil {
		bind(v.First)
	}
	for i := range v.More {
		bind(&v.More[i])
	}
	return found
}

// writtenIn are the fields that hold texts, by the name within their act.
func writtenIn(a cases.Action) []string {
	switch a {
	case cases.ActTransfer:
		return []string{"reason", "text"}
	case cases.ActRework, cases.ActReopen:
		return []string{"reason"} // of other acts it is a code
	}
	return []string{"text", "question", "explanation", "note", "ground"}
}

// typedInAct labels the texts of an act's form by the act.
func typedInAct(name string) web.Words {
	act, field, _ := strings.Cut(name, ".")
	if slices.Contains(writtenIn(cases.Action(act)), field) {
		return web.Say("case.action." + act)
	}
	return web.Words{}
}

// keep shows what was typed for an act that is not possible any more, so that
// it can be copied.
func (v *caseView) keep(c *gin.Context, a cases.Action) {
	for _, name := range writtenIn(a) {
		if t := typed(c, a, name); t != "" {
			v.Kept = append(v.Kept, web.SummaryRow{Key: web.Say("case.action." + string(a)), Value: web.Plain(t)})
		}
	}
}

// after goes back to the case while the actor may still see it, else to the inbox.
func (p *casePage) after(c *gin.Context, done *cases.Case, a cases.Action) error {
	n, err := p.names(c.Request.Context())
	if err != nil {
		return err
	}
	key := "desk.done." + string(a)
	if a == cases.ActReply && n.reviews(done) {
		key += ".review"
	}
	if a == cases.ActRequestExtension {
		if above, err := p.Cases.ExtendedAbove(c.Request.Context(), done); err != nil {
			return err
		} else if above {
			key += ".government"
		}
	}
	words := web.Say(key)
	if a == cases.ActRenewCode {
		words = web.Say(key, "Code", idcode.FormatQueryCode(p.Cases.QueryCode(done)))
	}
	notice := web.Notice{Tone: web.ToneDone, Words: words, Link: &web.Link{Href: p.left(c), Words: web.Say("desk.back")}}
	to := "/desk/cases/" + done.CaseNo
	if _, err := p.Cases.View(c.Request.Context(), done.CaseNo); err != nil {
		if fault.KindOf(err) != fault.NotFound {
			return err
		}
		to, notice.Link, notice.Title = p.left(c), nil, web.Plain(done.CaseNo)
	}
	if err := p.Kit.Flash(c, notice); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}
