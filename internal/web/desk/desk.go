// Package desk has the pages of the people who handle cases: the inbox and the
// case with what can be done next.
package desk

import (
	"context"
	"time"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/constituents"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/place"
	"minqing/internal/replies"
	"minqing/internal/satisfaction"
	"minqing/internal/web"
	"minqing/internal/worklist"
)

// People names accounts, and knows whether who is signed in is still the same:
// Recent is true for a while after signing in and after Again, which takes the
// password once more.
type People interface {
	Names(ctx context.Context, accountIDs ...string) (map[string]string, error)
	Recent(ctx context.Context) (bool, error)
	Again(ctx context.Context, password string) error
}

// Deps are what the pages need.
type Deps struct {
	Kit       *web.Kit
	Words     *i18n.Bundle
	Cases     *cases.Service
	Replies   *replies.Service
	Catalogue *catalogue.Service
	Places    *place.Service
	Access    *access.Service
	Files     *files.Service
	People    People
	Once      *cases.Once
	Bulk      *worklist.Service

	Constituents *constituents.Service
	Callbacks    *satisfaction.Service
	Notices      Notices          // may be nil
	Mail         bool             // a mail server is set, so that people hear of replies by mail
	Permits      *permits.Service // nil: no case is an application for a permit
	BaseURL      string           // of the portal, in links that are handed over on paper; no slash at its end
	Now          func() time.Time

	lists *unitLists
}

// Register mounts the pages.
func Register(d Deps) {
	g := d.Kit.Group("/desk")
	d.lists = &unitLists{}
	often := web.Throttle(120, time.Minute, web.ByActor) // what shows people or takes papers out
	inbox := &inboxPage{d}
	d.Kit.GET(g, "", access.DeskEnter, inbox.show)
	d.Kit.POST(g, "", access.CaseList, inbox.search)
	calls := &intakePage{d}
	d.Kit.GET(g, "/intake", access.CaseFile, calls.show)
	d.Kit.POST(g, "/intake", access.CaseFile, calls.take, web.Keeps(typedInCall), often)
	d.Kit.POST(g, "/intake/parts/:part", access.CaseFile, calls.part, often)
	watched := &supervisedPage{d}
	d.Kit.GET(g, "/supervised", access.CaseList, watched.show)
	wall := &wallPage{d}
	d.Kit.GET(g, "/clocks", access.CaseList, wall.show)
	d.Kit.POST(g, "/clocks", access.CaseList, wall.putAway)
	narrow := &filterPage{inbox}
	d.Kit.GET(g, "/filter", access.CaseList, narrow.show)
	d.Kit.POST(g, "/filter", access.CaseList, narrow.search)
	d.registerBulk(g)
	d.registerLists(g)
	one := &casePage{d}
	d.Kit.GET(g, "/cases/:case_no", access.CaseRead, one.show)
	d.Kit.POST(g, "/cases/:case_no", access.CaseRead, one.act, web.Keeps(typedInAct))
	d.Kit.GET(g, "/cases/:case_no/replies", access.CaseRead, (&versionsPage{one}).show)
	d.Kit.GET(g, "/cases/:case_no/earlier", access.CaseRead, (&earlierPage{one}).show)
	d.Kit.GET(g, "/cases/:case_no/messages", access.CaseRead, (&deliveriesPage{one}).show)
	registerTexts(d)
	helped := &replyPage{one}
	d.Kit.GET(g, "/cases/:case_no/reply", access.CaseReply, helped.show)
	d.Kit.POST(g, "/cases/:case_no/reply", access.CaseReply, helped.show, web.Keeps(typedInAct))
	due := &callbacksPage{d}
	d.Kit.GET(g, "/callbacks", access.CaseCallback, due.show)
	call := &callbackPage{one}
	d.Kit.GET(g, "/callbacks/:case_no", access.CaseCallback, call.show)
	d.Kit.POST(g, "/callbacks/:case_no", access.CaseCallback, call.record, web.Keeps(typedInCallback))
	d.Kit.POST(g, "/callbacks/:case_no/take", access.CaseCallback, call.take)
	d.Kit.GET(g, "/callbacks/:case_no/take", access.CaseCallback, call.back)
	d.Kit.POST(g, "/callbacks/:case_no/reveal", access.CaseReveal, call.reveal, often)
	d.Kit.GET(g, "/callbacks/:case_no/reveal", access.CaseCallback, call.back)
	one.registerDrafts(g)
	one.registerLive(g)
	both := &mergePage{one}
	d.Kit.GET(g, "/cases/:case_no/merge", access.CaseMerge, both.show)
	d.Kit.GET(g, "/cases/:case_no/files/:id", access.CaseRead, one.file, web.Timeout(5*time.Minute))
	d.Kit.GET(g, "/cases/:case_no/files/:id/preview", access.CaseRead, one.preview, web.Timeout(time.Minute))
	black := &blackPage{one}
	d.Kit.GET(g, "/cases/:case_no/files/:id/black", access.CaseBlackOut, black.show)
	d.Kit.POST(g, "/cases/:case_no/files/:id/black", access.CaseBlackOut, black.save, web.Timeout(2*time.Minute), often)
	d.Kit.GET(g, "/cases/:case_no/file.pdf", access.CaseExport, (&paperPage{one}).file, often)
	d.Kit.POST(g, "/cases/:case_no/reveal", access.CaseReveal, one.reveal, often)
	d.Kit.GET(g, "/cases/:case_no/reveal", access.CaseRead, one.masked)
}

// names looks reference data up for a page; what is gone shows its code.
type names struct {
	snap  *catalogue.Snapshot
	areas *place.Map
	zone  *time.Location // of the government
}

func (d Deps) names(ctx context.Context) (names, error) {
	snap, err := d.Catalogue.Snapshot(ctx)
	if err != nil {
		return names{}, err
	}
	areas, err := d.Places.Map(ctx)
	n := names{snap: snap, areas: areas}
	if cal, err := d.Cases.Clocks.Of(snap, snap.Root()); err == nil {
		n.zone = cal.Zone()
	}
	return n, err
}

func (n names) unit(id string) web.Words {
	if u, err := n.snap.Unit(id); err == nil {
		return web.Data(u.Name)
	}
	return web.Plain(id)
}

// matterOf is the matter of a case, nil while it has none.
func (n names) matterOf(c *cases.Case) *catalogue.Matter {
	if c.MatterID == nil {
		return nil
	}
	m, err := n.snap.Matter(*c.MatterID)
	if err != nil {
		return nil
	}
	return m
}

// reviews says whether the replies of a case wait for a second pair of eyes.
func (n names) reviews(c *cases.Case) bool {
	m := n.matterOf(c)
	return m != nil && (m.ReplyReview || m.Track == catalogue.TrackPermit)
}

func (n names) matter(id *string) web.Words {
	if id != nil {
		if m, err := n.snap.Matter(*id); err == nil {
			return web.Data(m.Name)
		}
	}
	return web.Say("desk.matter.none")
}

func (n names) district(id *string) web.Words {
	if id != nil {
		if d, err := n.areas.District(*id); err == nil {
			return web.Data(d.Name)
		}
	}
	return web.Words{}
}

// waitingChip says until when a suspended case waits.
func (d Deps) waitingChip(ctx context.Context, c *cases.Case) (web.Chip, error) {
	today, err := d.Cases.LocalDay(ctx, c, d.Now())
	if err != nil {
		return web.Chip{}, err
	}
	if today > *c.SuspendedUntil {
		return web.Chip{Tone: web.ToneDue, Words: web.Say("desk.due.lapsed")}, nil
	}
	return web.Chip{Tone: web.ToneInfo, Icon: "hourglass", Words: web.Say("desk.due.waits", "Day", dayText(*c.SuspendedUntil))}, nil
}

// dueChip says in a word how a case stands against its clock.
func (d Deps) dueChip(ctx context.Context, c *cases.Case) (web.Chip, error) {
	due := c.DueAt
	switch {
	case c.Rectify.Owed() && c.RectifyDueAt != nil:
		due = c.RectifyDueAt
	case c.Status.Ended():
		return web.Chip{Tone: web.ToneDone, Words: web.Say("case.status." + string(c.Status))}, nil
	case c.SuspendedUntil != nil:
		return d.waitingChip(ctx, c)
	case c.AwaitsCorrection():
		return web.Chip{Tone: web.ToneInfo, Icon: "hourglass", Words: web.Say("desk.due.awaited")}, nil
	case c.DueAt == nil:
		return web.Chip{Words: web.Say("desk.due.none")}, nil
	case c.Urgent && d.Now().Before(*c.DueAt):
		return web.Chip{Tone: web.ToneOver, Words: web.Say("desk.due.urgent")}, nil
	}
	left, err := d.Cases.Left(ctx, c, *due)
	if err != nil {
		return web.Chip{}, err
	}
	if left == 0 && d.Now().After(*due) {
		return web.Chip{Tone: web.ToneOver, Words: web.Say("desk.due.past")}, nil
	}
	key, args := i18n.DaysLeft(left)
	chip := web.Chip{Words: web.Words{Key: key, Args: args}, Icon: "clock"}
	switch {
	case left < 0:
		chip.Tone, chip.Icon = web.ToneOver, ""
	case left <= 1:
		chip.Tone = web.ToneDue
	}
	return chip, nil
}
