// Package enterprise holds the pages on which enterprises, and persons too, apply for
// permits and see what became of it, and those on which a desk does so for them.
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
	begin := &beginPage{d}
	d.Kit.GET(g, "/apply/:code", access.OwnRead, begin.show)
	d.Kit.POST(g, "/apply/:code", access.OwnRead, begin.begin)
	list := &applicationsPage{d}
	d.Kit.GET(g, "/applications", access.OwnRead, list.show)
	one := ownPages(d)
	one.register(access.OwnRead)
	d.Kit.POST(g, "/applications/:id/hearing", access.OwnRead, one.askHearing)
	d.Kit.GET(g, "/applications/:id/hearing/:hearing/:file", access.OwnRead, one.hearingFile, web.Timeout(5*time.Minute))
	registerBundles(g, d)
}

// register mounts the pages of one application, from its draft to what became of it.
func (p *applicationPage) register(verb web.Verb) {
	g := p.Kit.Group(p.root)
	big := []web.RouteOption{web.Body(files.MaxFiles*files.MaxSize + 2<<20), web.Timeout(5 * time.Minute), web.Throttle(60, time.Minute, web.ByActor), web.Keeps(typedInApplication)}
	keeps := web.Keeps(typedInApplication)
	p.Kit.GET(g, "/:id", verb, p.show)
	p.Kit.GET(g, "/:id/receipt.pdf", verb, p.receipt, web.Throttle(60, time.Minute, web.ByActor))
	p.Kit.GET(g, "/:id/acceptance.pdf", verb, p.acceptance, web.Throttle(60, time.Minute, web.ByActor))
	p.Kit.GET(g, "/:id/questions", verb, p.questions)
	p.Kit.POST(g, "/:id/questions", verb, p.orGone(p.answer, p.Permits.Gone), keeps)
	p.Kit.GET(g, "/:id/materials", verb, p.materials)
	p.Kit.POST(g, "/:id/materials", verb, p.attach, big...)
	p.registerUploads(g, verb)
	p.Kit.GET(g, "/:id/check", verb, p.check)
	p.Kit.POST(g, "/:id/check", verb, p.send, keeps)
	p.Kit.GET(g, "/:id/answers", verb, p.wrong)
	p.Kit.POST(g, "/:id/answers", verb, p.orGone(p.correct, p.Permits.Gone), keeps)
	p.Kit.POST(g, "/:id/corrected", verb, p.corrected)
	p.Kit.POST(g, "/:id/drop", verb, p.drop)
	p.Kit.GET(g, "/:id/files/:material/:file", verb, p.file, web.Timeout(5*time.Minute))
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
