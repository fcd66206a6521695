package portal

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/catalogue"
	"minqing/internal/web"
)

type homePage struct {
	Deps
	city *shared[news]
}

type task struct {
	Href, Icon   string
	Title, Words web.Words
}

// situationTile is a life situation with the picture that stands for it.
type situationTile struct {
	*catalogue.Situation
	Icon string
}

type homeView struct {
	web.Page
	Now         *now
	Tasks       []task
	Situations  []situationTile
	Asked       []askedMatter
	Kept        web.Words // last month's promise
	Emergencies []emergency
	Hotline     string
}

var tasks = []task{
	{Href: "/file", Icon: "pencil", Title: web.Say("portal.task.file"), Words: web.Say("portal.task.file.words")},
	{Href: permitsPath, Icon: "certificate", Title: web.Say("portal.task.permit"), Words: web.Say("portal.task.permit.words")},
	{Href: "/track", Icon: "search", Title: web.Say("portal.task.track"), Words: web.Say("portal.task.track.words")},
	{Href: "/matters", Icon: "bulb", Title: web.Say("portal.task.answer"), Words: web.Say("portal.task.answer.words")},
}

// show begins with what needs the reader, if we know who that is.
func (h *homePage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	city, err := h.Deps.city(ctx)
	if err != nil {
		return err
	}
	news := h.city.get(ctx)
	v := &homeView{Page: h.Kit.Page(c, web.Say("portal.home.title")), Tasks: tasks,
		Situations: city.situations(), Emergencies: city.emergencies(), Hotline: city.hotline(), Asked: city.asked(news.asked)}
	v.Kept = kept(news.months, city.day, v.Lang)
	if v.Now, err = h.now(ctx, &v.Page); err != nil {
		return err
	}
	return h.Kit.Show(c, "portal/home", v)
}

// situationIcons gives each life situation of the catalogue its picture.
var situationIcons = map[string]string{
	"new-home": "home", "having-a-baby": "baby-carriage", "starting-school": "school", "losing-a-job": "briefcase",
	"opening-a-shop": "shopping-cart", "caring-for-parents": "old", "hard-times": "heart", "storm-and-flood": "droplet",
	"living-with-neighbours": "users",
}

func (c city) situations() []situationTile {
	var list []situationTile
	for _, s := range c.snap.Situations {
		if !s.On(c.day) {
			continue
		}
		icon := situationIcons[s.Code]
		if icon == "" {
			icon = "bulb"
		}
		list = append(list, situationTile{s, icon})
	}
	return list
}
