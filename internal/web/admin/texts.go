package admin

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/web"
)

const textsPath = "/admin/messages/texts"

type messageTextsPage struct{ Deps }

type messageTextsView struct {
	web.Page
	Areas  []web.Link
	Groups []textGroup
}

// textGroup are the texts of one channel.
type textGroup struct {
	Title web.Words
	Rows  []textRow
}

type textRow struct {
	Title web.Words
	Langs []textLink
}

type textLink struct {
	web.Link
	Own bool
}

func pathOf(k notify.TextKey) string {
	return textsPath + "/" + string(k.Kind) + "/" + string(k.Channel) + "/" + string(k.Lang)
}

// show lists the texts of messages, by channel, and which were changed.
func (p *messageTextsPage) show(c *gin.Context) error {
	own, err := p.Notify.OwnTexts(c.Request.Context())
	if err != nil {
		return err
	}
	v := &messageTextsView{Page: p.Kit.Page(c, web.Say("admin.texts.title")), Areas: areas("texts")}
	v.Wide = true
	for _, by := range []notify.Channel{notify.Mail, notify.SMS} {
		g := textGroup{Title: web.Say("admin.texts." + string(by))}
		for _, kind := range notify.TextKinds(by) {
			row := textRow{Title: web.Say("admin.message.kind." + string(kind))}
			for _, l := range i18n.Langs {
				k := notify.TextKey{Kind: kind, Channel: by, Lang: l}
				row.Langs = append(row.Langs, textLink{Link: web.Link{Href: pathOf(k), Words: web.Say("admin.text.lang." + string(l))}, Own: own[k]})
			}
			g.Rows = append(g.Rows, row)
		}
		v.Groups = append(v.Groups, g)
	}
	return p.Kit.Show(c, "admin/message-texts", v)
}
