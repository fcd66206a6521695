package admin

import (
	"context"
	"time"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/identity"
	"minqing/internal/web"
)

// People finds accounts and names them.
type People interface {
	ByEmail(ctx context.Context, email string) (*identity.Account, error)
	Names(ctx context.Context, accountIDs ...string) (map[string]string, error)
}

// AccessDeps are what the pages about permissions need.
type AccessDeps struct {
	Kit       *web.Kit
	Access    *access.Service
	Cases     *cases.Service
	Catalogue *catalogue.Service
	People    People
	Zone      *time.Location
}

// RegisterAccess mounts the pages of those who grant roles.
func RegisterAccess(d AccessDeps) {
	g := d.Kit.Group("/admin/access")
	d.Kit.GET(g, "", access.AccessGrant, (&grantsPage{d}).show)
	ask, requests := &askPage{d}, &requestsPage{d}
	d.Kit.GET(g, "/ask", access.AccessGrant, ask.show)
	d.Kit.POST(g, "/ask", access.AccessGrant, ask.send, web.Again())
	d.Kit.GET(g, "/requests", access.AccessGrant, requests.show)
	d.Kit.POST(g, "/requests/:id", access.AccessGrant, requests.decide, web.Again())
	rules := &rulesPage{d}
	d.Kit.GET(g, "/rules", access.AccessGrant, rules.show)
	d.Kit.POST(g, "/rules", access.AccessGrant, rules.ask, web.Again())
	d.Kit.POST(g, "/rules/:id", access.AccessGrant, rules.decide, web.Again())
	explain := &explainPage{d}
	d.Kit.GET(g, "/explain", access.AccessGrant, explain.show)
	d.Kit.POST(g, "/explain", access.AccessGrant, explain.tells, web.Throttle(120, time.Minute, web.ByActor))
}

func roleWords(role string) web.Words { return web.Say("access.role.name." + role) }

// unitNamed names a unit by its path; what is gone shows the path.
func unitNamed(snap *catalogue.Snapshot, path string) web.Words {
	for _, u := range snap.Units {
		if u.Path == path {
			return web.Data(u.Name)
		}
	}
	return web.Plain(path)
}
