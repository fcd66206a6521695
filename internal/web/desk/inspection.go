package desk

import (
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/cookie"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/text"
	"minqing/internal/web"
)

// inspectionPage is the inspection on site of what a permit is wanted for. Its form
// can be filled in without network; a script keeps it and sends it later.
type inspectionPage struct {
	*permitPage
}

func registerInspection(d Deps, p *permitPage) {
	g := d.Kit.Group("/desk")
	one := &inspectionPage{p}
	big := []web.RouteOption{web.Body(files.MaxFiles*files.MaxSize + 2<<20), web.Timeout(5 * time.Minute), web.Keeps(typedInInspection)}
	d.Kit.GET(g, "/cases/:case_no/inspection", access.CaseRead, one.show)
	d.Kit.POST(g, "/cases/:case_no/inspection", access.CaseRead, one.act, big...)
	d.Kit.GET(g, "/cases/:case_no/inspection/:inspection/:file", access.CaseRead, one.photo)
}

// typedInInspection labels the texts of the page.
func typedInInspection(name string) web.Words {
	switch {
	case strings.HasPrefix(name, "note."):
		return web.Say("permit.inspection.note")
	case name == "summary", name == "notice":
		return web.Say("permit.inspection." + name)
	}
	return web.Words{}
}

type inspectionView struct {
	web.Page
	CaseNo   string
	Version  int64
	Facts    []web.SummaryRow // of the one that is to come
	Appoint  *appointForm
	Again    bool // another one stands already
	Visit    *visitForm
	Recorded []recordedRow
	Empty    web.Words
	After    string // the permit that is looked at again, after it was issued
}

type appointForm struct{ Day, Time, Officials, Notice web.Field }

type visitForm struct {
	ID, ClientID string
	Fresh        bool // not shown again after a mistake
	Points       []pointRow
	Passed       web.Field
	Summary      web.Field
	Present      web.Field
	Photos       web.Field
}

type pointRow struct{ Verdict, Note web.Field }

type recordedRow struct {
	ID     string
	Chip   web.Chip
	Facts  []web.SummaryRow
	Points []web.SummaryRow
	Text   string
	Photos []files.File
	Href   string
}

// show gives the page; asked for the copy that a phone keeps, only what is needed on site:
// the appointment and the form, not what was recorded before, and not who could be sent.
func (p *inspectionPage) show(c *gin.Context) error {
	v, err := p.site(c, nil)
	if err != nil {
		return err
	}
	if c.Query("kept") != "" {
		v.Recorded, v.Appoint = nil, nil
	}
	return p.Kit.Show(c, "desk/inspection", v)
}

// site is the page as it stands, with what was typed when it is shown again.
func (p *inspectionPage) site(c *gin.Context, problem error) (*inspectionView, error) {
	site, err := p.permits.Site(c.Request.Context(), c.Param("case_no"))
	if err != nil {
		return nil, err
	}
	v := &inspectionView{Page: p.Kit.Page(c, web.Say("permit.inspection.title")), CaseNo: site.Case.CaseNo, Version: site.Case.Version}
	v.Back = &web.Link{Href: "/desk/cases/" + v.CaseNo + "/permit", Words: web.Data(site.Type.Name)}
	if err := v.Fail(problem); err != nil {
		return nil, err
	}
	open := site.Open()
	if open != nil {
		v.Facts = visitFacts(site, open)
	}
	may, after := site.Goes, site.Application.State == permits.Granted
	working := after || site.Case.Status == cases.SignedIn || site.Case.Status == cases.Handling
	if after && may {
		v.After = "/desk/permits/" + site.Decision.PermitNo
	}
	if may && open != nil && (working || site.Case.Status == cases.NeedInfo) {
		v.visit(c, site, open, p.Now())
		p.sealing(c)
	}
	if may && working {
		v.Again = open != nil
		v.appoint(c, site)
	}
	for i := range site.Inspections {
		if one := &site.Inspections[i]; one.State == permits.Recorded {
			v.Recorded = append(v.Recorded, recorded(site, one))
		}
	}
	v.Empty = web.Say("permit.inspection.empty")
	if site.Application.State == permits.Submitted {
		v.Empty = web.Say("permit.inspection.early")
	}
	return v, nil
}

// purposeForms is what the secrets of cookie.Forms are derived for.
const purposeForms = "inspection.forms"

// sealing gives the browser the secret under which its script keeps what is not sent
// yet. It is the same whenever this person signs in, so that a session that ends on
// site loses nothing, and nobody else's.
func (p *inspectionPage) sealing(c *gin.Context) {
	secret := p.Cases.Vault.Derive(purposeForms, actor.From(c.Request.Context()).AccountID, 1)
	if p.Kit.Kept(c, cookie.Forms) != secret {
		p.Kit.Keep(c, cookie.Forms, secret)
	}
}

// visitFacts say when it is and who comes.
func visitFacts(site *permits.Site, one *permits.Inspection) []web.SummaryRow {
	rows := []web.SummaryRow{{Key: web.Say("permit.inspection.when"), Value: web.Data(momentText(one.VisitAt, site.Zone))},
		{Key: web.Say("permit.inspection.officials"), Value: web.Plain(strings.Join(site.Officials(one), " · "))}}
	if one.Notice != "" {
		rows = append(rows, web.SummaryRow{Key: web.Say("permit.inspection.notice"), Value: web.Plain(text.MaskFree(one.Notice))})
	}
	return rows
}

// momentText is an instant in every language.
func momentText(at time.Time, zone *time.Location) i18n.Text {
	t := make(i18n.Text, len(i18n.Langs))
	for _, l := range i18n.Langs {
		t[l] = i18n.Format{Lang: l, Zone: zone}.DateTime(at)
	}
	return t
}

func people(site *permits.Site) (list []web.Option) {
	for _, one := range site.Colleagues {
		list = append(list, web.Option{Value: one.ID, Words: web.Plain(one.Name)})
	}
	return list
}

func (v *inspectionView) appoint(c *gin.Context, site *permits.Site) {
	chosen := []string{actor.From(c.Request.Context()).AccountID}
	if c.PostForm("do") == "appoint" {
		chosen = c.PostFormArray("going")
	}
	day, clock := c.PostForm("day"), c.PostForm("time")
	v.Appoint = &appointForm{
		Day:       v.Bind(web.Field{Name: "day", Label: web.Say("permit.inspection.day"), Type: "date", Width: "10", Value: day}),
		Time:      v.Bind(web.Field{Name: "time", Label: web.Say("permit.inspection.time"), Type: "time", Width: "5", Value: clock}),
		Officials: v.Bind(web.Field{Name: "going", Label: web.Say("permit.inspection.going"), Hint: web.Say("permit.inspection.going.hint"), Options: people(site), Values: chosen}),
		Notice:    v.Bind(web.Field{Name: "notice", Label: web.Say("permit.inspection.notice"), Hint: web.Say("permit.inspection.notice.hint"), Rows: 3, Optional: true, Value: c.PostForm("notice"), Max: cases.TextMost / 5}),
	}
}

func (v *inspectionView) visit(c *gin.Context, site *permits.Site, one *permits.Inspection, now time.Time) {
	mine := c.PostForm("do") == "record"
	f := &visitForm{ID: one.ID, ClientID: c.PostForm("client_id"), Fresh: !mine}
	if !mine || !db.IsID(f.ClientID) {
		f.ClientID = db.NewID(now)
	}
	for _, point := range site.Checklist {
		f.Points = append(f.Points, pointRow{
			Verdict: v.Bind(web.Field{Name: "check." + point.Code, Label: web.Data(point.Name), Inline: true, Value: c.PostForm("check." + point.Code), Options: []web.Option{
				{Value: permits.Met, Words: web.Say("permit.inspection.verdict.met")}, {Value: permits.Unmet, Words: web.Say("permit.inspection.verdict.unmet")},
				{Value: permits.None, Words: web.Say("permit.inspection.verdict.none")}}}),
			Note: v.Bind(web.Field{Name: "note." + point.Code, Label: web.Say("permit.inspection.note.of", "Point", point.Name), Optional: true, Value: c.PostForm("note." + point.Code)}),
		})
	}
	var came []string
	for _, o := range one.Officials {
		came = append(came, o.OfficialID)
	}
	if mine {
		came = c.PostFormArray("present")
	}
	f.Present = v.Bind(web.Field{Name: "present", Label: web.Say("permit.inspection.present"), Hint: web.Say("permit.inspection.present.hint"), Options: people(site), Values: came})
	f.Passed = v.Bind(web.Field{Name: "passed", Label: web.Say("permit.inspection.passed"), Value: c.PostForm("passed"), Options: []web.Option{
		{Value: "yes", Words: web.Say("permit.inspection.passed.yes")}, {Value: "no", Words: web.Say("permit.inspection.passed.no")}}})
	f.Summary = v.Bind(web.Field{Name: "summary", Label: web.Say("permit.inspection.summary"), Hint: web.Say("permit.inspection.summary.hint"), Rows: 4, Optional: true, Value: c.PostForm("summary"), Max: cases.TextMost / 2})
	f.Photos = v.Bind(web.Field{Name: "photos", Label: web.Say("permit.inspection.photos"), Multiple: true, Optional: true, Accept: "image/jpeg,image/png,image/webp",
		Hint: web.Say("permit.material.file.hint", "Count", files.MaxFiles, "Megabytes", files.MaxSize>>20)})
	v.Visit = f
}

// recorded shows what was found.
func recorded(site *permits.Site, one *permits.Inspection) recordedRow {
	row := recordedRow{ID: one.ID, Chip: web.Chip{Tone: web.ToneOver, Words: web.Say("permit.inspection.passed.no")}, Text: text.MaskFree(one.Findings), Photos: maskNames(one.Photos),
		Href: "/desk/cases/" + site.Case.CaseNo + "/inspection/" + one.ID + "/"}
	if one.Passed {
		row.Chip = web.Chip{Tone: web.ToneDone, Words: web.Say("permit.inspection.passed.yes")}
	}
	row.Facts = append(visitFacts(site, one)[:2], web.SummaryRow{Key: web.Say("permit.inspection.received"), Value: web.Data(momentText(*one.RecordedAt, site.Zone))})
	if one.FilledAt != nil {
		row.Facts = append(row.Facts, web.SummaryRow{Key: web.Say("permit.inspection.filled"), Value: web.Data(momentText(*one.FilledAt, site.Zone))})
	}
	for _, point := range site.Type.Checklist { // in the order of the checklist
		i := slices.IndexFunc(one.Checks, func(found permits.InspectionCheck) bool { return found.Code == point.Code })
		if i < 0 {
			continue
		}
		found := one.Checks[i]
		said := web.Say("permit.inspection.verdict." + found.Verdict)
		if found.Note != "" {
			said = web.Say("permit.inspection.verdict.note", "Verdict", i18n.Phrase{Key: "permit.inspection.verdict." + found.Verdict}, "Note", text.MaskFree(found.Note))
		}
		row.Points = append(row.Points, web.SummaryRow{Key: web.Data(point.Name), Value: said})
	}
	return row
}

// act makes an appointment, or takes the form of a visit.
func (p *inspectionPage) act(c *gin.Context) error {
	if _, err := p.permits.Site(c.Request.Context(), c.Param("case_no")); err != nil {
		return err // whatever was sent
	}
	var sent struct {
		Do      string `form:"do"`
		Version int64  `form:"version"`
	}
	if err := web.Decode(c, &sent); err != nil {
		return err
	}
	words := web.Notice{Tone: web.ToneDone, Words: web.Say("permit.inspection.done." + sent.Do)}
	var failed error
	switch sent.Do {
	case "appoint":
		failed = p.appoint(c, sent.Version)
	case "record":
		var lost []string
		if lost, failed = p.record(c); failed == nil && len(lost) > 0 {
			words = web.Notice{Tone: web.ToneDue, Words: web.Say("permit.inspection.done.photos", "Names", strings.Join(lost, ", "))}
		}
	default:
		return fault.New(fault.NotFound, "case.action.unknown")
	}
	if failed != nil {
		return p.again(c, failed)
	}
	if err := p.Kit.Flash(c, words); err != nil {
		return err
	}
	to := "/desk/cases/" + c.Param("case_no") + "/inspection"
	if web.WantsJSON(c) {
		c.JSON(http.StatusOK, map[string]string{"to": to})
		return nil
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// again shows the page with what is to be mended; a script gets the problem alone.
func (p *inspectionPage) again(c *gin.Context, failed error) error {
	if k := fault.KindOf(failed); web.WantsJSON(c) || k != fault.Invalid && k != fault.Conflict {
		return failed
	}
	v, err := p.site(c, failed)
	if err != nil {
		return err
	}
	return p.Kit.Show(c, "desk/inspection", v)
}

func (p *inspectionPage) appoint(c *gin.Context, version int64) error {
	if version <= 0 {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	_, err := p.permits.Appoint(c.Request.Context(), c.Param("case_no"), version, permits.Appointment{Day: strings.TrimSpace(c.PostForm("day")), Time: strings.TrimSpace(c.PostForm("time")),
		Officials: c.PostFormArray("going"), Notice: strings.TrimSpace(lineEnds.Replace(c.PostForm("notice")))})
	return renamedField(err, "officials", "going")
}

// record writes the form of a visit, then its photos. When the network goes away in
// between, the same form comes once more and brings what is missing.
func (p *inspectionPage) record(c *gin.Context) (lost []string, err error) {
	ctx, no := c.Request.Context(), c.Param("case_no")
	typed := func(name string) string { return strings.TrimSpace(lineEnds.Replace(c.PostForm(name))) }
	v := permits.Visit{InspectionID: c.PostForm("inspection"), ClientID: c.PostForm("client_id"), Present: c.PostFormArray("present"),
		Findings: map[string]permits.Finding{}, Summary: typed("summary")}
	if ms, err := strconv.ParseInt(c.PostForm("filled_at"), 10, 64); err == nil && ms > 0 {
		v.FilledAt = time.UnixMilli(ms).UTC()
	}
	for name := range c.Request.PostForm {
		if code, ok := strings.CutPrefix(name, "check."); ok {
			v.Findings[code] = permits.Finding{Verdict: typed(name), Note: typed("note." + code)}
		}
	}
	if said := typed("passed"); said == "yes" || said == "no" {
		yes := said == "yes"
		v.Passed = &yes
	}
	if _, _, err := p.permits.RecordInspection(ctx, no, v); err != nil {
		return nil, renamedField(err, "officials", "present")
	}
	if c.Request.MultipartForm == nil {
		return nil, nil
	}
	for i, header := range c.Request.MultipartForm.File["photos"] {
		kept, err := p.keepPhoto(c, v, i+1, header)
		if err != nil {
			return nil, err
		}
		if !kept {
			lost = append(lost, header.Filename)
		}
	}
	return lost, nil
}

// keepPhoto keeps one photo; one that cannot be taken is said so and is no reason to
// lose the record.
func (p *inspectionPage) keepPhoto(c *gin.Context, v permits.Visit, place int, header *multipart.FileHeader) (kept bool, err error) {
	if header.Filename == "" {
		return true, nil
	}
	in, err := header.Open()
	if err != nil {
		return false, fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	defer in.Close()
	err = p.permits.AddPhoto(c.Request.Context(), c.Param("case_no"), v, place, files.Upload{Name: header.Filename, Content: in, Size: header.Size})
	if err != nil && fault.KindOf(err) == fault.Invalid {
		return false, nil
	}
	return err == nil, err
}

// photo gives a photo as a download.
func (p *inspectionPage) photo(c *gin.Context) error {
	content, err := p.permits.Photo(c.Request.Context(), c.Param("case_no"), c.Param("inspection"), c.Param("file"))
	if err != nil {
		return err
	}
	defer content.Close()
	return files.Serve(c.Writer, content)
}

// siteCard leads from the permit page to the inspection.
type siteCard struct {
	Href  string
	Chip  web.Chip
	Words web.Words
	Link  web.Words
}

// siteOf is the card of an application whose type wants an inspection.
func siteOf(p *permits.Part) *siteCard {
	if !p.Type.Inspection || p.Application.AcceptedAt == nil {
		return nil
	}
	s := &siteCard{Href: "/desk/cases/" + p.Case.CaseNo + "/inspection", Link: web.Say("permit.inspection.link"),
		Chip: web.Chip{Tone: web.ToneDue, Words: web.Say("permit.inspection.chip.none")}, Words: web.Say("permit.inspection.words.none")}
	for i := range p.Inspections {
		switch one := &p.Inspections[i]; {
		case one.State == permits.Recorded && one.Passed:
			s.Chip, s.Words = web.Chip{Tone: web.ToneDone, Words: web.Say("permit.inspection.passed.yes")}, web.Say("permit.inspection.words.recorded", "At", momentText(*one.RecordedAt, p.Calendar.Zone()))
			return s
		case one.State == permits.Recorded:
			s.Chip, s.Words = web.Chip{Tone: web.ToneOver, Words: web.Say("permit.inspection.passed.no")}, web.Say("permit.inspection.words.recorded", "At", momentText(*one.RecordedAt, p.Calendar.Zone()))
			return s
		case one.State == permits.Appointed:
			s.Chip, s.Words = web.Chip{Tone: web.ToneInfo, Words: web.Say("permit.inspection.chip.appointed")}, web.Say("permit.inspection.words.appointed", "At", momentText(one.VisitAt, p.Calendar.Zone()))
			return s
		}
	}
	return s
}

// uninspected asks why nobody went on site, of a refusal where the type wants it.
func (v *permitView) uninspected(c *gin.Context, p *permits.Part) *web.Field {
	if !p.Type.Inspection {
		return nil
	}
	for i := range p.Inspections {
		if p.Inspections[i].State == permits.Recorded {
			return nil
		}
	}
	f := v.Bind(web.Field{Name: "uninspected", Label: web.Say("permit.desk.uninspected"), Hint: web.Say("permit.desk.uninspected.hint"), Value: c.PostForm("uninspected"), Rows: 2, Optional: true, Max: cases.TextMost / 2})
	return &f
}
