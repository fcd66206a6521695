package desk

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/idcode"
	"minqing/internal/permits"
	"minqing/internal/text"
	"minqing/internal/web"
)

// RegisterPermits mounts the permit side of a case.
func RegisterPermits(d Deps) {
	g := d.Kit.Group("/desk")
	p := &permitPage{casePage: &casePage{d}, permits: d.Permits}
	registerSpot(d, p)
	d.Kit.GET(g, "/cases/:case_no/permit", access.CaseRead, p.show)
	d.Kit.POST(g, "/cases/:case_no/permit", access.CaseRead, p.act, web.Keeps(typedInPermit))
	d.Kit.GET(g, "/cases/:case_no/permit/:material/:file", access.CaseRead, p.file)
	d.Kit.GET(g, "/permits/corrections", access.CaseList, (&latePage{d, d.Permits}).show)
	registerInspection(d, p)
	registerHearing(d, p)
	registerInterested(d, p)
}

// typedInPermit labels the texts of the permit page.
func typedInPermit(name string) web.Words {
	switch {
	case strings.HasPrefix(name, "reason."):
		return web.Say("permit.desk.reason")
	case strings.HasPrefix(name, "why."):
		return web.Say("permit.desk.reason")
	case strings.HasPrefix(name, "further."):
		return typedInFurther(name)
	case name == "again", name == "note", name == "explanation", name == "task", name == "reasons", name == "conditions", name == "uninspected":
		return web.Say("permit.desk." + name)
	}
	return web.Words{}
}

type permitPage struct {
	*casePage
	permits *permits.Service
}

type permitView struct {
	web.Page
	CaseNo     string
	Version    int64
	Chips      []web.Chip
	Facts      []web.SummaryRow
	Answers    []web.SummaryRow
	Already    []web.SummaryRow // what was not asked for, since it is held
	Items      []permitItem
	Notices    []permits.Notice
	Names      map[string]string // of materials, by code, in the reader's language
	Titles     map[string]string // of questions, by name
	Objects    *objectForm       // to answers of the form
	Changes    []web.SummaryRow  // answers that were corrected, the newest first
	Spot       bool              // a small mistake may be corrected on the spot
	Examines   bool              // verdicts may be given
	Again      *web.Field        // the head's reason, where it may be needed
	Further    *furtherForm      // what the list does not have
	Due        web.Field
	Note       web.Field
	Decline    *declineForm
	Opinions   []opinionRow
	Draft      *draftForm
	Decision   *permits.Decision
	Remedy     *permits.Remedy
	Site       *siteCard
	Hearing    *siteCard
	Interested *siteCard
	Rests      web.Words // on what the decision rests
	Decides    bool      // the signed draft may become the decision
	Waits      web.Words
	Bundle     *bundleCard
	Silence    *silenceCard
}

type permitItem struct {
	permits.Item
	Chip    web.Chip
	Href    string
	Verdict web.Field
	Reason  web.Field
	Lies    *web.Field // where a fault lies, of what took the place of something
	Paper   web.Words  // an original that a clerk had in hand
}

type declineForm struct{ Reason, Body, Explanation web.Field }

type draftForm struct {
	Grants, Reasons, Conditions web.Field
	Uninspected                 *web.Field // where nobody has been on site
}

type opinionRow struct {
	UnitCode string
	Unit     web.Words
	Chip     web.Chip
	Answer   string
	Asks     bool
	Task     web.Field
	Law      web.Words // of a lower authority: until when the law lets it examine
}

func (p *permitPage) show(c *gin.Context) error {
	v, err := p.view(c, nil)
	if err != nil {
		return err
	}
	return p.Kit.Show(c, "desk/permit", v)
}

// view is the page as it stands, with what was typed when it is shown again.
func (p *permitPage) view(c *gin.Context, problem error) (*permitView, error) {
	part, err := p.permits.Part(c.Request.Context(), c.Param("case_no"))
	if err != nil {
		return nil, err
	}
	v := &permitView{Page: p.Kit.Page(c, web.Data(part.Type.Name)), CaseNo: part.Case.CaseNo, Version: part.Case.Version, Notices: part.Notices, Decision: part.Decision, Remedy: part.Remedy}
	v.Wide, v.Chips = true, append([]web.Chip{{Tone: web.ToneInfo, Words: web.Say("permit.state." + string(part.Application.State))}}, chips(part.View)...)
	if n := part.Overdue(); n != nil {
		v.Chips = append(v.Chips, lateChip(n.DueOn))
	}
	v.Back = &web.Link{Href: "/desk/cases/" + v.CaseNo, Words: web.Plain(v.CaseNo)}
	if err := v.Fail(problem); err != nil {
		return nil, err
	}
	v.facts(part)
	v.Answers, v.Already, v.Changes = permitAnswers(part), alreadyRows(part), p.changed(v.Lang, part)
	v.items(c, part)
	v.declining(c, part)
	p.opinions(c, v, part)
	v.deciding(c, part)
	if v.Bundle, err = p.bundleOf(c.Request.Context(), part.Case.ID); err != nil {
		return nil, err
	}
	v.Silence = silenceCardOf(part.Silence)
	v.Site, v.Hearing, v.Interested = siteOf(part), hearingCardOf(part, p.Now()), interestedCardOf(part, p.Now())
	if h := permits.LastHeld(part.Hearings); h != nil {
		v.Rests = web.Say("permit.hearing.rests", "Day", dayText(*h.HeardOn))
	}
	return v, nil
}

func (v *permitView) facts(p *permits.Part) {
	a := p.Application
	row := func(key string, words web.Words) {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say(key), Value: words})
	}
	day := func(r calendar.Result) web.Words {
		if r.Provisional {
			return web.Say("permit.desk.provisional", "Day", dayText(r.On), "Year", strconv.Itoa(r.On.Year()))
		}
		return web.Say("permit.desk.day", "Day", dayText(r.On))
	}
	if a.RenewsNo != "" {
		row("held.about", web.Say("held.about."+string(a.Purpose), "No", a.RenewsNo))
	}
	row("permit.desk.received", web.Say("permit.desk.day", "Day", dayText(*a.ReceivedOn)))
	if p.Place != nil {
		row("permit.quota.place", web.Say("permit.quota.place.desk", "Place", p.Place.Place, "Round", strconv.FormatInt(p.Place.Round, 10), "Quota", p.Place.Quota, "Before", p.Place.Before))
	}
	if a.State == permits.Submitted {
		row("permit.desk.accept_by", day(p.AcceptBy))
	}
	if n := len(p.Notices); n > 0 && a.State == permits.Correcting {
		row("permit.desk.correct_by", web.Say("permit.desk.day", "Day", dayText(p.Notices[n-1].DueOn)))
	}
	if a.AcceptedOn != nil {
		key := "permit.desk.accepted"
		if a.Deemed {
			key = "permit.desk.deemed"
		}
		row(key, web.Say("permit.desk.day", "Day", dayText(*a.AcceptedOn)))
	}
	if a.AcceptedOn != nil || p.Type.OfTaiwan() {
		if p.Case.DueOn != nil && p.Decision.Open() {
			row("permit.desk.promised", web.Say("permit.desk.day", "Day", dayText(*p.Case.DueOn)))
		}
		if p.DecideBy.On != 0 && p.Decision.Open() {
			key := "permit.desk.decide_by"
			if p.Type.OfTaiwan() {
				key += ".tw"
			}
			row(key, day(p.DecideBy))
		}
	}
	row("permit.desk.signed", web.Say("permit.desk.signed.by", "At", dayText(*a.ReceivedOn), "Statement", a.Statement))
	if a.Counter != nil {
		at := *a.Counter
		at.Authority, at.Why = text.MaskFree(at.Authority), text.MaskFree(at.Why)
		row("counter.by", web.CameBy(&at, idcode.MaskName))
		row("counter.how", web.HowSigned(&at))
	}
	if d := p.Decision; d != nil && d.IssueBy != nil && d.PermitNo == "" {
		row("permit.desk.issue_by", web.Say("permit.desk.day", "Day", dayText(*d.IssueBy)))
	}
	if d := p.Decision; d != nil && d.PermitNo != "" {
		row("permit.result.no", web.Plain(d.PermitNo))
	}
}

// permitAnswers are shown as the words of a case are: numbers of people are masked.
func permitAnswers(p *permits.Part) (rows []web.SummaryRow) {
	for _, q := range catalogue.ToAsk(p.Questions, p.Application.Answers) {
		rows = append(rows, web.SummaryRow{Key: web.Data(q.Title), Value: web.Data(maskedAnswer(q, p.Application.Answers[q.Name]))})
	}
	return rows
}

// maskNames masks numbers of people in the names of files that a page is about to show.
func maskNames(list []files.File) []files.File {
	for i := range list {
		list[i].Name = text.MaskFree(list[i].Name)
	}
	return list
}

func (v *permitView) items(c *gin.Context, p *permits.Part) {
	may := p.View.May(access.PermitReview) == nil
	v.Examines = may && p.Application.State == permits.Submitted
	again := p.Application.State == permits.Accepted && (p.Decision == nil || p.Decision.Lapsed(p.Application.State))
	renotices := p.View.May(access.PermitRenotice) == nil
	v.Examines = v.Examines || again && may && (renotices || unexamined(p))
	v.Spot = may && p.Application.State == permits.Submitted && len(p.Questions) > 0
	v.Names, v.Titles = map[string]string{}, map[string]string{}
	for _, q := range p.Questions {
		v.Titles[q.Name] = q.Title.In(v.Lang)
	}
	for _, it := range p.Items {
		maskNames(it.Files)
		for i := range it.Previous {
			maskNames(it.Previous[i].Files)
		}
		row := permitItem{Item: it, Href: "/desk/cases/" + v.CaseNo + "/permit/"}
		v.Names[it.Code] = it.Name.In(v.Lang)
		given := it.Given()
		row.Chip = permitChip(&it, given)
		if it.Paper != nil {
			row.Paper = web.OriginalAs(it.Paper)
		}
		if v.Examines && !given && !it.Waived() { // optional, and not given: it may turn out to be needed
			row.Verdict = v.Bind(web.Field{Name: "verdict." + it.Code, Label: web.Say("permit.desk.verdict"), Values: c.PostFormArray("verdict." + it.Code),
				Options: []web.Option{{Value: permits.Correct, Words: web.Say("permit.desk.ask")}}})
			row.Reason = v.reason(c, it.Code)
		}
		if v.Examines && given {
			row.Verdict = v.Bind(web.Field{Name: "verdict." + it.Code, Label: web.Say("permit.desk.verdict"), Inline: true, Value: first(c.PostForm("verdict."+it.Code), it.Now.Verdict),
				Options: []web.Option{{Value: permits.Verified, Words: web.Say("permit.desk.verified")}, {Value: permits.Correct, Words: web.Say("permit.desk.correct")}}})
			row.Reason, row.Lies = v.reason(c, it.Code), v.lies(c, p, &it)
		}
		v.Items = append(v.Items, row)
	}
	if !v.Examines {
		v.Waits = waitsForCorrection(p)
		return
	}
	v.Due = v.Bind(web.Field{Name: "due", Label: web.Say("permit.desk.due"), Hint: web.Say("permit.desk.due.hint"), Value: c.PostForm("due"), Type: "date", Width: "10", Optional: true})
	v.Note = v.Bind(web.Field{Name: "note", Label: web.Say("permit.desk.note"), Value: c.PostForm("note"), Rows: 2, Optional: true, Max: cases.TextMost})
	if len(p.Notices) > 0 || again {
		f := v.Bind(web.Field{Name: "again", Label: web.Say("permit.desk.again"), Hint: web.Say("permit.desk.again.hint"), Value: c.PostForm("again"), Rows: 2, Optional: true, Max: cases.TextMost})
		v.Again = &f
	}
	v.Further = v.further(c, p)
	v.Objects = v.objects(c, p)
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func permitChip(it *permits.Item, given bool) web.Chip {
	switch {
	case it.Asked != "":
		return web.Chip{Tone: web.ToneDue, Words: web.Say("permit.item.correct")}
	case given && it.Now.Verdict == permits.Verified:
		return web.Chip{Tone: web.ToneDone, Words: web.Say("permit.item.verified")}
	case given && it.Now.ReusesID != nil:
		return web.Chip{Tone: web.ToneInfo, Words: web.Say("permit.item.reused")}
	case given:
		return web.Chip{Tone: web.ToneInfo, Words: web.Say("permit.desk.unseen")}
	case it.Held != nil:
		return web.Chip{Tone: web.ToneDone, Words: web.Say("already.chip")}
	}
	return web.Chip{Words: web.Say("permit.desk.none")}
}

func (p *permitPage) opinions(c *gin.Context, v *permitView, part *permits.Part) {
	may := part.View.May(access.CaseAddJoint) == nil && part.Reviews()
	for i := range part.Opinions {
		o := &part.Opinions[i]
		row := opinionRow{UnitCode: o.UnitCode, Unit: web.Data(o.Unit.Name), Chip: web.Chip{Tone: web.ToneDue, Words: web.Say("permit.desk.opinion.none")}}
		if by := part.ExamineBy(); o.Preliminary && by.On != 0 {
			row.Law = web.Say("permit.opinion.preliminary", "Day", dayText(by.On))
		}
		switch {
		case o.Part == nil:
			row.Asks = may
			row.Task = v.Bind(web.Field{Name: "task", Label: web.Say("permit.desk.task"), Value: c.PostForm("task"), Rows: 2, Max: cases.TextMost})
		case o.Late(p.Now()):
			row.Chip = web.Chip{Tone: web.ToneOver, Icon: "clock", Words: web.Say("permit.opinion.late", "Day", dayText(o.DueOn(part)))}
		case o.Part.Open():
			row.Chip = web.Chip{Tone: web.ToneInfo, Words: web.Say("permit.opinion.by", "Day", dayText(o.DueOn(part)))}
		default:
			row.Chip, row.Answer = web.Chip{Tone: web.ToneDone, Words: web.Say("permit.desk.opinion." + o.Part.State)}, o.Part.Answer
		}
		v.Opinions = append(v.Opinions, row)
	}
}

func (v *permitView) deciding(c *gin.Context, p *permits.Part) {
	if p.Application.State != permits.Accepted {
		v.refusing(c, p)
		return
	}
	switch {
	case p.Decision.Lapsed(p.Application.State) && p.Case.Status != cases.Handling:
		v.Waits = web.Say("permit.desk.corrected_since")
	case p.Case.Status == cases.Handling && p.View.May(access.CaseReply) == nil:
		grants := c.PostForm("grants")
		v.Draft = &draftForm{
			Grants: v.Bind(web.Field{Name: "grants", Label: web.Say("permit.desk.grants"), Value: grants,
				Options: []web.Option{{Value: "yes", Words: web.Say("permit.desk.grants.yes")}, {Value: "no", Words: web.Say("permit.desk.grants.no")}}}),
			Reasons:     v.Bind(web.Field{Name: "reasons", Label: web.Say("permit.desk.reasons"), Hint: web.Say("permit.desk.reasons.hint"), Value: c.PostForm("reasons"), Rows: 4, Optional: true, Max: cases.TextMost / 2}),
			Uninspected: v.uninspected(c, p),
			Conditions:  v.Bind(web.Field{Name: "conditions", Label: web.Say("permit.desk.conditions"), Value: c.PostForm("conditions"), Rows: 3, Optional: true, Max: cases.TextMost / 2}),
		}
	case p.Case.Status == cases.SignedIn:
		v.Waits = web.Say("permit.desk.assign")
	case p.Case.Status == cases.Replied:
		v.Waits = web.Say("permit.desk.sign")
	case p.Case.Status == cases.Reviewed:
		v.Decides = p.Decision != nil && p.Decision.ApprovedAt != nil && p.View.May(access.CaseConclude) == nil
	}
}

// act does what one of the page's forms asks for.
func (p *permitPage) act(c *gin.Context) error {
	if _, err := p.permits.Part(c.Request.Context(), c.Param("case_no")); err != nil {
		return err // whatever was sent
	}
	if err := c.Request.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	version, err := strconv.ParseInt(c.PostForm("version"), 10, 64)
	if err != nil || version <= 0 {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	do := c.PostForm("do")
	done, err := p.do(c, do, version)
	if err != nil {
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.Conflict {
			return err
		}
		v, loadErr := p.view(c, err)
		if loadErr != nil {
			return loadErr
		}
		return p.Kit.Show(c, "desk/permit", v)
	}
	words := web.Say("permit.desk.done." + do)
	if do == "examine" && done.Status == cases.NeedInfo {
		words = web.Say("permit.desk.done.notice")
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: words}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/desk/cases/"+c.Param("case_no")+"/permit")
	return nil
}

func (p *permitPage) do(c *gin.Context, do string, version int64) (*cases.Case, error) {
	ctx, no := c.Request.Context(), c.Param("case_no")
	typed := func(name string) string { return strings.TrimSpace(lineEnds.Replace(c.PostForm(name))) }
	switch do {
	case "examine":
		e := permits.Examination{Verdicts: map[string]permits.Judgement{}, Due: typed("due"), Again: typed("again"), Note: typed("note")}
		for name := range c.Request.PostForm {
			if code, ok := strings.CutPrefix(name, "verdict."); ok {
				e.Verdicts[code] = permits.Judgement{Verdict: typed(name), Reason: typed("reason." + code), Lies: typed("lies." + code)}
			}
		}
		for i := range permits.FurtherMost {
			at := furtherName(i)
			e.Further = append(e.Further, permits.Further{Name: typed(at + "name"), Reason: typed(at + "reason"), From: typed(at + "from")})
		}
		e.Answers = objections(c.Request.PostForm, typed)
		return p.permits.Examine(ctx, no, version, e)
	case "decline":
		return p.permits.Decline(ctx, no, version, permits.Refusal{Reason: typed("reason"), Body: typed("body"), Explanation: typed("explanation")})
	case "opinion":
		done, err := p.permits.AskOpinion(ctx, no, version, typed("unit"), typed("task"))
		return done, renamedField(err, "text", "task")
	case "draft":
		d := permits.Drafting{Reasons: typed("reasons"), Conditions: typed("conditions"), Uninspected: typed("uninspected")}
		switch g := typed("grants"); g {
		case "yes", "no", permits.NotCorrected:
			yes := g == "yes"
			d.Grants = &yes
			if g == permits.NotCorrected {
				d.Ground = g
			}
		}
		done, err := p.permits.DraftDecision(ctx, no, version, d)
		return done, renamedField(err, "text", "reasons")
	case "decide":
		return p.permits.Decide(ctx, no, version)
	}
	return nil, fault.New(fault.NotFound, "case.action.unknown")
}

// renamedField points an error of the case's act at the input of this page.
func renamedField(err error, from, to string) error {
	if e, ok := fault.As(err); ok {
		for i := range e.Fields {
			if e.Fields[i].Name == from {
				e.Fields[i].Name = to
			}
		}
	}
	return err
}

// file gives a file of a material as a download.
func (p *permitPage) file(c *gin.Context) error {
	content, err := p.permits.File(c.Request.Context(), c.Param("case_no"), c.Param("material"), c.Param("file"))
	if err != nil {
		return err
	}
	defer content.Close()
	return files.Serve(c.Writer, content)
}
