package portal

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/identity"
	"minqing/internal/web"
)

// connectPage lets a provider open the account, or no more.
type connectPage struct{ AccountDeps }

type connectForm struct {
	Current string `form:"current"`
}

type connectView struct {
	web.Page
	Words   web.Words
	Current web.Field
	Do      web.Button
}

func (h *connectPage) show(c *gin.Context) error {
	v, _, err := h.view(c)
	if err != nil {
		return err
	}
	return h.Kit.Show(c, "portal/connect", v)
}

func (h *connectPage) view(c *gin.Context) (*connectView, identity.Connection, error) {
	all, err := h.Identity.Connections(c.Request.Context())
	if err != nil {
		return nil, identity.Connection{}, err
	}
	for _, one := range all {
		if one.Key != c.Param("provider") {
			continue
		}
		key, kind := "security.provider.connect", ""
		if one.Connected {
			key, kind = "security.provider.disconnect", "warning"
		}
		return &connectView{Page: h.Kit.Page(c, web.Say(key, "Name", one.Name)), Words: web.Say(key+".words", "Name", one.Name),
			Current: web.Field{Name: "current", Label: web.Say("security.password.current"), Complete: "current-password"},
			Do:      web.Button{Words: web.Say(key, "Name", one.Name), Kind: kind}}, one, nil
	}
	return nil, identity.Connection{}, fault.New(fault.NotFound, "identity.provider.missing")
}

func (h *connectPage) send(c *gin.Context) error {
	v, one, err := h.view(c)
	if err != nil {
		return err
	}
	var f connectForm
	err = web.Decode(c, &f)
	if err == nil && !one.Connected {
		var address, name, token string
		if address, name, token, err = h.Identity.Connect(c.Request.Context(), one.Key, f.Current, string(web.Lang(c))); err == nil {
			http.SetCookie(c.Writer, h.Identity.StepCookie(token))
			out := h.leaveView(c, name)
			out.Stay.Href, out.Stay.Words = "/me/security", web.Say("security.title")
			return h.leave(c, address, out)
		}
	} else if err == nil {
		err = h.Identity.Disconnect(c.Request.Context(), one.Key, f.Current)
	}
	if err != nil {
		if err := v.Fail(err); err != nil {
			return err
		}
		v.Current = v.Bind(v.Current)
		return h.Kit.Show(c, "portal/connect", v)
	}
	if err := h.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("security.provider.disconnected")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/me/security")
	return nil
}
