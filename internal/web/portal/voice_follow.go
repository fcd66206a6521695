package portal

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/web"
)

type followInput struct {
	Email string `form:"email"`
}

// follow sends a link to the address; it answers alike whatever is known of it.
func (p *voicesPage) follow(c *gin.Context) error {
	if !p.Mail {
		return fault.New(fault.NotFound, "fault.no_page")
	}
	var in followInput
	err := web.Decode(c, &in)
	if err == nil {
		err = p.Voices.Follow(c.Request.Context(), c.Param("id"), in.Email, web.Lang(c))
	}
	if err != nil {
		if fault.KindOf(err) != fault.Invalid {
			return err
		}
		v, loadErr := p.view(c)
		if loadErr != nil {
			return loadErr
		}
		if rest := v.Fail(err); rest != nil {
			return rest
		}
		if v.Follow != nil {
			v.Follow.Value = in.Email
			*v.Follow = v.Bind(*v.Follow)
		}
		return p.Kit.Show(c, "portal/voice", v)
	}
	return p.done(c, "voices.follow.sent", "/voices/"+c.Param("id"))
}

func (p *voicesPage) done(c *gin.Context, key, to string) error {
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say(key)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// pressView is a page with one button: programs that look at the links in mails
// must not press it.
type pressView struct {
	web.Page
	Words web.Words
	Send  web.Button
}

func (p *voicesPage) confirmable(c *gin.Context) error {
	if err := p.Voices.Confirmable(c.Request.Context(), c.Param("token")); err != nil {
		return err
	}
	return p.Kit.Show(c, "portal/voice_press", &pressView{Page: p.Kit.Page(c, web.Say("voices.follow.confirm.title")),
		Words: web.Say("voices.follow.confirm.words"), Send: web.Button{Words: web.Say("voices.follow.confirm.do")}})
}

func (p *voicesPage) confirm(c *gin.Context) error {
	id, err := p.Voices.Confirm(c.Request.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	to := "/voices"
	if id != "" {
		to += "/" + id
	}
	return p.done(c, "voices.follow.confirmed", to)
}

func (p *voicesPage) stoppable(c *gin.Context) error {
	if err := p.Voices.Stoppable(c.Request.Context(), c.Param("token")); err != nil {
		return err
	}
	return p.Kit.Show(c, "portal/voice_press", &pressView{Page: p.Kit.Page(c, web.Say("voices.follow.stop.title")),
		Words: web.Say("voices.follow.stop.words"), Send: web.Button{Words: web.Say("voices.follow.stop.do")}})
}

// stop ends the mails, by the button or by the header of a mail, whose programs
// send a form of their own (RFC 8058).
func (p *voicesPage) stop(c *gin.Context) error {
	if err := p.Voices.Stop(c.Request.Context(), c.Param("token")); err != nil {
		return err
	}
	return p.done(c, "voices.follow.stopped", "/voices")
}
