// Package insight has the pages of people who answer for results: reports with
// their definitions beside them.
package insight

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/insight"
	"minqing/internal/permittypes"
	"minqing/internal/place"
	"minqing/internal/web"
)

// Deps are what the pages need.
type Deps struct {
	Kit       *web.Kit
	Words     *i18n.Bundle // for files, which no template writes
	Insight   *insight.Service
	Catalogue *catalogue.Service
	Places    *place.Service
	Now       func() time.Time

	PermitTypes interface {
		Types(ctx context.Context) ([]permittypes.Type, error)
	}
}

// Register mounts the pages.
func Register(d Deps) {
	g := d.Kit.Group("/insight")
	d.Kit.GET(g, "", access.ReportRead, func(c *gin.Context) error {
		c.Redirect(http.StatusSeeOther, "/insight/performance")
		return nil
	})
	p := &performancePage{d}
	d.Kit.GET(g, "/performance", access.ReportRead, p.show)
	permits := &permitsPage{d}
	d.Kit.GET(g, "/permits", access.ReportRead, permits.show)
	d.Kit.GET(g, "/permits.csv", access.ReportExport, permits.download, web.Timeout(2*time.Minute))
	d.Kit.GET(g, "/performance.csv", access.ReportExport, p.download, web.Timeout(2*time.Minute))
}

// names looks up what the keys of a report's rows stand for.
type names struct {
	snap  *catalogue.Snapshot
	areas *place.Map
	lang  i18n.Lang
}

func (d Deps) names(ctx context.Context, l i18n.Lang) (names, error) {
	snap, err := d.Catalogue.Snapshot(ctx)
	if err != nil {
		return names{}, err
	}
	areas, err := d.Places.Map(ctx)
	return names{snap: snap, areas: areas, lang: l}, err
}

// of names a row's key, and gives its code for programs.
func (n names) of(g insight.Group, key string) (code string, name web.Words) {
	switch g {
	case insight.ByUnit:
		if u, err := n.snap.Unit(key); err == nil {
			return u.Code, named(u.Name, u.Code)
		}
	case insight.ByMatter:
		if key == "" {
			return "", web.Say("insight.none.matter")
		}
		if m, err := n.snap.Matter(key); err == nil {
			return m.Code, named(m.Name, m.Code)
		}
	case insight.ByDistrict:
		if key == "" {
			return "", web.Say("insight.none.district")
		}
		if d, err := n.areas.District(key); err == nil {
			return d.Code, named(d.Name, d.Code)
		}
	case insight.ByMonth:
		if d, err := calendar.ParseDate(key); err == nil {
			year, month := d.YearMonth()
			return key[:len("2026-01")], web.Plain(i18n.Format{Lang: n.lang}.Month(year, month))
		}
	case insight.ByChannel:
		return key, web.Say("case.channel." + key)
	case insight.ByKind:
		return key, web.Say("case.kind." + key)
	}
	return key, web.Plain(key)
}

func named(t i18n.Text, code string) web.Words {
	if t.Empty() {
		return web.Plain(code)
	}
	return web.Data(t)
}

// argument is a name as a value inside another message.
func argument(w web.Words) any {
	switch {
	case w.Key != "":
		return i18n.Phrase{Key: w.Key, Args: w.Args}
	case w.Text != nil:
		return w.Text
	}
	return w.Plain
}
