// Package admin has the pages of those who keep the portal running: what the
// background works on, and which messages did not arrive.
package admin

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/fault"
	"minqing/internal/jobs"
	"minqing/internal/mailroom"
	"minqing/internal/notify"
	"minqing/internal/web"
)

// Deps are what the pages need.
type Deps struct {
	Kit    *web.Kit
	Jobs   *jobs.Queue
	Notify *notify.Service
	// Mailbox is how the one is that people write to; nil when there is none.
	Mailbox func(ctx context.Context) (mailroom.Health, error)
}

// Register mounts the pages.
func Register(d Deps) {
	g := d.Kit.Group("/admin")
	list, one, mails := &jobsPage{d}, &jobPage{d}, &messagesPage{d}
	d.Kit.GET(g, "", access.JobRead, first)
	d.Kit.GET(g, "/jobs", access.JobRead, list.show)
	d.Kit.GET(g, "/jobs/:id", access.JobRead, one.show)
	d.Kit.POST(g, "/jobs/:id", access.JobChange, one.act)
	d.Kit.GET(g, "/messages", access.JobRead, mails.show)
	d.Kit.POST(g, "/messages/:id", access.JobChange, mails.act)
	all, edit := &messageTextsPage{d}, &messageTextPage{d}
	d.Kit.GET(g, "/messages/texts", access.JobRead, all.show)
	d.Kit.GET(g, "/messages/texts/:kind/:channel/:lang", access.JobRead, edit.show)
	d.Kit.POST(g, "/messages/texts/:kind/:channel/:lang", access.JobChange, edit.send)
}

// first leads to the first of the pages.
func first(c *gin.Context) error {
	c.Redirect(http.StatusSeeOther, areas("")[0].Href)
	return nil
}

// areas leads between the pages.
func areas(current string) []web.Link {
	return []web.Link{
		{Href: "/admin/jobs", Words: web.Say("admin.jobs.title"), Current: current == "jobs"},
		{Href: "/admin/messages", Words: web.Say("admin.messages.title"), Current: current == "messages"},
		{Href: textsPath, Words: web.Say("admin.texts.title"), Current: current == "texts"},
	}
}

func jobID(c *gin.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, fault.New(fault.NotFound, "jobs.missing")
	}
	return id, nil
}

// pick reads one of several names from the query, the first when it is none.
func pick[S ~string](value string, of []S) S {
	for _, s := range of {
		if string(s) == value {
			return s
		}
	}
	return of[0]
}

// told keeps a notice for the page after the redirect.
func (d Deps) told(c *gin.Context, key, to string) error {
	if err := d.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say(key)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}
