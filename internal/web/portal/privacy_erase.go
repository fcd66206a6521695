package portal

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/i18n"
	rights "minqing/internal/privacy"
	"minqing/internal/web"
)

// erasePage is where people ask to be erased: it says first what goes, what
// stays and what stands in the way.
type erasePage struct{ PrivacyDeps }

type eraseForm struct {
	Typed    string `form:"typed"`
	Password string `form:"password"`
}

type eraseView struct {
	web.Page
	Open     []web.Link // cases that are not over
	Waits    *web.Notice
	Typed    web.Field
	Password web.Field
	Do       web.Button
}

func (h *erasePage) show(c *gin.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	return h.Kit.Show(c, "portal/erase", v)
}

func (h *erasePage) view(c *gin.Context) (*eraseView, error) {
	ctx := c.Request.Context()
	open, err := h.Privacy.Open(ctx)
	if err != nil {
		return nil, err
	}
	wish, err := h.Privacy.Standing(ctx)
	if err != nil {
		return nil, err
	}
	v := &eraseView{Page: h.Kit.Page(c, web.Say("privacy.erase.title"))}
	v.Back = &web.Link{Href: "/me/privacy", Words: web.Say("privacy.title")}
	v.Typed = web.Field{Name: "typed", Label: web.Say("privacy.erase.type", "Words", confirmation(v.Lang)), Complete: "off", Width: "20"}
	account, err := h.Identity.Own(ctx)
	if err != nil {
		return nil, err
	}
	v.Password = web.Field{Name: "password", Label: web.Say("privacy.password"), Hint: passwordHint(account), Optional: !account.HasPassword, Complete: "current-password"}
	v.Do = web.Button{Words: web.Say("privacy.erase.do"), Kind: "warning"}
	for _, one := range open {
		v.Open = append(v.Open, web.Link{Href: "/cases/" + one.CaseNo, Words: web.Plain(one.CaseNo + " " + one.Title)})
	}
	if wish != nil {
		v.Waits = h.waits(v.Lang, wish)
	}
	return v, nil
}

// confirmation is what is to be typed, in the language of the page.
func confirmation(lang i18n.Lang) string {
	for i, l := range i18n.Langs {
		if l == lang && i < len(rights.Confirmation) {
			return rights.Confirmation[i]
		}
	}
	return rights.Confirmation[len(rights.Confirmation)-1]
}

func (h *erasePage) send(c *gin.Context) error {
	var f eraseForm
	err := web.Decode(c, &f)
	if err == nil {
		_, err = h.Privacy.Ask(c.Request.Context(), f.Password, f.Typed)
	}
	if err != nil {
		v, failed := h.view(c)
		if failed != nil {
			return failed
		}
		if err := v.Fail(err); err != nil {
			return err
		}
		v.Typed.Value = f.Typed
		v.Typed, v.Password = v.Bind(v.Typed), v.Bind(v.Password)
		return h.Kit.Show(c, "portal/erase", v)
	}
	if err := h.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("privacy.erase.taken")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/me/privacy")
	return nil
}
