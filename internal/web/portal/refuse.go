package portal

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/i18n"
	"minqing/internal/outreach/campaign"
	"minqing/internal/web"
)

// RefuseDeps are what the page to refuse works with.
type RefuseDeps struct {
	Kit       *web.Kit
	Words     *i18n.Bundle
	Campaigns *campaign.Service
}

// RegisterRefusal mounts the page on which the reader of a message refuses more
// like it: to open it does nothing, one press does.
func RegisterRefusal(d RefuseDeps) {
	p := &refusePage{d}
	slow := web.Throttle(120, time.Minute, web.ByIP)
	d.Kit.GET(d.Kit.Engine(), "/refuse/:token", web.Public, p.show, slow)
	d.Kit.POST(d.Kit.Engine(), "/refuse/:token", web.Public, p.press, slow)
}

type refusePage struct{ RefuseDeps }

type refuseView struct {
	web.Page
	Refusal *campaign.Refusal
}

func (p *refusePage) show(c *gin.Context) error {
	r, err := p.Campaigns.Refusal(c.Request.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	title := web.Say("campaign.refuse.title")
	if r.Refused {
		title = web.Say("campaign.refuse.done")
	}
	return p.Kit.Show(c, "portal/refuse", &refuseView{Page: p.Kit.Page(c, title), Refusal: r})
}

// press refuses, by the button or by the header of a mail, whose programs send a
// form of their own, without cookies, and follow no redirect (RFC 8058).
func (p *refusePage) press(c *gin.Context) error {
	ctx, token, l := c.Request.Context(), c.Param("token"), web.Lang(c)
	var in struct {
		Do       string `form:"do"`
		OneClick string `form:"List-Unsubscribe"`
	}
	if err := web.Decode(c, &in); err != nil {
		return err
	}
	words, err := p.Words.T(l, "campaign.refuse.words", nil), error(nil)
	if in.Do == "complain" {
		err = p.Campaigns.Complain(ctx, token, words, l)
	} else {
		err = p.Campaigns.Refuse(ctx, token, words, l)
	}
	if err != nil {
		return err
	}
	if in.OneClick != "" {
		return p.show(c)
	}
	c.Redirect(http.StatusSeeOther, "/refuse/"+token)
	return nil
}
