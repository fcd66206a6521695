// Package people has the pages about those who are served: their records, whom
// they find, and who belongs together.
package people

import (
	"context"
	"time"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/constituents"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
	"minqing/internal/outreach/campaign"
	"minqing/internal/outreach/discover"
	"minqing/internal/outreach/offers"
	"minqing/internal/place"
	"minqing/internal/record"
	"minqing/internal/web"
)

// Accounts names accounts of staff.
type Accounts interface {
	Names(ctx context.Context, accountIDs ...string) (map[string]string, error)
}

// Deps are what the pages need.
type Deps struct {
	Kit          *web.Kit
	Words        *i18n.Bundle
	Access       *access.Service
	Record       *record.Service
	Segments     *outreach.Service
	Campaigns    *campaign.Service
	Offers       *offers.Service
	Discover     *discover.Service
	Cases        *cases.Service
	Constituents *constituents.Service
	Catalogue    *catalogue.Service
	Places       *place.Service
	Accounts     Accounts
	Zone         *time.Location
	Now          func() time.Time
}

// Register mounts the pages.
func Register(d Deps) {
	g := d.Kit.Group("/people")
	often := web.Throttle(120, time.Minute, web.ByActor) // what shows people
	home := &homePage{d}
	d.Kit.GET(g, "", access.PeopleRead, home.show)
	d.Kit.POST(g, "", access.PeopleRead, home.find, often)
	d.registerSegments(g)
	d.registerCampaigns(g)
	d.registerOffers(g)
	d.registerSheet(g, often)
	d.registerBenefits(g, often)
}
