package desk

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/permits"
	"minqing/internal/text"
	"minqing/internal/web"
)

// hearingPage is the hearing before a permit is decided.
type hearingPage struct {
	*permitPage
}

func registerHearing(d Deps, p *permitPage) {
	g := d.Kit.Group("/desk")
	one := &hearingPage{p}
	big := []web.RouteOption{web.Body(files.MaxSize + 2<<20), web.Timeout(5 * time.Minute), web.Keeps(typedInHearing)}
	d.Kit.GET(g, "/cases/:case_no/hearing", access.CaseRead, one.show)
	d.Kit.POST(g, "/cases/:case_no/hearing", access.CaseRead, one.act, big...)
	d.Kit.GET(g, "/cases/:case_no/hearing/:hearing/:file", access.CaseRead, one.file)
}

// typedInHearing labels the texts of the page.
func typedInHearing(name string) web.Words {
	switch name {
	case "intends", "why", "public", "others", "place", "closed_why", "record", "signed", "reason":
		return web.Say("permit.hearing." + name)
	}
	return web.Words{}
}

type hearingView struct {
	web.Page
	CaseNo  string
	Version int64
	Rows    []hearingRow // the newest first
	Forms   []hearingForm
	Empty   web.Words // where there is nothing yet
	Waits   web.Words // why there is no form
}

// hearingRow is one hearing and what became of it.
type hearingRow struct {
	ID     string
	Chip   web.Chip
	Facts  []web.SummaryRow
	Record string
	Signed string
	Files  []files.File
	Href   string
}

// hearingForm is one of the steps that are possible now.
type hearingForm struct {
	Do      string
	Title   web.Words
	Says    web.Words
	Folded  bool
	Open    bool // of a folded one
	Selects []web.Field
	Dates   []web.Field
	Radios  []web.Field
	Texts   []web.Field
	Files   []web.Field
}

func (p *hearingPage) show(c *gin.Context) error {
	v, err := p.view(c, nil)
	if err != nil {
		return err
	}
	return p.Kit.Show(c, "desk/hearing", v)
}

// view is the page as it stands, with what was typed when it is shown again.
func (p *hearingPage) view(c *gin.Context, problem error) (*hearingView, error) {
	one, err := p.permits.HearingPage(c.Request.Context(), c.Param("case_no"))
	if err != nil {
		return nil, err
	}
	v := &hearingView{Page: p.Kit.Page(c, web.Say("permit.hearing.title")), CaseNo: one.Case.CaseNo, Version: one.Case.Version, Empty: web.Say("permit.hearing.empty")}
	v.Back = &web.Link{Href: "/desk/cases/" + v.CaseNo + "/permit", Words: web.Data(one.Type.Name)}
	if err := v.Fail(problem); err != nil {
		return nil, err
	}
	for i := range one.Hearings {
		v.Rows = append(v.Rows, hearingRowOf(one, &one.Hearings[i], i == 0))
	}
	if one.Hears() {
		v.forms(c, one, p.Now())
	} else if len(v.Rows) == 0 {
		v.Waits = web.Say("permit.hearing.early")
	}
	return v, nil
}

// provisionally is a day of the law, as far as the calendar of its year is published.
func provisionally(r calendar.Result) web.Words {
	if r.Provisional {
		return web.Say("permit.hearing.provisional", "Day", dayText(r.On), "Year", strconv.Itoa(r.On.Year()))
	}
	return web.Data(dayText(r.On))
}

func hearingRowOf(p *permits.HearingPage, h *permits.Hearing, newest bool) hearingRow {
	row := hearingRow{ID: h.ID, Chip: hearingChip(h, newest && p.Unasked), Record: text.MaskFree(h.Record.Text), Signed: text.MaskFree(h.Record.Signed), Files: maskNames(h.Files),
		Href: "/desk/cases/" + p.Case.CaseNo + "/hearing/" + h.ID + "/"}
	fact := func(key string, words web.Words) {
		row.Facts = append(row.Facts, web.SummaryRow{Key: web.Say("permit.hearing." + key), Value: words})
	}
	name := func(key string, id *string) {
		if id != nil && p.Names[*id] != "" {
			fact(key, web.Plain(p.Names[*id]))
		}
	}
	fact("intends", web.Plain(text.MaskFree(h.Intends)))
	if h.Others != "" {
		fact("others", web.Plain(text.MaskFree(h.Others)))
	}
	fact("told_on", web.Data(dayText(h.ToldOn)))
	name("told_by", h.ToldByID)
	if h.State == permits.HearingTold && newest {
		fact("ask_by", provisionally(p.AskBy))
	}
	if h.AskedOn != nil {
		fact("asked_on", web.Data(dayText(*h.AskedOn)))
		fact("asker", web.Say("permit.hearing.asker."+h.Asker))
	}
	if h.AskedOn != nil && h.Asker != permits.AskerUnit && h.State != permits.HearingHeld && newest {
		fact("hold_by", provisionally(p.HoldBy))
	}
	if h.HeardAt != nil {
		fact("when", web.Data(momentText(*h.HeardAt, p.Zone)))
		fact("place", web.Plain(text.MaskFree(h.Place)))
		name("chair", h.ChairID)
		open := web.Say("permit.hearing.open_to.public")
		if h.Closed {
			open = web.Say("permit.hearing.open_to.closed", "Why", text.MaskFree(h.ClosedWhy))
		}
		fact("open_to", open)
	}
	return row
}

func hearingChip(h *permits.Hearing, unasked bool) web.Chip {
	state, tone := h.State, web.ToneInfo
	switch {
	case unasked:
		state, tone = "unasked", ""
	case h.State == permits.HearingHeld:
		tone = web.ToneDone
	case h.State == permits.HearingAsked:
		tone = web.ToneDue
	case h.State == permits.HearingLapsed:
		tone = ""
	}
	return web.Chip{Tone: tone, Words: web.Say("permit.hearing.chip." + state)}
}

// forms are the steps that are possible now.
func (v *hearingView) forms(c *gin.Context, p *permits.HearingPage, now time.Time) {
	h := p.Newest
	switch {
	case h == nil || p.Unasked || h.State == permits.HearingHeld || h.State == permits.HearingLapsed:
		if h != nil && h.State == permits.HearingHeld {
			v.add(c, hearingForm{Do: "file", Title: web.Say("permit.hearing.file.add"), Folded: len(h.Files) > 0, Files: []web.Field{v.text(c, "file", "file", 0, 0)}})
		}
		tell := hearingForm{Do: "tell", Title: web.Say("permit.hearing.tell"), Says: web.Say("permit.hearing.tell.says"), Folded: h != nil,
			Texts: []web.Field{v.text(c, "tell", "intends", 4, cases.TextMost/2), v.optional(c, "tell", "others", 2, cases.TextMost/2)}}
		if h != nil {
			tell.Title = web.Say("permit.hearing.tell.again")
		}
		v.add(c, tell)
		v.add(c, hearingForm{Do: "own", Title: web.Say("permit.hearing.own"), Says: web.Say("permit.hearing.own.says"), Folded: true,
			Texts: []web.Field{v.text(c, "own", "why", 3, cases.TextMost/5), v.text(c, "own", "public", 2, cases.TextMost/5), v.optional(c, "own", "others", 2, cases.TextMost/5)}})
		if p.Unasked {
			v.enter(c)
		}
	case h.State == permits.HearingTold:
		v.enter(c)
	case h.State == permits.HearingAsked:
		v.announce(c, p)
	case h.State == permits.HearingAnnounced:
		if now.Before(*h.HeardAt) {
			v.Waits = web.Say("permit.hearing.later")
		} else {
			v.add(c, hearingForm{Do: "record", Title: web.Say("permit.hearing.record.write"),
				Texts: []web.Field{v.text(c, "record", "record", 8, cases.TextMost), v.text(c, "record", "signed", 3, cases.TextMost/5)}, Files: []web.Field{v.text(c, "record", "file", 0, 0)}})
		}
		v.add(c, hearingForm{Do: "call_off", Title: web.Say("permit.hearing.call_off"), Says: web.Say("permit.hearing.call_off.says"), Folded: true,
			Texts: []web.Field{v.text(c, "call_off", "reason", 2, cases.TextMost/5)}})
	}
}

func (v *hearingView) add(c *gin.Context, f hearingForm) {
	f.Open = c.PostForm("do") == f.Do
	v.Forms = append(v.Forms, f)
}

// text is a field of one of the forms, with what was typed into that form.
func (v *hearingView) text(c *gin.Context, do, name string, rows, most int) web.Field {
	return v.field(c, do, web.Field{Name: name, Label: web.Say("permit.hearing." + name), Hint: hearingHint(name), Rows: rows, Max: most, Optional: name == "file" && do == "record", Accept: fileKinds(name)})
}

func (v *hearingView) optional(c *gin.Context, do, name string, rows, most int) web.Field {
	f := v.text(c, do, name, rows, most)
	f.Optional = true
	return f
}

func (v *hearingView) field(c *gin.Context, do string, f web.Field) web.Field {
	if c.PostForm("do") != do {
		return f
	}
	f.Value = c.PostForm(f.Name)
	return v.Bind(f)
}

func fileKinds(name string) string {
	if name == "file" {
		return ".jpg,.jpeg,.png,.webp,.pdf,.txt,.docx"
	}
	return ""
}

func hearingHint(name string) web.Words {
	switch name {
	case "intends", "others", "record", "signed", "chair":
		return web.Say("permit.hearing." + name + ".hint")
	case "file":
		return web.Say("permit.material.file.hint", "Count", 1, "Megabytes", files.MaxSize>>20)
	}
	return web.Words{}
}

func (v *hearingView) enter(c *gin.Context) {
	v.add(c, hearingForm{Do: "enter", Title: web.Say("permit.hearing.enter"), Folded: true,
		Radios: []web.Field{v.field(c, "enter", web.Field{Name: "asker", Label: web.Say("permit.hearing.asker"), Options: []web.Option{
			{Value: permits.AskerApplicant, Words: web.Say("permit.hearing.asker.applicant")}, {Value: permits.AskerInterested, Words: web.Say("permit.hearing.asker.interested")}}})},
		Dates: []web.Field{v.field(c, "enter", web.Field{Name: "day", Label: web.Say("permit.hearing.came"), Type: "date", Width: "10"})}})
}

func (v *hearingView) announce(c *gin.Context, p *permits.HearingPage) {
	hint := web.Say("permit.hearing.day.hint", "From", dayText(p.Earliest.On), "Until", dayText(p.HoldBy.On))
	switch {
	case p.Newest.Asker == permits.AskerUnit:
		hint = web.Say("permit.hearing.day.hint.own", "From", dayText(p.Earliest.On))
	case p.Earliest.Provisional || p.HoldBy.Provisional:
		hint = web.Say("permit.hearing.day.hint.provisional", "From", dayText(p.Earliest.On), "Year", strconv.Itoa(max(p.Earliest.On.Year(), p.HoldBy.On.Year())))
	case p.HoldBy.On < p.Earliest.On:
		hint = web.Say("permit.hearing.day.hint.late", "From", dayText(p.Earliest.On))
	}
	var chairs []web.Option
	for _, one := range p.Chairs {
		chairs = append(chairs, web.Option{Value: one.ID, Words: web.Plain(one.Name)})
	}
	if len(chairs) == 0 {
		v.Waits = web.Say("permit.hearing.chair.none")
		return
	}
	why := v.field(c, "announce", web.Field{Name: "closed_why", Label: web.Say("permit.hearing.closed_why")})
	closed := c.PostForm("closed")
	if closed == "" {
		closed = "no"
	}
	v.add(c, hearingForm{Do: "announce", Title: web.Say("permit.hearing.announce"), Says: web.Say("permit.hearing.announce.says"),
		Dates: []web.Field{v.field(c, "announce", web.Field{Name: "day", Label: web.Say("permit.hearing.day"), Hint: hint, Type: "date", Width: "10"}),
			v.field(c, "announce", web.Field{Name: "time", Label: web.Say("permit.inspection.time"), Type: "time", Width: "5"}),
			v.field(c, "announce", web.Field{Name: "place", Label: web.Say("permit.hearing.place")})},
		Selects: []web.Field{v.field(c, "announce", web.Field{Name: "chair", Label: web.Say("permit.hearing.chair"), Hint: hearingHint("chair"), Options: chairs})},
		Radios: []web.Field{v.Bind(web.Field{Name: "closed", Label: web.Say("permit.hearing.closed"), Value: closed, Options: []web.Option{
			{Value: "no", Words: web.Say("permit.hearing.closed.no")}, {Value: "yes", Words: web.Say("permit.hearing.closed.yes"), Reveal: &why}}})}})
}

// act does one step.
func (p *hearingPage) act(c *gin.Context) error {
	if _, err := p.permits.HearingPage(c.Request.Context(), c.Param("case_no")); err != nil {
		return err // whatever was sent
	}
	var sent struct {
		Do      string `form:"do"`
		Version int64  `form:"version"`
	}
	if err := web.Decode(c, &sent); err != nil {
		return err
	}
	if sent.Version <= 0 {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	notice := web.Notice{Tone: web.ToneDone, Words: web.Say("permit.hearing.done." + sent.Do)}
	err := p.do(c, sent.Do, sent.Version)
	if sent.Do == "record" && err == nil { // the record stays, whatever is wrong with the file
		if lost := p.keep(c, false); lost != nil && fault.KindOf(lost) == fault.Invalid {
			notice = web.Notice{Tone: web.ToneDue, Words: web.Say("permit.hearing.done.lost")}
		} else if lost != nil {
			return lost
		}
	}
	if err != nil {
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.Conflict {
			return err
		}
		v, loadErr := p.view(c, err)
		if loadErr != nil {
			return loadErr
		}
		return p.Kit.Show(c, "desk/hearing", v)
	}
	if err := p.Kit.Flash(c, notice); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/desk/cases/"+c.Param("case_no")+"/hearing")
	return nil
}

func (p *hearingPage) do(c *gin.Context, do string, version int64) error {
	ctx, no := c.Request.Context(), c.Param("case_no")
	typed := func(name string) string { return strings.TrimSpace(lineEnds.Replace(c.PostForm(name))) }
	var err error
	switch do {
	case "tell":
		_, err = p.permits.TellRight(ctx, no, version, permits.Right{Intends: typed("intends"), Others: typed("others")})
	case "own":
		_, err = p.permits.HearUnasked(ctx, no, version, permits.OwnHearing{Why: typed("why"), Public: typed("public"), Others: typed("others")})
	case "enter":
		_, err = p.permits.EnterAsking(ctx, no, version, permits.PaperAsking{Asker: typed("asker"), Day: typed("day")})
	case "announce":
		_, err = p.permits.Announce(ctx, no, version, permits.Sitting{Day: typed("day"), Time: typed("time"), Place: typed("place"), Chair: typed("chair"), Closed: typed("closed") == "yes", ClosedWhy: typed("closed_why")})
	case "call_off":
		_, err = p.permits.CallOff(ctx, no, version, typed("reason"))
	case "record":
		_, err = p.permits.RecordHearing(ctx, no, version, permits.HearingRecord{Text: typed("record"), Signed: typed("signed")})
	case "file":
		err = p.keep(c, true)
	default:
		err = fault.New(fault.NotFound, "case.action.unknown")
	}
	return err
}

// keep adds the signed record that was chosen as a file.
func (p *hearingPage) keep(c *gin.Context, needed bool) error {
	header, err := c.FormFile("file")
	if err != nil || header.Filename == "" {
		if needed {
			return fault.InvalidInput(fault.Field{Name: "file", Key: "permit.hearing.file.required"})
		}
		return nil
	}
	in, err := header.Open()
	if err != nil {
		return fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	defer in.Close()
	return p.permits.AddHearingFile(c.Request.Context(), c.Param("case_no"), files.Upload{Name: header.Filename, Content: in, Size: header.Size})
}

// file gives the signed record as a download.
func (p *hearingPage) file(c *gin.Context) error {
	content, err := p.permits.HearingFile(c.Request.Context(), c.Param("case_no"), c.Param("hearing"), c.Param("file"))
	if err != nil {
		return err
	}
	defer content.Close()
	return files.Serve(c.Writer, content)
}

// hearingCardOf leads from the permit page to the hearing.
func hearingCardOf(p *permits.Part, now time.Time) *siteCard {
	if p.Application.AcceptedAt == nil || p.Type.OfTaiwan() { // these are the hearings of the licensing law
		return nil
	}
	s := &siteCard{Href: "/desk/cases/" + p.Case.CaseNo + "/hearing", Link: web.Say("permit.hearing.link"), Chip: web.Chip{Words: web.Say("permit.hearing.chip.none")}, Words: web.Say("permit.hearing.card.none")}
	if len(p.Hearings) == 0 {
		return s
	}
	h := &p.Hearings[0]
	by := permits.HearingAskBy(p.Calendar, h.ToldAt)
	unasked := h.State == permits.HearingTold && !by.Provisional && now.After(by.Due)
	s.Chip = hearingChip(h, unasked)
	switch {
	case unasked:
		s.Words = web.Say("permit.hearing.card.unasked")
	case h.State == permits.HearingTold && by.Provisional:
		s.Words = web.Say("permit.hearing.card.told.provisional", "Day", dayText(by.On), "Year", strconv.Itoa(by.On.Year()))
	case h.State == permits.HearingTold:
		s.Words = web.Say("permit.hearing.card.told", "Day", dayText(by.On))
	case h.State == permits.HearingAsked:
		s.Words = web.Say("permit.hearing.card.asked", "Day", dayText(permits.HearingHoldBy(p.Calendar, *h.AskedAt).On))
	case h.State == permits.HearingAnnounced:
		s.Words = web.Say("permit.hearing.card.announced", "At", momentText(*h.HeardAt, p.Calendar.Zone()))
	case h.State == permits.HearingHeld:
		s.Words = web.Say("permit.hearing.card.held", "Day", dayText(*h.HeardOn))
	}
	return s
}
