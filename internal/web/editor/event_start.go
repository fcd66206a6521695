package editor

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// begin is the draft of an event, or the form that begins one that is new.
func (e *eventDesk) begin(c *gin.Context) error {
	if c.Param("code") != NewCode {
		return e.showDraft(c)
	}
	return e.start(c, &sheet{}, nil)
}

// started takes the form that begins an event; of one that there is, it throws the
// draft away.
func (e *eventDesk) started(c *gin.Context) error {
	if c.Param("code") != NewCode {
		return e.sendDraft(c)
	}
	typed, err := web.Typed(c)
	if err != nil && typed == nil {
		return err
	}
	s := &sheet{typed: typed}
	if err != nil {
		return e.start(c, s, err)
	}
	x := &event{}
	e.first(c, s, x)
	s.bad.That(permittypes.IsCode(x.Code), "code", "catalogue.code.invalid")
	s.bad.That(x.Code != NewCode, "code", "catalogue.code.taken")
	for _, name := range append(s.blanks["name"], s.blanks["summary"]...) {
		s.bad.That(false, name, "permittype.text.languages")
	}
	if err := s.bad.Err(); err != nil {
		return e.start(c, &sheet{typed: typed}, err)
	}
	if err := e.deps.Types.StartEvent(c.Request.Context(), x); err != nil {
		if fault.KindOf(err) != fault.Invalid && !conflict(err) {
			return err
		}
		return e.start(c, &sheet{typed: typed}, err)
	}
	return e.told(c, "permitedit.begun", e.base+"/"+x.Code+"/draft")
}

func (e *eventDesk) first(c *gin.Context, s *sheet, x *event) {
	s.part, s.words, s.lang = "event_start", e.words, web.Lang(c)
	s.texts("name", &x.Name, 0)
	s.texts("summary", &x.Summary, 3)
	s.code("code", &x.Code)
}

func (e *eventDesk) start(c *gin.Context, s *sheet, failed error) error {
	v := &formView{Page: e.kit.Page(c, web.Say("permitedit.events.new")), Action: c.Request.URL.Path, Lead: web.Say("permitedit.lead.events")}
	v.Wide = true
	v.Back = &web.Link{Href: e.base, Words: web.Say("permitedit.events")}
	if err := v.Fail(failed); err != nil {
		return err
	}
	e.first(c, s, &event{})
	s.bind(&v.Page)
	v.Inputs = s.inputs
	return e.kit.Show(c, "admin/edit-form", v)
}
