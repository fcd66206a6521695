// Package portal holds the pages of citizens: home, what the government
// offers, filing a request, its receipt, following it and judging it.
package portal

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/files"
	"minqing/internal/insight"
	"minqing/internal/nextstep"
	"minqing/internal/outreach/campaign"
	"minqing/internal/outreach/offers"
	"minqing/internal/permittypes"
	"minqing/internal/place"
	rights "minqing/internal/privacy"
	"minqing/internal/replies"
	"minqing/internal/voices"
	"minqing/internal/web"
)

// Deps are what the pages of filing work with.
type Deps struct {
	Kit       *web.Kit
	Cases     *cases.Service
	Drafts    *cases.Drafts
	Once      *cases.Once
	Catalogue *catalogue.Service
	Permits   *permittypes.Service
	Replies   *replies.Service // articles that perhaps answer already
	Voices    *voices.Service  // and published questions
	Places    *place.Service
	Files     *files.Service
	Clocks    *clocks.Service
	Insight   *insight.Service
	Log       *slog.Logger // slog's own when nil
	Now       func() time.Time
	BaseURL   string // for the address in the QR code
	TileURL   string // map tiles; districts are drawn without any

	Next    *nextstep.Service // what is theirs to do; asked for people with an account only
	Privacy *rights.Service   // whether they asked to be erased
	Offers  *offers.Service   // what they may have without asking; may be nil

	Campaigns *campaign.Service // that wait for a decision of a member of staff; may be nil
}

// RegisterFiling mounts home, scorecard, matters, filing and receipt.
func RegisterFiling(d Deps) {
	if d.Log == nil {
		d.Log = slog.Default()
	}
	k, e, news := d.Kit, d.Kit.Engine(), d.news()
	list := &mattersPage{d}
	k.GET(e, "/", web.Public, (&homePage{d, news}).show)
	k.First("portal/home", func(ctx context.Context) { news.get(ctx) })
	next := &nextPage{d}
	k.GET(e, "/me/next", access.OwnRead, next.show)
	k.POST(e, "/me/next", access.OwnRead, next.send, web.Throttle(60, time.Minute, web.ByActor))
	k.GET(e, "/scorecard", web.Public, (&scorecardPage{d, news}).show)
	k.GET(e, "/matters", web.Public, list.list)
	k.GET(e, "/matters/:code", web.Public, list.show)
	k.GET(e, "/map/districts.json", web.Public, list.districts)

	f := &filingPages{d}
	big := []web.RouteOption{web.Body(files.MaxFiles*files.MaxSize + 2<<20), web.Timeout(5 * time.Minute), web.Throttle(60, time.Minute, web.ByIP), web.Keeps(typedInFiling)}
	k.GET(e, "/file", web.Public, f.choose)
	k.GET(e, "/file/:matter", web.Public, f.begin)
	k.GET(e, "/file/:matter/:step", web.Public, f.show)
	k.POST(e, "/file/:matter/:step", web.Public, f.take, big...)
	k.GET(e, "/receipt/:case_no", web.Public, (&receiptPage{d}).show)
}

// city is what most pages ask of the catalogue.
type city struct {
	snap *catalogue.Snapshot
	day  calendar.Date
}

func (d Deps) city(ctx context.Context) (city, error) {
	snap, err := d.Catalogue.Snapshot(ctx)
	if err != nil {
		return city{}, err
	}
	cal, err := d.Clocks.Of(snap, snap.Root())
	if err != nil {
		return city{}, err
	}
	return city{snap: snap, day: cal.ReceivedOn(d.Now())}, nil
}

// hotline is the number that people call instead of writing.
func (c city) hotline() string {
	if root := c.snap.Root(); root != nil {
		return root.Phone
	}
	return ""
}

// region is whose numbering plan counts for numbers without a country code.
func (c city) region() string {
	if root := c.snap.Root(); root != nil && strings.HasPrefix(strings.ToUpper(c.snap.Calendar(root)), "TW") {
		return "TW"
	}
	return "CN"
}

// emergency is a number to call when life is in danger.
type emergency struct {
	Number string
	Words  web.Words
}

// emergencies are the numbers of the place, known by its calendar.
func (c city) emergencies() []emergency {
	police := emergency{"110", web.Say("portal.emergency.police")}
	if c.region() == "TW" {
		return []emergency{police, {"119", web.Say("portal.emergency.fire_ambulance")}}
	}
	return []emergency{police, {"119", web.Say("portal.emergency.fire")}, {"120", web.Say("portal.emergency.ambulance")}}
}

// limitWords says how long a limit is.
func limitWords(l calendar.Limit) web.Words {
	if l.IsZero() {
		return web.Words{}
	}
	return web.Say("portal.limit."+string(l.Unit()), "Count", l.Number())
}
