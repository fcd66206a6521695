package portal

import (
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/place"
	"minqing/internal/replies"
	"minqing/internal/web"
)

type mattersPage struct{ Deps }

type mattersView struct {
	web.Page
	Query      string
	Search     web.Field
	Heading    web.Words
	Found      []*catalogue.Matter
	Narrowed   bool
	Fields     []*catalogue.Field
	Situations []situationTile
	None       web.Empty
}

const mostFound = 20

type matterQuery struct {
	Q         string `form:"q"`
	Field     string `form:"field"`
	Situation string `form:"situation"`
}

// list finds matters by words, by field of life or by life situation.
func (h *mattersPage) list(c *gin.Context) error {
	city, err := h.city(c.Request.Context())
	if err != nil {
		return err
	}
	var q matterQuery
	if err := web.DecodeQuery(c, &q); err != nil {
		return err
	}
	v := &mattersView{Page: h.Kit.Page(c, web.Say("portal.matters.title")), Query: q.Q, Heading: web.Say("portal.matters.title"),
		Search: searchField(q.Q), Situations: city.situations()}
	for _, f := range city.snap.Fields {
		if f.On(city.day) {
			v.Fields = append(v.Fields, f)
		}
	}
	v.Narrowed = q.Q != "" || q.Field != "" || q.Situation != ""
	switch {
	case q.Q != "":
		v.Heading = web.Say("portal.matters.for", "Query", q.Q)
		v.Found = city.search(q.Q, v.Lang)
	case q.Field != "":
		f, err := city.snap.Field(q.Field)
		if err != nil {
			return err
		}
		v.Heading, v.Found = web.Data(f.Name), city.snap.MattersOn(city.day, q.Field)
	case q.Situation != "":
		s, err := city.snap.Situation(q.Situation)
		if err != nil {
			return err
		}
		v.Heading, v.Found = web.Data(s.Name), city.snap.SituationMatters(s, city.day)
	}
	if v.Narrowed {
		v.Title = v.Heading
		v.Back = &web.Link{Href: "/matters", Words: web.Say("portal.matters.all")}
	}
	v.None = web.Empty{Icon: "search", Title: web.Say("portal.matters.none"), Words: web.Say("portal.matters.none.words"),
		Do: &web.Button{Words: web.Say("portal.matters.file_anyway"), Href: "/file/other"}}
	return h.Kit.Show(c, "portal/matters", v)
}

func searchField(value string) web.Field {
	return web.Field{Name: "q", Label: web.Say("portal.search"), Hint: web.Say("portal.search.hint"), Value: value, Type: "search"}
}

func (c city) search(query string, lang i18n.Lang) []*catalogue.Matter {
	var list []*catalogue.Matter
	for _, f := range c.snap.SearchMatters(query, lang, c.day, mostFound) {
		list = append(list, f.Matter)
	}
	return list
}

type matterView struct {
	web.Page
	Matter        *catalogue.Matter
	Field         *catalogue.Field
	Guide         []string
	Unit          *catalogue.Unit
	Limit         web.Words
	ResponseLimit web.Words
	Kinds         []web.Words
	Urgent        bool
	Start         web.Button
	Emergencies   []emergency
	Articles      []replies.Text // that perhaps answer already
}

// show is one matter: what it is, how long it takes, who does it, on what law.
func (h *mattersPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	city, err := h.city(ctx)
	if err != nil {
		return err
	}
	m, err := city.snap.MatterOn(c.Param("code"), city.day)
	if err != nil {
		return err
	}
	if m.Track == catalogue.TrackPermit {
		return h.toPermit(c, m)
	}
	v := &matterView{Page: h.Kit.Page(c, web.Data(m.Name)), Matter: m, Limit: limitWords(m.HandlingLimit),
		ResponseLimit: limitWords(m.ResponseLimit), Urgent: m.Urgent, Emergencies: city.emergencies(),
		Start: web.Button{Words: web.Say("portal.matter.start"), Icon: "pencil", Href: "/file/" + m.Code}}
	v.Guide = paragraphs(m.Guide.In(v.Lang))
	for _, k := range m.Kinds {
		v.Kinds = append(v.Kinds, web.Say("case.kind."+k))
	}
	if v.Field, err = city.snap.Field(m.FieldID); err != nil {
		return err
	}
	promise, err := h.Cases.Preview(ctx, cases.Filing{MatterCode: m.Code, Kind: firstKind(m)})
	if err != nil {
		return err
	}
	v.Unit = promise.Unit
	if v.Articles, err = h.Replies.Published(ctx, m.ID, v.Lang, city.day); err != nil {
		return err
	}
	v.Back = &web.Link{Href: "/matters?field=" + v.Field.Code, Words: web.Data(v.Field.Name)}
	return h.Kit.Show(c, "portal/matter", v)
}

// paragraphs cuts a guide at its empty lines.
func paragraphs(text string) []string {
	var list []string
	for p := range strings.SplitSeq(text, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, p)
		}
	}
	return list
}

// districts is the map's drawing of the city.
func (h *mattersPage) districts(c *gin.Context) error {
	ctx := c.Request.Context()
	city, err := h.city(ctx)
	if err != nil {
		return err
	}
	areas, err := h.Places.Map(ctx)
	if err != nil {
		return err
	}
	body, err := areas.GeoJSON(place.Borough, web.Lang(c), city.day)
	if err != nil {
		return err
	}
	c.Data(200, "application/geo+json", body)
	return nil
}
