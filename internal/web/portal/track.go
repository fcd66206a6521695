package portal

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/cookie"
	"minqing/internal/fault"
	"minqing/internal/web"
)

type trackPage struct{ Following }

type trackView struct {
	web.Page
	CaseNo, Code web.Field
	Hotline      string
}

func (p *trackPage) view(c *gin.Context, caseNo, code string) (*trackView, error) {
	snap, err := p.Catalogue.Snapshot(c.Request.Context())
	if err != nil {
		return nil, err
	}
	v := &trackView{Page: p.Kit.Page(c, web.Say("follow.track.title")), Hotline: city{snap: snap}.hotline()}
	v.CaseNo = web.Field{Name: "case_no", Label: web.Say("follow.case_no"), Hint: web.Say("follow.case_no.hint"), Value: caseNo, Width: "20"}
	v.Code = web.Field{Name: "query_code", Label: web.Say("follow.code"), Hint: web.Say("follow.code.hint"), Value: code, Width: "20", Complete: "off"}
	return v, nil
}

func (p *trackPage) show(c *gin.Context) error {
	v, err := p.view(c, c.Query("case_no"), "")
	if err != nil {
		return err
	}
	return p.Kit.Show(c, "portal/track", v)
}

// find checks number and code and keeps the code in a cookie of this case, so
// that it never stands in an address.
func (p *trackPage) find(c *gin.Context) error {
	var in struct {
		CaseNo string `form:"case_no"`
		Code   string `form:"query_code"`
	}
	err := web.Decode(c, &in)
	if err == nil {
		var check fault.Check
		check.That(in.CaseNo != "", "case_no", "follow.case_no.required")
		check.That(in.Code != "", "query_code", "follow.code.required")
		err = check.Err()
	}
	var found *cases.View
	if err == nil {
		found, err = p.Cases.Track(c.Request.Context(), cases.Key{CaseNo: in.CaseNo, QueryCode: in.Code})
	}
	if fault.KindOf(err) == fault.NotFound && err != nil {
		err = fault.InvalidInput(fault.Field{Name: "case_no", Key: "case.missing"})
	}
	if err != nil {
		v, failed := p.view(c, in.CaseNo, in.Code)
		if failed != nil {
			return failed
		}
		if rest := v.Fail(err); rest != nil {
			return rest
		}
		v.CaseNo, v.Code = v.Bind(v.CaseNo), v.Bind(v.Code)
		return p.Kit.Show(c, "portal/track", v)
	}
	p.Kit.Keep(c, cookie.Code(found.CaseNo), in.Code)
	c.Redirect(303, "/cases/"+found.CaseNo)
	return nil
}
