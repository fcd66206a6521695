package portal

import (
	"crypto/rand"
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/actor"
	"minqing/internal/cookie"
	"minqing/internal/fault"
	"minqing/internal/voices"
	"minqing/internal/web"
)

// concernView is how many a published question concerns too, and what the reader
// may say of it.
type concernView struct {
	ID    string
	Count int64
	Mine  bool // said so before
	May   bool
	Why   web.Words // not
}

func (p *voicesPage) concernOf(c *gin.Context, one *voices.Voice) (concernView, error) {
	v := concernView{ID: one.ID, Count: one.Concerns, Why: web.Say("voices.concern.closed")}
	ctx := c.Request.Context()
	if actor.From(ctx).Kind == actor.Staff {
		v.Why = web.Say("voices.concern.staff")
		return v, nil
	}
	var err error
	v.Mine, err = p.Voices.Concerned(ctx, one.ID, p.Kit.Kept(c, cookie.Concern))
	v.May = one.Open
	return v, err
}

type concernInput struct {
	Do string `form:"do"`
}

// concern counts who has the same problem, or takes it back. A browser without a
// cookie of ours gets one now.
func (p *voicesPage) concern(c *gin.Context) error {
	var in concernInput
	if err := web.Decode(c, &in); err != nil {
		return err
	}
	ctx, id := c.Request.Context(), c.Param("id")
	done := web.Say("voices.concern.done")
	browser := p.Kit.Kept(c, cookie.Concern)
	switch in.Do {
	case "say":
		if browser == "" && actor.From(ctx).AccountID == "" {
			browser = rand.Text()
		}
	case "undo":
		done = web.Say("voices.concern.undone")
	default:
		return fault.New(fault.NotFound, "fault.no_page")
	}
	if err := p.Voices.Concern(ctx, id, browser, in.Do == "say"); err != nil {
		return err
	}
	if in.Do == "say" && browser != "" {
		p.Kit.Keep(c, cookie.Concern, browser)
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: done}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/voices/"+id)
	return nil
}
