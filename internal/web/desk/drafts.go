package desk

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/worklist"
)

// drafts answers the script of the case page. Each text goes back into the form
// that it was typed in, if its reader says so.
func (p *casePage) drafts(c *gin.Context) error {
	ctx, no := c.Request.Context(), c.Param("case_no")
	one, err := p.Cases.View(ctx, no)
	if err != nil {
		return err
	}
	list, err := p.Bulk.Drafts(ctx, one.CaseNo)
	if err != nil {
		return err
	}
	type kept struct {
		Action string `json:"action"`
		Text   string `json:"text"`
	}
	answer := make([]kept, 0, len(list))
	for _, d := range list {
		answer = append(answer, kept{string(d.Action), d.Text})
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, answer)
	return nil
}

// keepDraft keeps what is in a form now.
func (p *casePage) keepDraft(c *gin.Context) error {
	if err := c.Request.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	a := cases.Action(c.PostForm("action"))
	if command(a, func(string) string { return "" }) == nil || len(writtenIn(a)) == 0 {
		return fault.New(fault.NotFound, "case.action.unknown")
	}
	one, err := p.Cases.View(c.Request.Context(), c.Param("case_no"))
	if err != nil {
		return err
	}
	if err := p.Bulk.KeepDraft(c.Request.Context(), one.CaseNo, a, lineEnds.Replace(c.PostForm("text"))); err != nil {
		return err
	}
	if err := p.tell(c.Request.Context(), worklist.Seen{CaseNo: one.CaseNo, Does: worklist.Typing}); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

func (p *casePage) registerDrafts(g *gin.RouterGroup) {
	if p.Bulk == nil {
		return
	}
	p.Kit.GET(g, "/cases/:case_no/drafts", access.CaseRead, p.drafts)
	p.Kit.POST(g, "/cases/:case_no/drafts", access.CaseRead, p.keepDraft)
}
