package desk

import (
	"context"

	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/web"
)

// earlierPage lists what is over and has to do with a case. It is asked for by
// hand, in place or as a page of its own: looking through a place takes a while.
type earlierPage struct{ *casePage }

type earlierView struct {
	web.Page
	CaseNo string
	Person []linked
	Place  []linked
	Point  bool
}

// earlierOf is where it is asked for; empty of cases that are never linked.
func earlierOf(c *cases.Case) string {
	if c.Confidentiality != cases.Normal || c.FrozenAt != nil {
		return ""
	}
	return "/desk/cases/" + c.CaseNo + "/earlier"
}

func (p *earlierPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	one, err := p.Cases.View(ctx, c.Param("case_no"))
	if err != nil {
		return err
	}
	found, err := p.Cases.Earlier(ctx, &one.Case)
	if err != nil {
		return err
	}
	v := &earlierView{Page: p.Kit.Page(c, web.Say("desk.earlier.title")), CaseNo: one.CaseNo, Point: found.Point}
	v.Back = &web.Link{Href: "/desk/cases/" + one.CaseNo, Words: web.Plain(one.CaseNo)}
	if v.Person, err = p.beside(ctx, found.Person); err != nil {
		return err
	}
	if v.Place, err = p.beside(ctx, found.Place); err != nil {
		return err
	}
	if web.WantsFragment(c) {
		return p.Kit.Fragment(c, "desk/earlier-part", v)
	}
	return p.Kit.Show(c, "desk/earlier", v)
}

// beside names cases, with how each ended and how long ago it came.
func (p *casePage) beside(ctx context.Context, items []cases.Item) ([]linked, error) {
	list := make([]linked, 0, len(items))
	for i := range items {
		one := linkedTo(&items[i].Case)
		age, err := p.age(ctx, &items[i].Case)
		if err != nil {
			return nil, err
		}
		one.Chips = append(one.Chips, web.Chip{Words: age})
		list = append(list, one)
	}
	return list, nil
}
