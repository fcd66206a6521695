package portal

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/cookie"
	"minqing/internal/fault"
	"minqing/internal/web"
)

// codePage signs in by a code that is sent, and proves a phone by one.
type codePage struct{ AccountDeps }

func (h *codePage) mount() {
	k, e := h.Kit, h.Kit.Engine()
	often, seldom := web.Throttle(30, time.Minute, web.ByIP), web.Throttle(20, time.Hour, web.ByIP)
	k.GET(e, "/sign-in/code", web.Public, h.show)
	k.POST(e, "/sign-in/code", web.Public, h.ask, seldom)
	k.GET(e, "/sign-in/code/enter", web.Public, h.asked)
	k.POST(e, "/sign-in/code/enter", web.Public, h.enterCode, often)
	k.GET(e, "/me/security/phone", access.SignedIn, h.phone)
	k.POST(e, "/me/security/phone", access.SignedIn, h.askPhone, seldom)
	k.GET(e, "/me/security/phone/code", access.SignedIn, h.phoneAsked)
	k.POST(e, "/me/security/phone/code", access.SignedIn, h.provePhone, often)
}

type codeForm struct {
	Who     string `form:"who"`
	Phone   string `form:"phone"`
	Current string `form:"current"`
	Again   string `form:"again_password"`
	Code    string `form:"code"`
	Next    string `form:"next"`
	Do      string `form:"do"`
}

// codeView is each of the pages: a field or two and a button.
type codeView struct {
	web.Page
	Words  web.Words
	Action string
	Next   string
	Fields []web.Field
	Secret *web.Field // a password
	Do     web.Button
	Remove *web.Button
	Again  *web.Field // the password, before something can be removed
	Back   web.Link
}

func (h *codePage) view(c *gin.Context, f codeForm) *codeView {
	who, mode := "code.who.mail", "email"
	if h.Identity.CanText() {
		who, mode = "code.who.phone", "text"
	}
	return &codeView{Page: h.Kit.Page(c, web.Say("code.title")), Words: web.Say("code.words"), Action: "/sign-in/code", Next: web.SafeNext(f.Next),
		Fields: []web.Field{{Name: "who", Label: web.Say(who), Value: f.Who, Type: mode, Complete: "username", Width: "30"}},
		Do:     web.Button{Words: web.Say("code.send")}, Back: web.Link{Href: "/sign-in", Words: web.Say("signin.leave.stay")}}
}

// gone is for what is not offered here.
func (h *codePage) gone() error { return fault.New(fault.NotFound, "fault.no_page") }

func (h *codePage) show(c *gin.Context) error {
	if !h.Identity.CanCode() {
		return h.gone()
	}
	return h.Kit.Show(c, "portal/code", h.view(c, codeForm{Next: c.Query("next")}))
}

// ask answers alike whether somebody can sign in by the address or not.
func (h *codePage) ask(c *gin.Context) error {
	if !h.Identity.CanCode() {
		return h.gone()
	}
	var f codeForm
	err := web.Decode(c, &f)
	var token string
	if err == nil {
		token, err = h.Identity.AskCode(c.Request.Context(), f.Who)
	}
	if err != nil {
		return h.again(c, h.view(c, f), err)
	}
	http.SetCookie(c.Writer, h.Identity.StepCookie(token))
	c.Redirect(http.StatusSeeOther, "/sign-in/code/enter?next="+url.QueryEscape(web.SafeNext(f.Next)))
	return nil
}

// again shows a page with what is wrong.
func (h *codePage) again(c *gin.Context, v *codeView, err error) error {
	if err := v.Fail(err); err != nil {
		return err
	}
	for i := range v.Fields {
		v.Fields[i] = v.Bind(v.Fields[i])
	}
	if v.Secret != nil {
		bound := v.Bind(*v.Secret)
		v.Secret = &bound
	}
	if v.Again != nil {
		bound := v.Bind(*v.Again)
		v.Again = &bound
	}
	return h.Kit.Show(c, "portal/code", v)
}

func (h *codePage) enterView(c *gin.Context, action, next string) *codeView {
	field := codeField("code.enter.hint")
	field.Mode = "numeric"
	return &codeView{Page: h.Kit.Page(c, web.Say("code.enter.title")), Words: web.Say("code.enter.words"), Action: action, Next: web.SafeNext(next),
		Fields: []web.Field{field}, Do: web.Button{Words: web.Say("signin.send")}, Back: web.Link{Href: "/sign-in/code", Words: web.Say("code.enter.again")}}
}

func (h *codePage) asked(c *gin.Context) error {
	token := h.Kit.Kept(c, cookie.Step)
	if err := h.Identity.CodeAsked(c.Request.Context(), token); err != nil {
		return h.over(c, err, "/sign-in/code")
	}
	return h.Kit.Show(c, "portal/code", h.enterView(c, "/sign-in/code/enter", c.Query("next")))
}

// over sends whoever waited or tried too long back to the beginning.
func (h *codePage) over(c *gin.Context, err error, back string) error {
	e, ok := fault.As(err)
	if !ok || e.Kind != fault.Unauthenticated || e.Key == "access.sign_in" {
		return err
	}
	http.SetCookie(c.Writer, h.Identity.StepCookie(""))
	if err := h.Kit.Flash(c, web.Notice{Tone: web.ToneDue, Words: web.Tell(e)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, back)
	return nil
}

func (h *codePage) enterCode(c *gin.Context) error {
	var f codeForm
	err := web.Decode(c, &f)
	token := h.Kit.Kept(c, cookie.Step)
	if err != nil {
		return err
	}
	session, account, err := h.Identity.SignInCode(c.Request.Context(), token, f.Code)
	if fault.KindOf(err) == fault.Unauthenticated && err != nil {
		return h.over(c, err, "/sign-in/code")
	}
	if err != nil {
		return h.again(c, h.enterView(c, "/sign-in/code/enter", f.Next), err)
	}
	http.SetCookie(c.Writer, h.Identity.StepCookie(""))
	h.enter(c, session, account)
	c.Redirect(http.StatusSeeOther, web.SafeNext(f.Next))
	return nil
}

func (h *codePage) phoneView(c *gin.Context, f codeForm) (*codeView, error) {
	state, err := h.Identity.Phone(c.Request.Context())
	if err != nil {
		return nil, err
	}
	if !state.May {
		return nil, h.gone()
	}
	v := &codeView{Page: h.Kit.Page(c, web.Say("code.phone.title")), Words: web.Say("code.phone.words"), Action: "/me/security/phone",
		Fields: []web.Field{{Name: "phone", Label: web.Say("code.phone.number"), Value: f.Phone, Type: "tel", Complete: "tel", Width: "20"}},
		Secret: &web.Field{Name: "current", Label: web.Say("security.password.current"), Complete: "current-password"},
		Do:     web.Button{Words: web.Say("code.send")}, Back: web.Link{Href: "/me/security", Words: web.Say("security.title")}}
	recent, err := h.Identity.Recent(c.Request.Context())
	if err != nil {
		return nil, err
	}
	if state.Phone != "" && !recent {
		v.Again = &web.Field{Name: "again_password", Label: web.Say("security.again.label"), Complete: "current-password"}
	}
	if state.Phone != "" {
		v.Words = web.Say("code.phone.have", "Phone", state.Phone)
		v.Remove = &web.Button{Words: web.Say("code.phone.remove"), Kind: "warning", Name: "do", Value: "remove"}
	}
	return v, nil
}

func (h *codePage) phone(c *gin.Context) error {
	v, err := h.phoneView(c, codeForm{})
	if err != nil {
		return err
	}
	return h.Kit.Show(c, "portal/code", v)
}

func (h *codePage) askPhone(c *gin.Context) error {
	var f codeForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	v, err := h.phoneView(c, f)
	if err != nil {
		return err
	}
	if f.Do == "remove" {
		if err := h.removePhone(c.Request.Context(), f.Again); err != nil {
			return h.again(c, v, err)
		}
		return h.back(c, "code.phone.removed")
	}
	token, err := h.Identity.BeginPhone(c.Request.Context(), f.Phone, f.Current)
	if err != nil {
		return h.again(c, v, err)
	}
	http.SetCookie(c.Writer, h.Identity.StepCookie(token))
	c.Redirect(http.StatusSeeOther, "/me/security/phone/code")
	return nil
}

func (h *codePage) removePhone(ctx context.Context, password string) error {
	if password != "" {
		if err := h.Identity.Again(ctx, password); err != nil {
			return renamed(err, "password", "again_password")
		}
	}
	return h.Identity.RemovePhone(ctx)
}

func (h *codePage) phoneCodeView(c *gin.Context) *codeView {
	v := h.enterView(c, "/me/security/phone/code", "")
	v.Do.Words, v.Back = web.Say("code.phone.prove"), web.Link{Href: "/me/security/phone", Words: web.Say("code.enter.again")}
	return v
}

func (h *codePage) phoneAsked(c *gin.Context) error {
	if _, err := h.phoneView(c, codeForm{}); err != nil {
		return err
	}
	return h.Kit.Show(c, "portal/code", h.phoneCodeView(c))
}

func (h *codePage) provePhone(c *gin.Context) error {
	var f codeForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	token := h.Kit.Kept(c, cookie.Step)
	err := h.Identity.ProvePhone(c.Request.Context(), token, f.Code)
	if fault.KindOf(err) == fault.Unauthenticated && err != nil {
		return h.over(c, err, "/me/security/phone")
	}
	if err != nil {
		return h.again(c, h.phoneCodeView(c), err)
	}
	http.SetCookie(c.Writer, h.Identity.StepCookie(""))
	return h.back(c, "code.phone.done")
}

func (h *codePage) back(c *gin.Context, key string) error {
	if err := h.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say(key)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/me/security")
	return nil
}
