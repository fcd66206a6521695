package portal

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/notify"
	"minqing/internal/satisfaction"
	"minqing/internal/voices"
	"minqing/internal/web"
)

// Following is what the pages of following and judging a case work with.
type Following struct {
	Kit          *web.Kit
	Cases        *cases.Service
	Satisfaction *satisfaction.Service
	Notify       *notify.Service
	Catalogue    *catalogue.Service
	Voices       *voices.Service
	Now          func() time.Time
}

// RegisterFollowing mounts tracking, the citizen's own case and its evaluation.
func RegisterFollowing(d Following) {
	k, e := d.Kit, d.Kit.Engine()
	slow := web.Throttle(30, time.Minute, web.ByIP)
	t := &trackPage{d}
	k.GET(e, "/track", web.Public, t.show)
	k.POST(e, "/track", web.Public, t.find, slow)
	o := &ownPage{d}
	k.GET(e, "/cases/:case_no", web.Public, o.show)
	k.POST(e, "/cases/:case_no", web.Public, o.act, slow, web.Keeps(typedInFollowing))
	v := &evaluatePage{d}
	k.GET(e, "/evaluate/:token", web.Public, v.show)
	k.POST(e, "/evaluate/:token", web.Public, v.send, slow, web.Keeps(typedInFollowing))
	k.GET(e, "/me", access.SignedIn, me)
	k.GET(e, "/me/cases", access.SignedIn, (&minePage{d}).show)
	w := &wishesPage{d}
	k.GET(e, "/me/notifications", access.SignedIn, w.show)
	k.POST(e, "/me/notifications", access.SignedIn, w.send, slow)
}

// me leads to the first page of one's own; staff work elsewhere.
func me(c *gin.Context) error {
	to := "/me/cases"
	if actor.From(c.Request.Context()).Kind == actor.Staff {
		to = "/desk"
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

var followingLabels = map[string]string{"text": "follow.say.label", "withdraw_reason": "follow.withdraw.reason",
	"appeal_reason": "follow.appeal.reason", "comment": "follow.judge.comment"}

// typedInFollowing labels what people type about a case of theirs.
func typedInFollowing(name string) web.Words {
	if key := followingLabels[name]; key != "" {
		return web.Say(key)
	}
	return web.Words{}
}
