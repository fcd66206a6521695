package portal

import (
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/identity"
	"minqing/internal/web"
)

// appPage is where staff turn a second factor on and off.
type appPage struct{ AccountDeps }

type appForm struct {
	Do       string `form:"do"`
	Password string `form:"password"`
	Code     string `form:"code"`
}

type appView struct {
	web.Page
	identity.Factor
	Enrol    bool // before the first session, because a role asks for it
	Next     string
	QR       template.HTML
	Recovery []string // shown this once
	Code     web.Field
	Password web.Field
	Begin    web.Button
	Confirm  web.Button
	Remove   web.Button
}

func (h *appPage) show(c *gin.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	return h.Kit.Show(c, "portal/totp", v)
}

func (h *appPage) view(c *gin.Context) (*appView, error) {
	f, err := h.Identity.SecondFactor(c.Request.Context())
	if err != nil {
		return nil, err
	}
	v := h.newView(c, f)
	if f.URI != "" {
		if v.QR, err = picture(f.URI); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (d AccountDeps) newView(c *gin.Context, f identity.Factor) *appView {
	v := &appView{Page: d.Kit.Page(c, web.Say("security.second.title")), Factor: f, Code: codeField("security.second.code.first"),
		Password: web.Field{Name: "password", Label: web.Say("security.password.current"), Complete: "current-password"},
		Begin:    web.Button{Words: web.Say("security.second.begin"), Name: "do", Value: "begin"},
		Confirm:  web.Button{Words: web.Say("security.second.confirm"), Name: "do", Value: "confirm"},
		Remove:   web.Button{Words: web.Say("security.second.remove"), Kind: "warning", Name: "do", Value: "remove"}}
	if f.On {
		v.Code = codeField("security.second.code.hint")
	}
	return v
}

func (h *appPage) send(c *gin.Context) error {
	var f appForm
	err := web.Decode(c, &f)
	var recovery []string
	if err == nil {
		recovery, err = h.act(c, f)
	}
	if err == nil && f.Do != "confirm" {
		c.Redirect(http.StatusSeeOther, "/me/security/totp")
		return nil
	}
	v, failed := h.view(c)
	if failed != nil {
		return failed
	}
	if err := v.Fail(err); err != nil {
		return err
	}
	v.Recovery, v.Code, v.Password = recovery, v.Bind(v.Code), v.Bind(v.Password)
	c.Header("Cache-Control", "no-store")
	return h.Kit.Show(c, "portal/totp", v)
}

func (h *appPage) act(c *gin.Context, f appForm) (recovery []string, err error) {
	ctx := c.Request.Context()
	switch f.Do {
	case "confirm":
		return h.Identity.ConfirmSecond(ctx, f.Code)
	case "remove":
		return nil, h.Identity.RemoveSecond(ctx, f.Password, f.Code)
	}
	return nil, h.Identity.BeginSecond(ctx)
}
