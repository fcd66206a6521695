package portal

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/permits"
	"minqing/internal/web"
)

// ThirdPartyDeps are what the page of third parties works with.
type ThirdPartyDeps struct {
	Kit       *web.Kit
	Permits   *permits.Service
	Catalogue *catalogue.Service
}

// RegisterThirdParty mounts where somebody whose interests an application for a permit
// concerns states their case, by the link of their notice (行政許可法 art. 36).
func RegisterThirdParty(d ThirdPartyDeps) {
	slow := web.Throttle(30, time.Minute, web.ByIP)
	p := &thirdPartyPage{d}
	d.Kit.GET(d.Kit.Engine(), permits.InterestedPath+":token", web.Public, p.show, slow)
	d.Kit.POST(d.Kit.Engine(), permits.InterestedPath+":token", web.Public, p.send, slow, web.Keeps(typedByThirdParty))
}

// typedByThirdParty labels the text of the page.
func typedByThirdParty(name string) web.Words {
	if name == "statement" {
		return web.Say("permit.interested.statement")
	}
	return web.Words{}
}

type thirdPartyPage struct{ ThirdPartyDeps }

type thirdPartyView struct {
	web.Page
	Lead      web.Words
	Intends   string
	Reason    string
	Facts     []web.SummaryRow
	Statement *web.Field  // nil: nothing can be said any more
	Done      *web.Notice // it was said, or it is over
	Said      string
}

func (p *thirdPartyPage) show(c *gin.Context) error { return p.page(c, nil) }

func (p *thirdPartyPage) page(c *gin.Context, failed error) error {
	ctx := c.Request.Context()
	one, err := p.Permits.HeardBy(ctx, c.Param("token"))
	if err != nil {
		return err
	}
	v := &thirdPartyView{Page: p.Kit.Page(c, web.Say("permit.interested.page.title")), Lead: web.Say("permit.interested.page.lead"), Intends: one.Intends, Reason: one.Reason, Said: one.Statement}
	if one.Taiwan {
		v.Lead = web.Say("permit.interested.page.lead.tw")
	}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	row := func(key string, w web.Words) { v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say(key), Value: w}) }
	row("permit.interested.page.type", web.Data(one.TypeName))
	if u, err := snap.Unit(one.UnitID); err == nil {
		row("permit.interested.page.unit", web.Data(u.Name))
	}
	row("permit.interested.page.case", web.Plain(one.CaseNo))
	row("permit.interested.told_on", web.Data(web.DayText(one.ToldOn)))
	row("permit.interested.by", web.Data(web.DayText(one.By.On)))
	switch {
	case one.StatedAt != nil:
		v.Problem = nil // the notice says it
		v.Done = &web.Notice{Tone: web.ToneDone, Words: web.Say("permit.interested.page.done", "Day", web.DayText(*one.StatedOn))}
	case one.Over:
		v.Problem = nil
		v.Done = &web.Notice{Tone: web.ToneDue, Words: web.Say("permit.interested.over")}
	default:
		f := v.Bind(web.Field{Name: "statement", Label: web.Say("permit.interested.statement"), Hint: web.Say("permit.interested.statement.hint"), Value: c.PostForm("statement"), Rows: 8, Max: cases.TextMost / 2})
		v.Statement = &f
		if one.By.Provisional {
			row("permit.interested.page.note", web.Say("permit.provisional", "Year", strconv.Itoa(one.By.On.Year())))
		}
	}
	return p.Kit.Show(c, "portal/third_party", v)
}

// send keeps what the third party says.
func (p *thirdPartyPage) send(c *gin.Context) error {
	if err := p.Permits.StateByLink(c.Request.Context(), c.Param("token"), c.PostForm("statement")); err != nil {
		return p.page(c, err)
	}
	c.Redirect(http.StatusSeeOther, c.Request.URL.Path)
	return nil
}
