package enterprise

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/idcode"
	"minqing/internal/permits"
	"minqing/internal/web"
)

// Steps of a draft.
const (
	stepWho       = "who" // at a counter: who came
	stepQuestions = "questions"
	stepMaterials = "materials"
	stepCheck     = "check"
)

var steps = []string{stepQuestions, stepMaterials, stepCheck}

// applicationPage are the pages of an application: the applicant's own, or those of the
// desk that writes it down for them.
type applicationPage struct {
	ApplyDeps
	list    string // where one comes from
	root    string // where they stand
	steps   []string
	counter bool
}

const ownRoot = "/enterprise/applications"

// ownPages are the applicant's.
func ownPages(d ApplyDeps) *applicationPage {
	return &applicationPage{ApplyDeps: d, list: ownRoot, root: ownRoot, steps: steps}
}

// applicationView is an application at one of its steps, or after it was sent.
type applicationView struct {
	web.Page
	ID          string
	Root        string // the address of applications
	Base        string // and of the pages of this one
	Version     int64
	For         web.Words
	Type        web.Words
	About       web.Words // the permit that is renewed or changed
	Step, Steps int
	Chip        web.Chip
	MayWrite    bool
	Own         *permits.Own

	Asked    []web.Asked
	Reasons  map[string]string       // why an answer has to be corrected, by the name of the question
	Answers  []answerView            // that have to be corrected
	Changes  []changeView            // the newest first
	Already  map[string]*alreadyNote // by the name of the question
	Items    []itemView
	Sections []web.SummaryRow
	Name     web.Field
	Agrees   web.Field
	Shown    int64

	CaseNo    string
	Code      string
	Unit      web.Words
	Promise   *calendar.Date
	Stands    web.Words // why the time limit stands still
	Next      []nextStep
	Asking    *permits.Notice
	Late      bool // the last day of what is asked for is over
	Proves    bool // there is a written proof of acceptance, or of its refusal
	Result    *permits.Decision
	Declined  *declinedView
	Statement web.Words
	Fees      []feeRow
	Together  string    // the page of all that was sent with it
	Parts     []partRow // of a bundle, the applications
	Hearing   *hearingCard
	Counter   *counterCard // it was written down at a counter
}

// AtDesk says that the desk which wrote the application down looks at it.
func (v *applicationView) AtDesk() bool { return v.Counter != nil && v.Counter.Here }

// nextStep is what happens next, and by when.
type nextStep struct {
	Words web.Words
	Hint  web.Words
	By    *calendar.Date
	Done  bool
}

type itemView struct {
	permits.Item
	HeldAs web.Words
	Key    string      // its name on the page
	Anchor string      // the field that a mistake leads to
	Part   string      // in a bundle, the application that keeps it
	For    []i18n.Text // in a bundle, the permits that want it
	File   web.Field
	Rows   []fileRow
	Chip   web.Chip
	Edits  bool
	Needs  bool // it has to be given, or given anew
	Reuse  string
	Paper  web.Words // an original that a clerk had in hand
	Marks  bool      // one can say so here
}

type fileRow struct {
	ID, Href, Name string
	Size           int64 // in kilobytes
}

// load reads the application for this page, and sends the browser to where it is:
// drafts have steps, what was sent has one page.
func (p *applicationPage) load(c *gin.Context, step string) (*applicationView, error) {
	ctx := c.Request.Context()
	o, err := p.Permits.Own(ctx, c.Param("id"))
	if err != nil {
		return nil, err
	}
	title := web.Data(o.Type.Name)
	if step != "" {
		title = web.Say("permit.step." + step)
	}
	v := &applicationView{Page: p.Kit.Page(c, title), ID: o.Application.ID, Root: p.root, Base: p.root + "/" + o.Application.ID, Version: o.Application.Version, Type: web.Data(o.Type.Name),
		Steps: len(p.steps), Step: slices.Index(p.steps, step) + 1, Chip: stateChip(o.Application.State), MayWrite: o.MayWrite, Own: o, Shown: permits.Statement}
	v.Back = &web.Link{Href: p.list, Words: web.Say("permit.list.title")}
	if no := o.Application.RenewsNo; no != "" {
		v.About = web.Say("held.about."+string(o.Application.Purpose), "No", no)
	}
	v.Counter = p.counterCard(o)
	if p.counter {
		v.For, v.Back.Words = web.Plain(o.Application.Counter.Applicant), web.Say("counter.title")
	} else if v.For, err = p.holder(ctx, &v.Page, o.Application.HolderID); err != nil {
		return nil, err
	}
	if i := slices.Index(p.steps, step); i > 0 {
		v.Back = &web.Link{Href: v.path(p.steps[i-1]), Words: web.Say("portal.back")}
	}
	return v, nil
}

func (v *applicationView) path(step string) string {
	if step == "" {
		return v.Base
	}
	return v.Base + "/" + step
}

// draft opens a step of a draft; one that was sent meanwhile is shown instead.
func (p *applicationPage) draft(c *gin.Context, step string) (*applicationView, error) {
	v, err := p.load(c, step)
	if err == nil && v.leads(c) {
		return nil, nil //nolint:nilnil // answered
	}
	if err == nil && v.Own.Application.State != permits.Draft {
		c.Redirect(http.StatusSeeOther, v.path(""))
		return nil, nil //nolint:nilnil // answered
	}
	return v, err
}

// leads sends whoever opens a draft that is part of a bundle to the bundle.
func (v *applicationView) leads(c *gin.Context) bool {
	a := v.Own.Application
	if a.BundleID == nil || a.State != permits.Draft {
		return false
	}
	c.Redirect(http.StatusSeeOther, bundlePath(*a.BundleID))
	return true
}

// show is the page of what was sent; of a draft, the first step that lacks something.
func (p *applicationPage) show(c *gin.Context) error {
	v, err := p.load(c, "")
	if err != nil {
		return err
	}
	if v.leads(c) {
		return nil
	}
	if v.Own.Application.State == permits.Draft {
		c.Redirect(http.StatusSeeOther, v.path(p.steps[0]))
		return nil
	}
	return p.showSent(c, v)
}

// questions asks what the type wants to know.
func (p *applicationPage) questions(c *gin.Context) error {
	v, err := p.draft(c, stepQuestions)
	if v == nil {
		return err
	}
	if len(v.Own.Questions) == 0 {
		c.Redirect(http.StatusSeeOther, v.path(stepMaterials))
		return nil
	}
	return p.ask(c, v, nil)
}

func (p *applicationPage) ask(c *gin.Context, v *applicationView, sent map[string][]string) error {
	answers := v.Own.Application.Answers
	if sent != nil {
		answers = catalogue.Answers(v.Own.Questions, func(name string) []string { return sent[name] })
	}
	for _, q := range catalogue.ToAsk(v.Own.Questions, answers) {
		values := sent[q.Name]
		if sent == nil {
			values = permits.AnswerValues(answers[q.Name])
		}
		v.Asked = append(v.Asked, v.Ask(q, values))
	}
	v.already(v.Own, itself)
	return p.Kit.Show(c, "enterprise/questions", v)
}

func itself(name string) string { return name }

type answerForm struct {
	Version int64    `form:"version"`
	Asked   []string `form:"asked"`
}

// graver is the second where the first is none, or a mistake of typing only.
func graver(first, second error) error {
	if first == nil || second != nil && fault.KindOf(second) != fault.Invalid {
		return second
	}
	return first
}

// answer keeps what was typed, well or not, and goes on when it is well.
func (p *applicationPage) answer(c *gin.Context) error {
	v, err := p.draft(c, stepQuestions)
	if v == nil {
		return err
	}
	var f answerForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	sent := map[string][]string{}
	for _, q := range v.Own.Questions {
		sent[q.Name] = permits.AnswerValues(v.Own.Application.Answers[q.Name])
		if slices.Contains(f.Asked, q.Name) {
			sent[q.Name] = web.Sent(c, q)
		}
	}
	answers := catalogue.Answers(v.Own.Questions, func(name string) []string { return sent[name] })
	err = p.Permits.Answer(c.Request.Context(), v.ID, f.Version, answers)
	if err == nil || fault.KindOf(err) == fault.Invalid { // what was typed is kept then, and so are reasons
		err = graver(err, p.Permits.Explain(c.Request.Context(), v.ID, reasons(v.Own, itself, c.GetPostForm)))
	}
	more := slices.ContainsFunc(catalogue.ToAsk(v.Own.Questions, answers), func(q catalogue.Question) bool { return !slices.Contains(f.Asked, q.Name) })
	if err == nil && !more {
		c.Redirect(http.StatusSeeOther, v.path(stepMaterials))
		return nil
	}
	if err != nil {
		if rest := v.Fail(err); rest != nil {
			return rest
		}
	}
	if fault.KindOf(err) == fault.Conflict && err != nil {
		v.Version = v.Own.Application.Version // what is on the page now is what was typed; sent again, it counts
	} else {
		v.Version = f.Version + 1
	}
	if more && (err == nil || fault.KindOf(err) == fault.Invalid) {
		c.Redirect(http.StatusSeeOther, v.path(stepQuestions))
		return nil
	}
	return p.ask(c, v, sent)
}

// file gives one file of a material back.
func (p *applicationPage) file(c *gin.Context) error {
	content, err := p.Permits.OwnFile(c.Request.Context(), c.Param("id"), c.Param("material"), c.Param("file"))
	if err != nil {
		return err
	}
	defer content.Close()
	return files.Serve(c.Writer, content)
}

// drop throws a draft away.
func (p *applicationPage) drop(c *gin.Context) error {
	version, err := strconv.ParseInt(c.PostForm("version"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	if err := p.Permits.Drop(c.Request.Context(), c.Param("id"), version); err != nil {
		return err
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("permit.dropped")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, p.list)
	return nil
}

// showSent shows an application that is a case.
func (p *applicationPage) showSent(c *gin.Context, v *applicationView) error {
	if err := p.sent(c.Request.Context(), v); err != nil {
		return err
	}
	return p.Kit.Show(c, "enterprise/sent", v)
}

// sent fills the page of an application that is a case.
func (p *applicationPage) sent(ctx context.Context, v *applicationView) error {
	o := v.Own
	v.CaseNo, v.Code, v.Asking, v.Result = o.Case.CaseNo, o.QueryCode, o.Open(), o.Decision
	v.Statement = web.Say("permit.statement." + strconv.FormatInt(o.Application.Statement, 10))
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	if u, err := snap.Unit(o.Case.UnitID); err == nil {
		v.Unit = web.Data(u.Name)
	}
	if !o.Case.Status.Ended() {
		v.Promise = o.Case.DueOn
	}
	v.Stands = stands(o)
	v.items(p)
	v.corrections()
	v.Proves = proves(o)
	v.Late = v.Asking != nil && v.Asking.Late(o.Calendar.ReceivedOn(p.Now()))
	v.Declined = declinedOf(o.Declined)
	v.Next = p.next(o)
	if p.counter { // fees are paid, and a hearing is asked for, on other pages
		v.Code = idcode.FormatQueryCode(v.Code) // it is copied and read out
		return nil
	}
	v.Hearing = v.hearing(o, p.Now())
	if v.Fees, err = p.feeRows(ctx, o.Case.ID); err != nil {
		return err
	}
	if id := o.Application.BundleID; id != nil {
		v.Together = bundlePath(*id)
	}
	return nil
}

// next are the dated steps that the receipt tells.
func (p *applicationPage) next(o *permits.Own) []nextStep {
	a := o.Application
	list := []nextStep{{Words: web.Say("permit.next.received"), By: a.ReceivedOn, Done: true}}
	if o.Place != nil {
		list[0].Hint = web.Say("permit.quota.place.own", "Place", o.Place.Place, "Round", strconv.FormatInt(o.Place.Round, 10), "Quota", o.Place.Quota, "Before", o.Place.Before)
	}
	switch {
	case a.State == permits.NotAccepted:
		s := nextStep{Words: web.Say("permit.next.not_accepted"), Done: true}
		if o.Declined != nil {
			s.By = &o.Declined.On
		}
		return append(list, s)
	case a.AcceptedOn != nil:
		s := nextStep{Words: web.Say("permit.next.accepted"), By: a.AcceptedOn, Done: true}
		if a.Deemed {
			s.Hint = web.Say("permit.next.deemed")
		}
		list = append(list, s)
	case a.State == permits.Correcting:
		list = append(list, nextStep{Words: web.Say("permit.next.correct"), By: &o.Open().DueOn})
	case a.State == permits.Submitted:
		s := nextStep{Words: web.Say("permit.next.examine"), By: &o.AcceptBy.On, Hint: web.Say(lawKey(o.Type, "permit.next.examine.hint"))}
		if o.AcceptBy.Provisional {
			s.Hint = web.Say("permit.provisional", "Year", strconv.Itoa(o.AcceptBy.On.Year()))
		}
		list = append(list, s)
	}
	list = append(append(list, p.visits(o)...), p.thirdParties(o)...)
	switch {
	case o.Decision != nil:
		list = append(list, nextStep{Words: web.Say("permit.next.decided"), By: o.Decision.DecidedOn, Done: true})
	case a.AcceptedOn != nil && a.State == permits.Accepted, a.State == permits.Submitted && o.Type.OfTaiwan():
		list = append(list, deciding(o))
	case a.State == permits.Correcting && o.Type.OfTaiwan():
		list = append(list, nextStep{Words: web.Say("permit.next.stands")})
	case a.State == permits.Submitted || a.State == permits.Correcting:
		list = append(list, nextStep{Words: web.Say("permit.next.then", "Promised", limitPhrase(o.Type.Promised), "Statutory", limitPhrase(o.Type.Statutory))})
	}
	if d := o.Decision; d != nil && d.Grants && d.PermitNo == "" {
		list = append(list, nextStep{Words: web.Say("permit.next.issue"), By: d.IssueBy})
	}
	return list
}

// deciding is by when the unit decides.
func deciding(o *permits.Own) nextStep {
	s := nextStep{Words: web.Say("permit.next.decide"), By: o.Case.DueOn}
	if o.DecideBy.On != 0 {
		s.Hint = web.Say(lawKey(o.Type, "permit.next.law"), "Day", web.DayText(o.DecideBy.On))
	}
	if o.DecideBy.Provisional || o.Case.DueProvisional {
		s.Hint = web.Say("permit.provisional", "Year", strconv.Itoa(o.DecideBy.On.Year()))
	}
	return s
}

// corrected sends what the notice asks for.
func (p *applicationPage) corrected(c *gin.Context) error {
	version, err := strconv.ParseInt(c.PostForm("version"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	err = p.Permits.Corrected(c.Request.Context(), c.Param("id"), version)
	if err == nil {
		if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("permit.corrected.done")}); err != nil {
			return err
		}
		c.Redirect(http.StatusSeeOther, p.root+"/"+c.Param("id"))
		return nil
	}
	return p.failSent(c, err)
}

// failSent shows the page of what was sent with what is to be mended.
func (p *applicationPage) failSent(c *gin.Context, problem error) error {
	v, err := p.load(c, "")
	if err != nil {
		return err
	}
	if rest := v.Fail(problem); rest != nil {
		return rest
	}
	if v.Own.Application.State == permits.Draft {
		return problem
	}
	return p.showSent(c, v)
}
