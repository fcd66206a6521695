package portal

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"minqing/internal/cookie"
	"minqing/internal/fault"
	"minqing/internal/identity"
	"minqing/internal/oidc"
	"minqing/internal/web"
)

// providerPage is the way to an OpenID provider and back.
type providerPage struct{ AccountDeps }

// leaveView is the page on the way to a provider. The browser goes on by itself:
// a form may lead to pages of ours only, so no redirect of its answer can.
type leaveView struct {
	web.Page
	Words web.Words
	Go    web.Button
	Stay  web.Link
}

// leave sends the browser on to a provider.
func (d AccountDeps) leave(c *gin.Context, address string, v *leaveView) error {
	v.Go.Href = address
	c.Header("Refresh", "0; url="+address)
	c.Header("Cache-Control", "no-store")
	return d.Kit.Show(c, "portal/leave", v)
}

func (d AccountDeps) leaveView(c *gin.Context, name string) *leaveView {
	return &leaveView{Page: d.Kit.Page(c, web.Say("signin.leave.title", "Name", name)), Words: web.Say("signin.leave.words", "Name", name),
		Go: web.Button{Words: web.Say("signin.leave.go", "Name", name)}, Stay: web.Link{Href: "/sign-in", Words: web.Say("signin.leave.stay")}}
}

type providerForm struct {
	Next string `form:"next"`
}

// start sends whoever wants to sign in to the provider.
func (h *providerPage) start(c *gin.Context) error {
	var f providerForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	key := c.Param("provider")
	address, token, err := h.Identity.Depart(c.Request.Context(), key, web.SafeNext(f.Next), string(web.Lang(c)))
	if err != nil {
		return h.back(c, err)
	}
	http.SetCookie(c.Writer, h.Identity.StepCookie(token))
	name := ""
	for _, p := range h.Identity.Providers() {
		if p.Key == key {
			name = p.Name
		}
	}
	return h.leave(c, address, h.leaveView(c, name))
}

// back shows on the sign-in page what went wrong.
func (h *providerPage) back(c *gin.Context, err error) error {
	e, ok := fault.As(err)
	if !ok || e.Kind == fault.NotFound || e.Kind == fault.Internal || e.Kind == fault.Throttled {
		return err
	}
	if err := h.Kit.Flash(c, web.Notice{Tone: web.ToneDue, Words: web.Tell(e)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/sign-in")
	return nil
}

// arrive takes what the browser brings back.
func (h *providerPage) arrive(c *gin.Context) error {
	token := h.Kit.Kept(c, cookie.Step)
	http.SetCookie(c.Writer, h.Identity.StepCookie(""))
	q := c.Request.URL.Query()
	got, err := h.Identity.Arrive(c.Request.Context(), c.Param("provider"), token,
		oidc.Answer{State: q.Get("state"), Code: q.Get("code"), Issuer: q.Get("iss"), Error: q.Get("error")})
	next := web.SafeNext(got.Next)
	var step *identity.SecondStep
	switch {
	case errors.As(err, &step):
		half := h.Identity.HalfCookie(step.Token)
		half.SameSite = http.SameSiteLaxMode // the next page is still on the way from the provider
		http.SetCookie(c.Writer, half)
		to := "/sign-in/second"
		if step.Enrol {
			to = "/sign-in/enrol"
		}
		c.Redirect(http.StatusSeeOther, to+"?next="+url.QueryEscape(next))
		return nil
	case err != nil:
		return h.back(c, err)
	case got.Connected:
		if err := h.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("security.provider.connected")}); err != nil {
			return err
		}
		c.Redirect(http.StatusSeeOther, "/me/security")
		return nil
	}
	h.enter(c, got.Token, got.Account)
	if next == "/" {
		next = landing(got.Account)
	}
	c.Redirect(http.StatusSeeOther, next)
	return nil
}
