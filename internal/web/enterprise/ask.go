package enterprise

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/enterprises"
	"minqing/internal/fault"
	"minqing/internal/web"
)

// askPage asks staff to look at documents: for an enterprise that the register
// cannot prove, or that somebody else has registered.
type askPage struct{ HouseDeps }

type askForm struct {
	Code  string `form:"code"`
	Name  string `form:"name"`
	Words string `form:"words"`
}

type askView struct {
	web.Page
	Dispute  bool
	Known    string // the name that the register or the portal has
	Code     web.Field
	NameIs   web.Field
	Text     web.Field
	Document web.Field
}

func (p *askPage) show(c *gin.Context) error {
	return p.page(c, askForm{Code: c.Query("code")}, nil)
}

func (p *askPage) page(c *gin.Context, in askForm, failed error) error {
	ctx := c.Request.Context()
	v := &askView{Page: p.Kit.Page(c, web.Say("house.ask.title"))}
	v.Back = &web.Link{Href: "/enterprise/register", Words: web.Say("house.register.title")}
	if rest := wrong(&v.Page, failed); rest != nil {
		return rest
	}
	if kind, code, r, err := p.Enterprises.Look(ctx, in.Code); code != "" {
		there, byErr := p.Enterprises.ByCode(ctx, kind, code)
		switch {
		case byErr != nil:
			return byErr
		case there != nil:
			v.Dispute, v.Known, v.Title = true, there.Name, web.Say("house.ask.dispute")
		case err == nil && r != nil:
			v.Known = r.Name
		}
	}
	v.Code = v.Bind(web.Field{Name: "code", Label: web.Say("house.code"), Hint: web.Say("house.code.hint"), Value: in.Code, Width: "20", Complete: "off"})
	v.NameIs = v.Bind(web.Field{Name: "name", Label: web.Say("house.ask.name"), Hint: web.Say("house.ask.name.hint"), Value: in.Name, Width: "30", Complete: "organization"})
	v.Text = v.Bind(web.Field{Name: "words", Label: web.Say("house.ask.words"), Hint: web.Say("house.ask.words.hint"), Value: in.Words, Rows: 5, Max: 2000})
	v.Document = v.Bind(web.Field{Name: "document", Label: web.Say("house.ask.document"), Hint: web.Say("house.ask.document.hint"), Multiple: true, Accept: papersTaken})
	return p.Kit.Show(c, "enterprise/ask", v)
}

const papersTaken = ".jpg,.jpeg,.png,.webp,.pdf"

// send files the case in which staff look at the documents. It is the person's own.
func (p *askPage) send(c *gin.Context) error {
	ctx := c.Request.Context()
	var in askForm
	if err := web.Decode(c, &in); err != nil {
		return p.page(c, in, err)
	}
	owner := p.Enterprises.NewPapers()
	came, problems, err := p.keepPapers(c, "document", owner)
	switch {
	case err != nil:
	case came == 0:
		err = fault.InvalidInput(fault.Field{Name: "document", Key: "house.ask.document.empty"})
	case len(problems) > 0:
		err = fault.InvalidInput(problems...)
	}
	if err != nil {
		if drop := p.Enterprises.DropPapers(ctx, owner); drop != nil {
			return drop
		}
		return p.page(c, in, err)
	}
	claim, err := p.Enterprises.Ask(ctx, enterprises.Request{Code: in.Code, Name: in.Name, Words: in.Words, Files: owner})
	if err != nil {
		return p.page(c, in, p.again(ctx, "document", owner, err))
	}
	c.Redirect(http.StatusSeeOther, "/enterprise/claims/"+claim.ID)
	return nil
}
