package desk

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/web"
)

// file sends an attachment of a case that the actor may read; that it was opened is noted.
func (p *casePage) file(c *gin.Context) error {
	ctx := c.Request.Context()
	one, err := p.Cases.View(ctx, c.Param("case_no"))
	if err != nil {
		return err
	}
	content, err := p.Files.OpenFor(ctx, files.Belongs{Kind: "case", No: one.CaseNo}, files.Owner{Kind: files.Case, ID: one.ID}, c.Param("id"))
	if err != nil {
		return err
	}
	defer content.Close()
	if content.Name, err = p.nameOf(ctx, &one.Case, &content.File); err != nil {
		return err
	}
	return files.Serve(c.Writer, content)
}

// preview shows a small picture of an attached one to those who read the case; that
// they saw its pictures is noted.
func (p *casePage) preview(c *gin.Context) error {
	ctx := c.Request.Context()
	one, err := p.Cases.View(ctx, c.Param("case_no"))
	if err != nil {
		return err
	}
	small, err := p.Files.PreviewFor(ctx, files.Belongs{Kind: "case", No: one.CaseNo}, files.Owner{Kind: files.Case, ID: one.ID}, c.Param("id"))
	if err != nil {
		return err
	}
	return files.ServePreview(c.Writer, small)
}

// reveal shows the people of a case in the clear, once, for a reason that is
// written down before anything is shown.
func (p *casePage) reveal(c *gin.Context) error {
	ctx := c.Request.Context()
	one, err := p.Cases.ViewFor(ctx, c.Param("case_no"), access.CaseReveal)
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(c.PostForm("reveal_reason"))
	var check fault.Check
	check.That(reason != "", "reveal_reason", "desk.reveal.required")
	check.That(len([]rune(reason)) <= 200, "reveal_reason", "case.text.long", "Max", 200)
	v, _, err := p.view(c)
	if err != nil {
		return err
	}
	wrong := check.Err()
	if wrong == nil {
		wrong = p.still(c)
	}
	if rest := v.Fail(wrong); rest != nil {
		return rest
	}
	if v.Failing() {
		return p.askAgain(c, v, reason)
	}
	return p.revealed(c, v, one, reason)
}

// still makes sure that who is signed in sits there: an unattended desk gives
// nobody's name away. Nobody is asked again within ten minutes.
func (p *casePage) still(c *gin.Context) error {
	ctx := c.Request.Context()
	password := c.PostForm("password")
	recent, err := p.People.Recent(ctx)
	switch {
	case err != nil:
		return err
	case password != "":
		return p.People.Again(ctx, password)
	case recent:
		return nil
	}
	return fault.InvalidInput(fault.Field{Name: "password", Key: "desk.reveal.again"})
}

// askAgain shows the form with what is wrong, and the reason as it was typed.
func (p *casePage) askAgain(c *gin.Context, v *caseView, reason string) (err error) {
	if v.Reveal, v.Password, err = p.why(c, &v.Page, *v.Reveal, reason); err != nil {
		return err
	}
	return p.Kit.Show(c, "desk/case", v)
}

// why asks for the reason once more, and for the password when the sign-in is a
// while ago.
func (d Deps) why(c *gin.Context, page *web.Page, asked web.Field, reason string) (why, password *web.Field, err error) {
	asked.Value = reason
	asked = page.Bind(asked)
	recent, err := d.People.Recent(c.Request.Context())
	if err != nil || recent {
		return &asked, nil, err
	}
	again := page.Bind(web.Field{Name: "password", Label: web.Say("desk.reveal.password"), Type: "password", Complete: "current-password", Width: "20"})
	return &asked, &again, nil
}

// masked answers a reload of the revealed page in another language: details are
// shown once, for one reason.
func (p *casePage) masked(c *gin.Context) error {
	c.Redirect(http.StatusSeeOther, "/desk/cases/"+url.PathEscape(c.Param("case_no")))
	return nil
}

func (p *casePage) revealed(c *gin.Context, v *caseView, one *cases.View, reason string) error {
	ctx := c.Request.Context()
	clear := map[string]constituents.View{}
	for id := range one.People {
		shown, err := p.clear(ctx, one, id, reason)
		if err != nil {
			return err
		}
		clear[id] = shown
	}
	one.People = clear
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	v.Revealed, v.Reveal = true, nil
	v.parties(one, n)
	c.Header("Cache-Control", "no-store")
	return p.Kit.Show(c, "desk/case", v)
}

func (p *casePage) clear(ctx context.Context, one *cases.View, id, reason string) (constituents.View, error) {
	if one.Confidentiality == cases.Whistle {
		return p.Constituents.RevealIn(ctx, one.CaseNo, id, reason)
	}
	return p.Constituents.Reveal(ctx, id, reason)
}
