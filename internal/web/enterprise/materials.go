package enterprise

import (
	"mime/multipart"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/web"
)

// items shows the checklist: each material with its files and what may be done. The
// statement that is signed by hand is taken where it is signed.
func (v *applicationView) items(p *applicationPage) {
	o := v.Own
	for _, it := range o.Items {
		row := itemView{Item: it, Key: it.Code, Anchor: "material." + it.Code}
		v.item(o, &row)
		if p.counter && it.Code == permits.StatementPaper && o.Application.State == permits.Draft {
			v.Counter.Signed = &row
			continue
		}
		v.Items = append(v.Items, row)
	}
}

// item fills a row of the checklist from the application that keeps it.
func (v *applicationView) item(o *permits.Own, row *itemView) {
	it := &row.Item
	draft := o.Application.State == permits.Draft
	row.Edits = v.MayWrite && (draft || o.Application.State == permits.Correcting && it.Asked != "")
	given := it.Given()
	row.Needs = draft && it.Required && !it.Waived() && !given || it.Asked != "" && (it.Now == nil || it.Now.SentAt != nil)
	for _, f := range it.Files {
		one := fileRow{ID: f.ID, Href: v.Root + "/" + o.Application.ID + "/files/" + it.Now.ID + "/" + f.ID, Name: f.Name, Size: max(1, (f.Size+1023)/1024)}
		if v.Root != ownRoot && it.Now.ReusesID != nil {
			one.Href = "" // a desk does not look at what was given to another application
		}
		row.Rows = append(row.Rows, one)
	}
	row.Chip = itemChip(row, given)
	if it.Held != nil {
		row.HeldAs = alreadyWords(it.Held)
	}
	if it.Paper != nil {
		row.Paper = web.OriginalAs(it.Paper)
	}
	if row.Edits {
		row.Marks = v.AtDesk() && it.Code != permits.StatementPaper
		row.File = v.Bind(materialField(it, row.Anchor))
		if it.Earlier != nil && (it.Now == nil || it.Now.ReusesID == nil) {
			row.Reuse = it.Earlier.ID
		}
	}
}

func itemChip(row *itemView, given bool) web.Chip {
	switch {
	case row.Asked != "" && row.Needs:
		return web.Chip{Tone: web.ToneDue, Words: web.Say("permit.item.correct")}
	case row.Asked != "":
		return web.Chip{Tone: web.ToneInfo, Words: web.Say("permit.item.renewed")}
	case given && row.Now.Verdict == permits.Verified:
		return web.Chip{Tone: web.ToneDone, Words: web.Say("permit.item.verified")}
	case given && row.Now.ReusesID != nil:
		return web.Chip{Tone: web.ToneDone, Words: web.Say("permit.item.reused")}
	case given && row.Now.Original != "":
		return web.Chip{Tone: web.ToneInfo, Words: web.Say("counter.original." + row.Now.Original)}
	case given:
		return web.Chip{Tone: web.ToneInfo, Words: web.Say("permit.item.given")}
	case row.Held != nil:
		return web.Chip{Tone: web.ToneDone, Words: web.Say("already.chip")}
	case row.Waived():
		return web.Chip{Words: web.Say("already.looked_up")}
	case row.Required:
		return web.Chip{Tone: web.ToneDue, Words: web.Say("permit.item.needed")}
	}
	return web.Chip{Words: web.Say("permit.item.optional")}
}

// materials is the checklist of a draft.
func (p *applicationPage) materials(c *gin.Context) error {
	v, err := p.draft(c, stepMaterials)
	if v == nil {
		return err
	}
	v.items(p)
	return p.Kit.Show(c, "enterprise/materials", v)
}

type materialForm struct {
	Code   string `form:"code"`
	Do     string `form:"do"`
	Remove string `form:"remove"`
	Reuse  string `form:"reuse"`
	Paper  string `form:"original"`
	Part   string `form:"part"`
}

// attach takes files for one material, takes one away, or uses an earlier one.
func (p *applicationPage) attach(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	var f materialForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	if f.Do == "next" {
		c.Redirect(http.StatusSeeOther, p.root+"/"+id+"/check")
		return nil
	}
	var err error
	switch {
	case f.Remove != "":
		err = p.Permits.Detach(ctx, id, f.Code, f.Remove)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			err = nil // a colleague was quicker
			if _, own := p.Permits.Own(ctx, id); own != nil {
				return own
			}
		}
	case f.Reuse != "":
		err = p.Permits.Reuse(ctx, id, f.Code, f.Reuse)
	case f.Paper != "":
		err = p.Permits.MarkOriginal(ctx, id, f.Code, f.Paper)
	default:
		err = p.keepAll(c, id, f.Code, "material."+f.Code)
	}
	step := stepMaterials
	if p.counter && f.Code == permits.StatementPaper {
		step = stepCheck
	}
	v, loadErr := p.load(c, step)
	if loadErr != nil {
		return loadErr
	}
	draft := v.Own.Application.State == permits.Draft
	if err == nil {
		to := v.path(step)
		if !draft {
			to = v.path("")
		}
		c.Redirect(http.StatusSeeOther, to+"#"+web.FieldID("item."+f.Code))
		return nil
	}
	if !draft {
		return p.failSent(c, err)
	}
	if rest := v.Fail(err); rest != nil {
		return rest
	}
	if step == stepCheck {
		return p.sign(c, v, signForm{Name: v.Own.Application.Counter.Speaks()})
	}
	v.items(p)
	return p.Kit.Show(c, "enterprise/materials", v)
}

// keepAll keeps the files that came; those that were refused are named.
func (p *applicationPage) keepAll(c *gin.Context, id, code, name string) error {
	var problems []fault.Field
	var came int
	if c.Request.MultipartForm != nil {
		for _, header := range c.Request.MultipartForm.File[name] {
			if header.Filename == "" {
				continue
			}
			came++
			found, err := p.keep(c, id, code, name, header)
			if err != nil {
				return err
			}
			problems = append(problems, found...)
		}
	}
	if came == 0 {
		problems = append(problems, fault.Field{Name: name, Key: "permit.material.choose"})
	}
	if len(problems) > 0 {
		return fault.InvalidInput(problems...)
	}
	return nil
}

func (p *applicationPage) keep(c *gin.Context, id, code, name string, header *multipart.FileHeader) ([]fault.Field, error) {
	in, err := header.Open()
	if err != nil {
		return nil, fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	defer in.Close()
	err = p.Permits.Attach(c.Request.Context(), id, code, files.Upload{Name: header.Filename, Content: in, Size: header.Size})
	e, ours := fault.As(err)
	switch {
	case err == nil:
		return nil, nil
	case ours && e.Kind == fault.Invalid && len(e.Fields) > 0:
		return refused(name, header.Filename, e.Fields[0].Key, e.Fields[0].Args), nil
	case ours && e.Kind == fault.Unavailable:
		return refused(name, header.Filename, e.Key, e.Args), nil
	}
	return nil, err
}

func refused(field, name, key string, args map[string]any) []fault.Field {
	return []fault.Field{{Name: field, Key: "portal.file.refused", Args: map[string]any{"Name": name, "Why": i18n.Phrase{Key: key, Args: args}}}}
}

// check shows everything once more, and asks for the signature.
func (p *applicationPage) check(c *gin.Context) error {
	v, err := p.draft(c, stepCheck)
	if v == nil {
		return err
	}
	if p.counter {
		return p.sign(c, v, signForm{Name: v.Own.Application.Counter.Speaks()})
	}
	name, err := p.Name(c.Request.Context())
	if err != nil {
		return err
	}
	return p.sign(c, v, signForm{Name: name})
}

func (p *applicationPage) sign(c *gin.Context, v *applicationView, f signForm) error {
	v.items(p)
	v.answers()
	v.signature(f.Name, f.agrees())
	if p.counter {
		v.signedHere(f)
	}
	return p.Kit.Show(c, "enterprise/check", v)
}

// signature asks for the statement and the name.
func (v *applicationView) signature(name string, agrees bool) {
	v.Statement = web.Say("permit.statement." + strconv.Itoa(permits.Statement))
	v.Name = v.Bind(web.Field{Name: "name", Label: web.Say("permit.sign.name.label"), Hint: web.Say("permit.sign.name.hint"), Value: name, Complete: "name", Width: "20"})
	v.Agrees = v.Bind(web.Field{Name: "agrees", Label: web.Say("permit.sign.agrees.label"), Options: []web.Option{{Value: "yes", Words: web.Say("permit.sign.agrees.yes")}}})
	v.Agrees.Values = []string{}
	if agrees {
		v.Agrees.Values = []string{"yes"}
	}
}

// answers are shown with their questions.
func (v *applicationView) answers() {
	v.Sections = answerRows(v.Own.Questions, v.Own.Application.Answers, v.path(stepQuestions))
}

func answerRows(questions []catalogue.Question, answers map[string]any, change string) (rows []web.SummaryRow) {
	for _, q := range catalogue.ToAsk(questions, answers) {
		rows = append(rows, web.SummaryRow{Key: web.Data(q.Title), Value: web.Data(permits.AnswerText(q, answers[q.Name])), Change: change})
	}
	return rows
}

type signForm struct {
	Version int64  `form:"version"`
	Shown   int64  `form:"shown"`
	Name    string `form:"name"`
	Agrees  string `form:"agrees"`
	How     string `form:"how"` // at a counter
	Why     string `form:"why"`
}

func (f signForm) agrees() bool { return f.Agrees == "yes" }

// send signs and sends. Of two members who press at once the second is told, and
// finds what the first sent.
func (p *applicationPage) send(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	var f signForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	_, err := p.Permits.Submit(ctx, id, f.Version, permits.Signature{Name: f.Name, Agrees: f.agrees(), Shown: f.Shown, How: f.How, Why: f.Why}, web.Lang(c))
	if err == nil {
		c.Redirect(http.StatusSeeOther, p.root+"/"+id)
		return nil
	}
	v, loadErr := p.load(c, stepCheck)
	if loadErr != nil {
		return loadErr
	}
	if v.Own.Application.State != permits.Draft {
		return p.failSent(c, err)
	}
	if rest := v.Fail(err); rest != nil {
		return rest
	}
	return p.sign(c, v, f)
}
