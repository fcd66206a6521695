package portal

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/place"
	"minqing/internal/voices"
	"minqing/internal/web"
)

// VoiceDeps are what the pages of published questions work with.
type VoiceDeps struct {
	Kit       *web.Kit
	Words     *i18n.Bundle
	Voices    *voices.Service
	Catalogue *catalogue.Service
	Places    *place.Service
	Zone      *time.Location
	BaseURL   string // for the addresses in the feed
	Mail      bool   // mails can leave: people may follow by them
	Now       func() time.Time
}

// RegisterVoices mounts the list of published questions, each of them, and a feed.
func RegisterVoices(d VoiceDeps) {
	k, e := d.Kit, d.Kit.Engine()
	p := &voicesPage{d}
	slow := web.Throttle(120, time.Minute, web.ByIP)
	k.GET(e, "/voices", web.Public, p.list, slow)
	k.GET(e, "/voices/feed", web.Public, p.feed, slow)
	k.GET(e, "/voices/:id", web.Public, p.show, slow)
	k.POST(e, "/voices/:id/concern", web.Public, p.concern, web.Throttle(30, time.Minute, web.ByIP))
	k.POST(e, "/voices/:id/follow", web.Public, p.follow, web.Throttle(20, time.Hour, web.ByIP))
	k.GET(e, "/voices/follow/:token", web.Public, p.confirmable, slow)
	k.POST(e, "/voices/follow/:token", web.Public, p.confirm, slow)
	k.GET(e, "/voices/stop/:token", web.Public, p.stoppable, slow)
	k.POST(e, "/voices/stop/:token", web.Public, p.stop, slow)
}

type voicesPage struct{ VoiceDeps }

type voicesView struct {
	web.Page
	Search   web.Field
	Matter   web.Field
	District web.Field
	Rows     []voiceRow
	Pager    web.Pager
	Narrowed bool
	Empty    web.Empty
}

type voiceRow struct {
	ID    string
	Href  string
	In    string // the language in which it was written
	Title string
	Start string // of the question
	At    time.Time
	Facts []web.Words

	Concerns int64 // how many say that it concerns them too
}

type voiceQuery struct {
	Q        string `form:"q"`
	Matter   string `form:"matter"`
	District string `form:"district"`
	Cursor   string `form:"cursor"`
}

// startMost is how much of a question the list shows, in characters.
const startMost = 120

func (p *voicesPage) list(c *gin.Context) error {
	ctx := c.Request.Context()
	var q voiceQuery
	if err := web.DecodeQuery(c, &q); err != nil {
		return err
	}
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	areas, err := p.Places.Map(ctx)
	if err != nil {
		return err
	}
	found, err := p.Voices.List(ctx, voices.Filter{Words: q.Q, Matter: q.Matter, District: q.District, Cursor: q.Cursor})
	if err != nil {
		return err
	}
	v := &voicesView{Page: p.Kit.Page(c, web.Say("voices.title")), Narrowed: q.Q != "" || q.Matter != "" || q.District != ""}
	v.fields(q, snap, areas, calendar.DateOf(p.Now(), p.Zone))
	for i := range found.Voices {
		v.Rows = append(v.Rows, rowOfVoice(&found.Voices[i], snap, areas))
	}
	v.Pager = web.Pager{Shown: len(v.Rows)}
	if q.Cursor != "" {
		v.Pager.First = v.With("cursor", "")
	}
	if found.Next != "" {
		v.Pager.Next = v.With("cursor", found.Next)
	}
	v.Empty = web.Empty{Icon: "search", Title: web.Say("voices.none"), Words: web.Say("voices.none.words"),
		Do: &web.Button{Words: web.Say("nav.file"), Href: "/file"}}
	if !v.Narrowed && q.Cursor == "" {
		v.Empty.Icon, v.Empty.Title, v.Empty.Words = "info-circle", web.Say("voices.nothing"), web.Say("voices.nothing.words")
	}
	return p.Kit.Show(c, "portal/voices", v)
}

func (v *voicesView) fields(q voiceQuery, snap *catalogue.Snapshot, areas *place.Map, today calendar.Date) {
	v.Search = web.Field{Name: "q", Label: web.Say("voices.search"), Value: q.Q, Type: "search", Width: "20"}
	v.Matter = web.Field{Name: "matter", Label: web.Say("voices.matter"), Value: q.Matter, Options: []web.Option{{Words: web.Say("voices.all")}}}
	for _, m := range snap.Matters {
		if !m.Sensitive {
			v.Matter.Options = append(v.Matter.Options, web.Option{Value: m.Code, Words: web.Data(m.Name)})
		}
	}
	v.District = web.Field{Name: "district", Label: web.Say("voices.district"), Value: q.District, Options: []web.Option{{Words: web.Say("voices.all")}}}
	for _, d := range areas.At(place.Borough, "", today) {
		v.District.Options = append(v.District.Options, web.Option{Value: d.Code, Words: web.Data(d.Name)})
	}
}

func rowOfVoice(one *voices.Voice, snap *catalogue.Snapshot, areas *place.Map) voiceRow {
	r := voiceRow{ID: one.ID, Href: "/voices/" + one.ID, In: one.Locale, Title: one.Title, Start: one.Question, At: *one.PublishedAt, Concerns: one.Concerns}
	if runes := []rune(r.Start); len(runes) > startMost {
		r.Start = string(runes[:startMost]) + "…"
	}
	if one.MatterID != nil {
		if m, err := snap.Matter(*one.MatterID); err == nil {
			r.Facts = append(r.Facts, web.Data(m.Name))
		}
	}
	if one.DistrictID != nil {
		if d, err := areas.District(*one.DistrictID); err == nil {
			r.Facts = append(r.Facts, web.Data(d.Name))
		}
	}
	return r
}

type voiceView struct {
	web.Page
	voiceRow
	Question, Answer string
	File             web.Button
	Concern          concernView
	Follow           *web.Field // the address; nil where nobody can follow by mail
}

func (p *voicesPage) show(c *gin.Context) error {
	v, err := p.view(c)
	if err != nil {
		return err
	}
	return p.Kit.Show(c, "portal/voice", v)
}

func (p *voicesPage) view(c *gin.Context) (*voiceView, error) {
	ctx := c.Request.Context()
	one, err := p.Voices.Read(ctx, c.Param("id"))
	if err != nil {
		return nil, err
	}
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	areas, err := p.Places.Map(ctx)
	if err != nil {
		return nil, err
	}
	v := &voiceView{Page: p.Kit.Page(c, web.Plain(one.Title)), voiceRow: rowOfVoice(one, snap, areas), Question: one.Question, Answer: one.Answer}
	v.Back = &web.Link{Href: "/voices", Words: web.Say("voices.title")}
	v.File = web.Button{Words: web.Say("voices.file"), Kind: "secondary", Href: "/file"}
	if one.MatterID != nil {
		if m, err := snap.Matter(*one.MatterID); err == nil {
			v.File.Href = "/file/" + m.Code
		}
	}
	if p.Mail && one.Open {
		v.Follow = &web.Field{Name: "email", Label: web.Say("voices.follow.email"), Type: "email", Complete: "email", Width: "30"}
	}
	v.Concern, err = p.concernOf(c, one)
	return v, err
}

// The parts of an Atom feed (RFC 4287) that ours has.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	Title   string   `xml:"title"`
	ID      string   `xml:"id"`
	Updated string   `xml:"updated"`
	Link    atomLink `xml:"link"`
	Summary string   `xml:"summary"`
}

// feed is the newest page as an Atom feed, narrowed as the list.
func (p *voicesPage) feed(c *gin.Context) error {
	var q voiceQuery
	if err := web.DecodeQuery(c, &q); err != nil {
		return err
	}
	found, err := p.Voices.List(c.Request.Context(), voices.Filter{Words: q.Q, Matter: q.Matter, District: q.District})
	if err != nil {
		return err
	}
	page := p.Kit.Page(c, web.Say("voices.title"))
	title := page.Title.In(p.Words, page.Lang)
	query := url.Values{}
	for name, value := range map[string]string{"q": q.Q, "matter": q.Matter, "district": q.District} {
		if value != "" {
			query.Set(name, value)
		}
	}
	self := p.BaseURL + "/voices/feed"
	if len(query) > 0 {
		self += "?" + query.Encode()
	}
	f := atomFeed{Lang: string(page.Lang), Title: title, ID: self, Author: page.City.In(page.Lang), Updated: time.Unix(0, 0).UTC().Format(time.RFC3339),
		Links: []atomLink{{Rel: "self", Href: self}, {Href: p.BaseURL + "/voices"}}}
	for i := range found.Voices {
		one := &found.Voices[i]
		at := one.PublishedAt.UTC().Format(time.RFC3339)
		f.Entries = append(f.Entries, atomEntry{Title: one.Title, ID: "urn:uuid:" + one.ID, Updated: at,
			Link: atomLink{Href: p.BaseURL + "/voices/" + one.ID}, Summary: one.Question})
		if i == 0 {
			f.Updated = at
		}
	}
	var body bytes.Buffer
	body.WriteString(xml.Header)
	if err := xml.NewEncoder(&body).Encode(f); err != nil {
		return err
	}
	c.Data(http.StatusOK, "application/atom+xml; charset=utf-8", body.Bytes())
	return nil
}
