package enterprise

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/catalogue"
	"minqing/internal/document"
	"minqing/internal/fault"
	"minqing/internal/permits"
	"minqing/internal/web"
)

// counterCard is what a page says of an application that was written down at a counter.
type counterCard struct {
	By     web.Words // who came
	How    web.Words // how it was signed; zero: it is not yet
	Here   bool      // the desk itself looks at it
	Signed *itemView // where the signed statement is taken
	Way    web.Field // how it is signed

	Came, Agent, Authority web.Field // of who came
}

// counterCard is nil where nobody came to a counter.
func (p *applicationPage) counterCard(o *permits.Own) *counterCard {
	at := o.Application.Counter
	if at == nil {
		return nil
	}
	return &counterCard{By: web.CameBy(at, func(name string) string { return name }), How: web.HowSigned(at), Here: p.counter}
}

// who asks who stands at the counter: the applicant, or an agent with a written
// authority.
func (p *applicationPage) who(c *gin.Context) error {
	v, err := p.draft(c, stepWho)
	if v == nil {
		return err
	}
	at := v.Own.Application.Counter
	return p.askWho(c, v, permits.Representation{By: at.By, Agent: at.Agent, Authority: at.Authority})
}

func (p *applicationPage) askWho(c *gin.Context, v *applicationView, r permits.Representation) error {
	at := v.Counter
	at.Agent = web.Field{Name: "agent", Label: web.Say("counter.agent"), Value: r.Agent, Complete: "off", Width: "20"}
	at.Came = v.Bind(web.Field{Name: "by", Label: web.Say("counter.by"), Value: r.By, Options: []web.Option{
		{Value: permits.InPerson, Words: web.Say("counter.by." + v.Own.Application.Counter.Kind)},
		{Value: permits.AsAgent, Words: web.Say("counter.by.agent"), Hint: web.Say("counter.by.agent.hint"), Reveal: &at.Agent}}})
	at.Authority = v.Bind(web.Field{Name: "authority", Label: web.Say("counter.authority"), Hint: web.Say("counter.authority.hint"), Value: r.Authority, Complete: "off"})
	return p.Kit.Show(c, "desk/counter-who", v)
}

// represent keeps who came, and goes on.
func (p *applicationPage) represent(c *gin.Context) error {
	v, err := p.draft(c, stepWho)
	if v == nil {
		return err
	}
	var f struct {
		Version   int64  `form:"version"`
		By        string `form:"by"`
		Agent     string `form:"agent"`
		Authority string `form:"authority"`
	}
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	r := permits.Representation{By: f.By, Agent: f.Agent, Authority: f.Authority}
	err = p.Permits.Represent(c.Request.Context(), v.ID, f.Version, r)
	if err == nil {
		c.Redirect(http.StatusSeeOther, v.path(stepQuestions))
		return nil
	}
	if rest := v.Fail(err); rest != nil {
		return rest
	}
	return p.askWho(c, v, r)
}

// signedHere asks how the applicant signs, who stands at the desk.
func (v *applicationView) signedHere(f signForm) {
	why := &web.Field{Name: "why", Label: web.Say("counter.why"), Hint: web.Say("counter.why.hint"), Value: f.Why}
	v.Counter.Way = v.Bind(web.Field{Name: "how", Label: web.Say("counter.how"), Value: f.How, Options: []web.Option{
		{Value: permits.SignedPaper, Words: web.Say("counter.how.paper"), Hint: web.Say("counter.how.paper.hint")},
		{Value: permits.SignedAloud, Words: web.Say("counter.how.aloud"), Hint: web.Say("counter.how.aloud.hint"), Reveal: why}}})
	v.Name.Hint, v.Name.Complete = web.Say("counter.sign.name.hint"), "off"
	v.Agrees.Label, v.Agrees.Options[0].Words = web.Say("counter.agrees"), web.Say("counter.agrees.yes")
}

// statement is the application as a paper to be read and signed by hand, before it is
// sent.
func (p *applicationPage) statement(c *gin.Context) error {
	v, err := p.load(c, "")
	if err != nil {
		return err
	}
	o := v.Own
	if o.Application.State != permits.Draft {
		return fault.New(fault.NotFound, "permit.missing")
	}
	v.items(p)
	v.signature("", false)
	w, err := p.paper(&v.Page, o.Type.Code, "counter.print.lead", web.Words{})
	if err != nil {
		return err
	}
	head := []document.Pair{w.Fact("receipt.applicant", w.Say(v.For)), w.Fact("counter.by", w.Say(v.Counter.By))}
	if !v.About.IsZero() {
		head = append(head, w.Fact("held.about", w.Say(v.About)))
	}
	w.Pairs(head)
	if answers := w.answers(o); len(answers) > 0 {
		w.Heading(w.Key("permit.step.questions"))
		w.Pairs(answers)
	}
	w.Heading(w.Key("permit.sent.materials"))
	w.Pairs(w.given(v))
	w.Heading(w.Key("permit.sign.title"))
	w.Text(w.Say(v.Statement))
	w.Gap()
	blank := strings.Repeat("_", 30)
	w.Pairs([]document.Pair{w.Fact("counter.print.name", blank), w.Fact("counter.print.signature", blank), w.Fact("counter.print.day", blank)})
	return w.give(c, o.Type.Code)
}

// answers are those of a draft with their questions.
func (w *receiptPaper) answers(o *permits.Own) (list []document.Pair) {
	for _, q := range catalogue.ToAsk(o.Questions, o.Application.Answers) {
		list = append(list, document.Pair{Key: q.Title.In(w.Format.Lang), Value: permits.AnswerText(q, o.Application.Answers[q.Name]).In(w.Format.Lang)})
	}
	return list
}

// given are the papers of a draft as they lie there.
func (w *receiptPaper) given(v *applicationView) (list []document.Pair) {
	for i := range v.Items {
		it := &v.Items[i]
		var names []string
		for _, f := range it.Rows {
			names = append(names, f.Name)
		}
		if !it.Paper.IsZero() {
			names = append(names, w.Say(it.Paper))
		}
		if len(names) == 0 {
			names = []string{w.Say(it.Chip.Words)}
		}
		list = append(list, document.Pair{Key: it.Name.In(w.Format.Lang), Value: strings.Join(names, "\n")})
	}
	if len(list) == 0 {
		list = []document.Pair{w.Fact("permit.sent.materials", w.Key("permit.materials.none"))}
	}
	return list
}
