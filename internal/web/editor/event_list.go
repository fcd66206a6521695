package editor

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/web"
)

// eventsView lists the life events.
type eventsView struct {
	web.Page
	Lead   web.Words
	Things []thing
	Add    web.Button
	None   web.Words
}

func (e *eventDesk) all(c *gin.Context) error {
	ctx := c.Request.Context()
	codes, err := e.deps.Types.EventCodes(ctx)
	if err != nil {
		return err
	}
	v := &eventsView{Page: e.kit.Page(c, web.Say("permitedit.events")), Lead: web.Say("permitedit.lead.events"), None: web.Say("permitedit.none"),
		Add: web.Button{Words: web.Say("permitedit.events.new"), Href: e.base + "/" + NewCode + "/draft", Kind: "secondary"}}
	v.Wide = true
	v.Back = &web.Link{Href: "/admin/permits", Words: web.Say("permittype.admin.title")}
	for _, code := range codes {
		x, seen, err := e.load(ctx, code)
		if err != nil {
			return err
		}
		t := thing{line: line{Code: code, Title: web.Data(x.Name)}, Href: e.base + "/" + code}
		if x.Withdrawn && seen == 0 {
			t.Chip = &web.Chip{Tone: web.ToneNone, Words: web.Say("permitedit.withdrawn")}
		}
		if seen > 0 {
			t.Chip = &web.Chip{Tone: web.ToneInfo, Words: web.Say("permittype.admin.drafted")}
		}
		v.Things = append(v.Things, t)
	}
	return e.kit.Show(c, "admin/life-events", v)
}
