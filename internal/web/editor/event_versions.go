package editor

import (
	"context"
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// eventsView lists the life events.
type eventsView struct {
	web.Page
	Lead   web.Words
	Things []thing
	Add    web.Button
	None   web.Words
}

func (e *eventDesk) all(c *gin.Context) error {
	ctx := c.Request.Context()
	codes, err := e.deps.Types.EventCodes(ctx)
	if err != nil {
		return err
	}
	v := &eventsView{Page: e.kit.Page(c, web.Say("permitedit.events")), Lead: web.Say("permitedit.lead.events"), None: web.Say("permitedit.none"),
		Add: web.Button{Words: web.Say("permitedit.events.new"), Href: e.base + "/" + NewCode + "/draft", Kind: "secondary"}}
	v.Wide = true
	v.Back = &web.Link{Href: "/admin/permits", Words: web.Say("permittype.admin.title")}
	for _, code := range codes {
		x, seen, err := e.load(ctx, code)
		if err != nil {
			return err
		}
		t := thing{line: line{Code: code, Title: web.Data(x.Name)}, Href: e.base + "/" + code}
		if seen > 0 {
			t.Chip = &web.Chip{Tone: web.ToneInfo, Words: web.Say("permittype.admin.drafted")}
		}
		v.Things = append(v.Things, t)
	}
	return e.kit.Show(c, "admin/life-events", v)
}

// eventView is one event: its draft with what it changes, and its versions. It has
// what the page of a permit type has.
type eventView struct {
	web.Page
	Action   string
	Code     string
	Editions []editionLine
	Draft    *permittypes.Draft
	Changes  []permittypes.Difference
	Own      bool
	Writer   string
	From     web.Field
	Reason   web.Field
	Edit     web.Button
}

type editionLine struct {
	permittypes.Edition
	Title   web.Words
	By      string
	Changes []permittypes.Difference
	Export  string // events are not handed on as files
}

type publicationForm struct {
	Version   int64  `form:"version"`
	ValidFrom string `form:"valid_from"`
	Reason    string `form:"reason"`
}

func (e *eventDesk) one(c *gin.Context) error { return e.versions(c, publicationForm{}, nil) }

func (e *eventDesk) versions(c *gin.Context, typed publicationForm, failed error) error {
	ctx, code := c.Request.Context(), c.Param("code")
	x, _, err := e.load(ctx, code)
	if err != nil {
		return err
	}
	v := &eventView{Page: e.kit.Page(c, web.Data(x.Name)), Code: code, Action: e.base + "/" + code + "/publish",
		Edit: web.Button{Words: web.Say("permittype.admin.edit"), Href: e.base + "/" + code + "/draft", Kind: "secondary"}}
	v.Wide = true
	v.Back = &web.Link{Href: e.base, Words: web.Say("permitedit.events")}
	if err := v.Fail(failed); err != nil {
		return err
	}
	newest, err := e.editions(ctx, v)
	if err != nil {
		return err
	}
	if v.Draft, err = e.deps.Types.EventDraft(ctx, code); err != nil {
		return err
	}
	if v.Draft != nil {
		if v.Changes, err = permittypes.DifferEvents(newest, x); err != nil {
			return err
		}
		v.Own = v.Draft.Writers.Has(v.Page.Actor.AccountID)
		names, err := e.deps.People.Names(ctx, v.Draft.WrittenByID)
		if err != nil {
			return err
		}
		v.Writer = names[v.Draft.WrittenByID]
		v.From = v.Bind(web.Field{Name: "valid_from", Label: web.Say("permittype.admin.from"), Value: typed.ValidFrom, Type: "date", Width: "10"})
		v.Reason = v.Bind(web.Field{Name: "reason", Label: web.Say("timing.reason"), Value: typed.Reason, Rows: 3, Max: 500})
	}
	return e.kit.Show(c, "admin/permit-type", v)
}

// editions are the published versions with what each changed; it gives the newest.
func (e *eventDesk) editions(ctx context.Context, v *eventView) (newest *event, err error) {
	editions, err := e.deps.Types.EventEditions(ctx, v.Code)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, one := range editions {
		if one.PublishedByID != nil {
			ids = append(ids, *one.PublishedByID)
		}
	}
	names, err := e.deps.People.Names(ctx, ids...)
	if err != nil {
		return nil, err
	}
	var after *event
	for i, one := range editions {
		x, err := e.deps.Types.EventVersion(ctx, v.Code, one.Version)
		if err != nil {
			return nil, err
		}
		if after == nil {
			newest = x
		} else if v.Editions[i-1].Changes, err = permittypes.DifferEvents(x, after); err != nil {
			return nil, err
		}
		after = x
		l := editionLine{Edition: one, Title: web.Say("permittype.admin.edition", "Version", strconv.FormatInt(one.Version, 10))}
		if one.PublishedByID != nil {
			l.By = names[*one.PublishedByID]
		}
		v.Editions = append(v.Editions, l)
	}
	return newest, nil
}

// publish puts the draft in force.
func (e *eventDesk) publish(c *gin.Context) error {
	var in publicationForm
	if err := web.Decode(c, &in); err != nil {
		return e.versions(c, in, err)
	}
	code := c.Param("code")
	err := e.deps.Types.PublishEvent(c.Request.Context(), permittypes.Publication{Code: code, Seen: in.Version, From: in.ValidFrom, Reason: in.Reason})
	if found, rest := fields(err); len(found) > 0 && rest == nil || conflict(err) {
		return e.versions(c, in, err)
	}
	if err != nil {
		return err
	}
	return e.told(c, "permittype.admin.published.done", e.base+"/"+code)
}
