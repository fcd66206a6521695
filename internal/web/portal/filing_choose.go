package portal

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/catalogue"
	"minqing/internal/web"
)

type chooseView struct {
	web.Page
	Query       string
	Search      web.Field
	Found       []*catalogue.Matter
	Groups      []group
	Emergencies []emergency
	Unsure      web.Button
	Waiting     *web.Link // a draft that was begun before
}

type group struct {
	*catalogue.Field
	Matters []*catalogue.Matter
}

// choose lets people find the matter, or say that they are not sure.
func (h *filingPages) choose(c *gin.Context) error {
	var q matterQuery
	if err := web.DecodeQuery(c, &q); err != nil {
		return err
	}
	if err := h.mayFile(c.Request.Context()); err != nil {
		return err
	}
	city, err := h.city(c.Request.Context())
	if err != nil {
		return err
	}
	w := &work{c: c, city: city}
	if err := h.load(c.Request.Context(), w); err != nil {
		return err
	}
	v := &chooseView{Page: h.Kit.Page(c, web.Say("portal.choose.title")), Query: q.Q, Search: searchField(q.Q), Emergencies: city.emergencies(),
		Unsure: web.Button{Words: web.Say("portal.choose.unsure"), Kind: "secondary", Href: "/file/other"}}
	v.Search.Label = web.Say("portal.choose.search")
	if q.Q != "" {
		v.Found = city.search(q.Q, v.Lang)
	} else {
		for _, f := range city.snap.Fields {
			if f.On(city.day) {
				v.Groups = append(v.Groups, group{f, city.snap.MattersOn(city.day, f.Code)})
			}
		}
	}
	if !w.fresh && w.sheet.Matter != "" && w.sheet.Title != "" {
		v.Waiting = &web.Link{Href: w.path(stepWhat), Words: web.Plain(w.sheet.Title)}
	}
	return h.Kit.Show(c, "portal/file_choose", v)
}
