package desk

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/text"
	"minqing/internal/web"
)

// blackPage blacks out parts of an attached picture: a new file of the case, in
// which they are gone; the picture stays as it came.
type blackPage struct{ *casePage }

type blackView struct {
	web.Page
	CaseNo string
	Name   string
	Src    string // the picture
	Send   string // where the form goes
	Parts  []blackPart
	Shapes []files.Area // as the picture will be
	Whole  int          // the side of the picture in the unit of the shapes
	Most   int
	Fault  *fault.Field // about all parts
	Looks  bool         // a preview
}

// blackPart is one part with its numbers.
type blackPart struct {
	No     int
	Fields []web.Field
}

// emptyParts are how many parts there is room for besides those that are typed.
const emptyParts = 3

func (p *blackPage) show(c *gin.Context) error {
	v, err := p.picture(c)
	if err != nil {
		return err
	}
	v.fill(nil)
	return p.Kit.Show(c, "desk/black", v)
}

// picture finds the picture for the page.
func (p *blackPage) picture(c *gin.Context) (*blackView, error) {
	ctx := c.Request.Context()
	one, err := p.Cases.ToBlackOut(ctx, c.Param("case_no"))
	if err != nil {
		return nil, err
	}
	f, err := p.Files.Picture(ctx, files.Owner{Kind: files.Case, ID: one.ID}, c.Param("id"))
	if err != nil {
		return nil, err
	}
	if f.Name, err = p.nameOf(ctx, &one.Case, f); err != nil {
		return nil, err
	}
	v := &blackView{Page: p.Kit.Page(c, web.Say("desk.black.title")), CaseNo: one.CaseNo, Name: text.MaskFree(f.Name), Whole: files.Whole, Most: files.MaxAreas}
	v.Wide = true
	v.Back = &web.Link{Href: "/desk/cases/" + one.CaseNo, Words: web.Plain(one.CaseNo)}
	v.Src = "/desk/cases/" + one.CaseNo + "/files/" + f.ID
	v.Send = v.Src + "/black"
	return v, nil
}

// fill shows the parts as they were typed, and room for more.
func (v *blackView) fill(typed []typedPart) {
	for _, p := range typed {
		if a, wrong := p.area(); len(wrong) == 0 {
			v.Shapes = append(v.Shapes, a)
		}
	}
	for range min(emptyParts, max(files.MaxAreas-len(typed), 0)) {
		typed = append(typed, typedPart{})
	}
	for i, p := range typed {
		part := blackPart{No: i + 1}
		for k, side := range sides {
			part.Fields = append(part.Fields, v.Bind(web.Field{Name: sideName(side, i+1), Label: web.Say("desk.black." + side), Value: p[k], Mode: "decimal", Complete: "off", Width: "5"}))
		}
		v.Parts = append(v.Parts, part)
	}
	for i := range v.Errors {
		if name := v.Errors[i].Name; name == "areas" || name == "file" {
			v.Errors[i].Name, v.Fault = "areas", &v.Errors[i]
		}
	}
}

// save makes the new picture; anything but `save` only shows how it will be.
func (p *blackPage) save(c *gin.Context) error {
	if err := c.Request.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	typed := readParts(c.Request.PostForm)
	areas, wrong := areasOf(typed)
	if wrong == nil && c.PostForm("do") == "save" {
		made, err := p.make(c, areas)
		if err == nil {
			return p.made(c, made)
		}
		wrong = err
	}
	v, err := p.picture(c)
	if err != nil {
		return err
	}
	if rest := v.Fail(wrong); rest != nil {
		return rest
	}
	v.fill(typed)
	v.Looks = !v.Failing()
	return p.Kit.Show(c, "desk/black", v)
}

// make keeps the new picture and says so in the story, at once.
func (p *blackPage) make(c *gin.Context, areas []files.Area) (made *files.File, err error) {
	ctx := c.Request.Context()
	one, err := p.Cases.ToBlackOut(ctx, c.Param("case_no"))
	if err != nil {
		return nil, err
	}
	b := files.Black{Owner: files.Owner{Kind: files.Case, ID: one.ID}, ID: c.Param("id"), Areas: areas,
		Name: func(stem string, n int) string { return p.blackName(i18n.Lang(one.Locale), stem, n) },
		Then: func(ctx context.Context, from, made *files.File) error {
			_, err := p.Cases.Act(ctx, one.CaseNo, 0, cases.BlackedOut{From: from.ID, Made: made.ID})
			return err
		}}
	for range blackTries {
		if made, err = p.Files.BlackOut(ctx, b); err == nil {
			made.Name, err = p.nameOf(ctx, &one.Case, made)
			return made, err
		}
		if e, ours := fault.As(err); !ours || e.Key != "case.changed" { // at the same moment by somebody else
			break
		}
	}
	return made, err
}

// blackTries is how often the note is tried on a case that others work on.
const blackTries = 3

func (p *blackPage) made(c *gin.Context, f *files.File) error {
	words := web.Say("desk.black.done", "Name", text.MaskFree(f.Name))
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: words, Link: &web.Link{Href: p.left(c), Words: web.Say("desk.back")}}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/desk/cases/"+c.Param("case_no"))
	return nil
}
