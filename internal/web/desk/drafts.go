package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/worklist"
)

// drafts answers the script of the case page, which puts what was typed and chosen
// back into the forms.
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
		Action string     `json:"action"`
		Fields url.Values `json:"fields"`
	}
	answer := make([]kept, 0, len(list))
	for _, d := range list {
		answer = append(answer, kept{string(d.Action), d.Fields})
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
	ctx := c.Request.Context()
	one, err := p.Cases.View(ctx, c.Param("case_no"))
	if err != nil {
		return err
	}
	if err := p.Bulk.KeepDraft(ctx, one.CaseNo, a, begun(a, c.Request.PostForm)); err != nil {
		return err
	}
	if err := p.Bulk.Tell(ctx, worklist.Seen{CaseNo: one.CaseNo, AccountID: me(ctx), Does: worklist.Typing}); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// begun is what a form of an act holds once somebody has written in it; what was
// only chosen is no loss.
func begun(a cases.Action, posted url.Values) url.Values {
	fields, wrote := url.Values{}, false
	for name, values := range posted {
		field, ours := strings.CutPrefix(name, string(a)+".")
		if !ours || len(values) == 0 || !utf8.ValidString(strings.Join(values, "")) {
			continue
		}
		for i := range values {
			values[i] = lineEnds.Replace(values[i])
		}
		fields[name] = values
		wrote = wrote || slices.Contains(writtenIn(a), field) && values[0] != ""
	}
	if !wrote {
		return nil
	}
	return fields
}

func (p *casePage) registerDrafts(g *gin.RouterGroup) {
	if p.Bulk == nil {
		return
	}
	p.Kit.GET(g, "/cases/:case_no/drafts", access.CaseRead, p.drafts)
	p.Kit.POST(g, "/cases/:case_no/drafts", access.CaseRead, p.keepDraft)
}
