package enterprise

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"minqing/internal/enterprises"
	"minqing/internal/fault"
	"minqing/internal/web"
)

// startPage begins to register an enterprise by its number.
type startPage struct{ HouseDeps }

type startView struct {
	web.Page
	Code web.Field
	Ask  *web.Notice // what else to do
}

func (p *startPage) show(c *gin.Context) error { return p.page(c, "", nil) }

func (p *startPage) page(c *gin.Context, typed string, failed error) error {
	v := &startView{Page: p.Kit.Page(c, web.Say("house.register.title"))}
	v.Back = &web.Link{Href: homePath, Words: web.Say("house.title")}
	if rest := wrong(&v.Page, failed); rest != nil {
		return rest
	}
	if e, ok := fault.As(failed); ok {
		link := &web.Link{Href: "/enterprise/ask?code=" + url.QueryEscape(typed)}
		switch e.Key {
		case enterprises.ErrTaken.Key:
			link.Words = web.Say("house.ask.dispute")
			v.Ask = &web.Notice{Title: web.Say("house.taken"), Words: web.Say("house.taken.words"), Link: link}
		case enterprises.ErrSilent.Key:
			link.Words = web.Say("house.ask.do")
			v.Ask = &web.Notice{Title: web.Say("house.silent"), Words: web.Say("house.silent.words"), Link: link}
		}
	}
	v.Code = v.Bind(web.Field{Name: "code", Label: web.Say("house.code"), Hint: web.Say("house.code.hint"), Value: typed, Width: "20", Complete: "off"})
	return p.Kit.Show(c, "enterprise/start", v)
}

// send looks the number up. What the register cannot prove goes to staff.
func (p *startPage) send(c *gin.Context) error {
	var in struct {
		Code string `form:"code"`
	}
	err := web.Decode(c, &in)
	if err != nil {
		return p.page(c, in.Code, err)
	}
	claim, err := p.Enterprises.Begin(c.Request.Context(), in.Code)
	switch {
	case errors.Is(err, enterprises.ErrDocuments):
		c.Redirect(http.StatusSeeOther, "/enterprise/ask?code="+url.QueryEscape(in.Code))
		return nil
	case err != nil:
		return p.page(c, in.Code, err)
	}
	c.Redirect(http.StatusSeeOther, "/enterprise/claims/"+claim.ID)
	return nil
}
