// Package enterprise holds the pages on which enterprises, and persons too, apply for
// permits and see what became of it.
package enterprise

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/fees"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
	"minqing/internal/register"
	"minqing/internal/web"
)

// ApplyDeps are what the pages of applying need.
type ApplyDeps struct {
	Kit       *web.Kit
	Permits   *permits.Service
	Types     permits.Types
	Holders   permits.Holders
	Catalogue *catalogue.Service
	Fees      *fees.Service
	Seal      func(ctx context.Context, c register.ReceiptClaims) (string, error) // of receipts: where everybody checks it
	Name      func(ctx context.Context) (string, error)                           // of the person who is signed in
	Zone      *time.Location
	BaseURL   string // for the addresses on receipts
	Now       func() time.Time
}

// RegisterApplications mounts applying for a permit, and what was applied for.
func RegisterApplications(d ApplyDeps) {
	g := d.Kit.Group("/enterprise")
	big := []web.RouteOption{web.Body(files.MaxFiles*files.MaxSize + 2<<20), web.Timeout(5 * time.Minute), web.Throttle(60, time.Minute, web.ByActor), web.Keeps(typedInApplication)}
	begin := &beginPage{d}
	d.Kit.GET(g, "/apply/:code", access.OwnRead, begin.show)
	d.Kit.POST(g, "/apply/:code", access.OwnRead, begin.begin)
	list := &applicationsPage{d}
	d.Kit.GET(g, "/applications", access.OwnRead, list.show)
	one := &applicationPage{d}
	d.Kit.GET(g, "/applications/:id", access.OwnRead, one.show)
	d.Kit.GET(g, "/applications/:id/receipt.pdf", access.OwnRead, one.receipt, web.Throttle(60, time.Minute, web.ByActor))
	d.Kit.GET(g, "/applications/:id/acceptance.pdf", access.OwnRead, one.acceptance, web.Throttle(60, time.Minute, web.ByActor))
	d.Kit.GET(g, "/applications/:id/questions", access.OwnRead, one.questions)
	d.Kit.POST(g, "/applications/:id/questions", access.OwnRead, one.answer, web.Keeps(typedInApplication))
	d.Kit.GET(g, "/applications/:id/materials", access.OwnRead, one.materials)
	d.Kit.POST(g, "/applications/:id/materials", access.OwnRead, one.attach, big...)
	one.registerUploads(g)
	d.Kit.GET(g, "/applications/:id/check", access.OwnRead, one.check)
	d.Kit.POST(g, "/applications/:id/check", access.OwnRead, one.send, web.Keeps(typedInApplication))
	d.Kit.GET(g, "/applications/:id/answers", access.OwnRead, one.wrong)
	d.Kit.POST(g, "/applications/:id/answers", access.OwnRead, one.correct, web.Keeps(typedInApplication))
	d.Kit.POST(g, "/applications/:id/corrected", access.OwnRead, one.corrected)
	d.Kit.POST(g, "/applications/:id/hearing", access.OwnRead, one.askHearing)
	d.Kit.GET(g, "/applications/:id/hearing/:hearing/:file", access.OwnRead, one.hearingFile, web.Timeout(5*time.Minute))
	d.Kit.POST(g, "/applications/:id/drop", access.OwnRead, one.drop)
	registerBundles(g, d)
	d.Kit.GET(g, "/applications/:id/files/:material/:file", access.OwnRead, one.file, web.Timeout(5*time.Minute))
}

// typedInApplication labels what people type, for the page that gives it back.
func typedInApplication(name string) web.Words {
	if name == "name" {
		return web.Say("permit.sign.name.label")
	}
	return web.Words{}
}

// holder says for whom one applies, on the page too.
func (d ApplyDeps) holder(ctx context.Context, on *web.Page, id string) (web.Words, error) {
	if d.Holders != nil {
		names, err := d.Holders.Names(ctx, id)
		if err != nil {
			return web.Words{}, err
		}
		on.About(id, names[id])
		if names[id] != "" {
			return web.Plain(names[id]), nil
		}
	}
	name, err := d.Name(ctx)
	if err != nil || name == "" {
		return web.Say("permit.for.you"), err
	}
	return web.Plain(name), nil
}

func limitWords(l calendar.Limit) web.Words {
	if l.IsZero() {
		return web.Words{}
	}
	return web.Say("portal.limit."+string(l.Unit()), "Count", l.Number())
}

// limitPhrase says how long a limit is within a sentence.
func limitPhrase(l calendar.Limit) i18n.Phrase {
	return i18n.Phrase{Key: "portal.limit." + string(l.Unit()), Args: map[string]any{"Count": l.Number()}}
}

type beginPage struct{ ApplyDeps }

type beginView struct {
	web.Page
	Code      string
	Type      *permittypes.Type
	For       web.Words
	Materials []permittypes.Material
	Promised  web.Words
	Statutory web.Words
	Law       web.Words   // what the law's own limit is called
	From      web.Words   // from when both count
	Wrong     *web.Notice // the type is not for whom one acts
}

// show says for whom one applies and what is needed, before anything is begun.
func (p *beginPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	t, err := p.Types.Type(ctx, c.Param("code"))
	if err != nil {
		return err
	}
	holder, kind, err := p.Permits.Applicant(ctx)
	if err != nil {
		return err
	}
	v := &beginView{Page: p.Kit.Page(c, web.Data(t.Name)), Code: t.Code, Type: t, Materials: t.Materials, Promised: limitWords(t.Promised), Statutory: limitWords(t.Statutory),
		Law: web.Say(lawKey(t, "permit.limit.statutory")), From: web.Say(lawKey(t, "permit.limit.from"))}
	if v.For, err = p.holder(ctx, &v.Page, holder); err != nil {
		return err
	}
	if !slices.Contains(t.Audience, kind) {
		v.Wrong = &web.Notice{Tone: web.ToneDue, Words: web.Say("permit.audience." + kind)}
	}
	return p.Kit.Show(c, "enterprise/begin", v)
}

func (p *beginPage) begin(c *gin.Context) error {
	a, err := p.Permits.Begin(c.Request.Context(), c.Param("code"))
	if fault.KindOf(err) == fault.Conflict && err != nil {
		return p.show(c)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/enterprise/applications/"+a.ID+"/questions")
	return nil
}
