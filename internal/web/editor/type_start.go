package editor

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// begin is the draft of a type, or the form that begins one that is new.
func (t *typeDesk) begin(c *gin.Context) error {
	if c.Param("code") != NewCode {
		return t.showDraft(c)
	}
	return t.start(c, &sheet{}, nil)
}

// started takes the form that begins a type; of one that there is, it throws the
// draft away.
func (t *typeDesk) started(c *gin.Context) error {
	if c.Param("code") != NewCode {
		return t.sendDraft(c)
	}
	typed, err := web.Typed(c)
	if err != nil && typed == nil {
		return err
	}
	s := &sheet{typed: typed}
	if err != nil {
		return t.start(c, s, err)
	}
	ctx := c.Request.Context()
	ref, err := t.refer(ctx)
	if err != nil {
		return err
	}
	var n newType
	n.fill(t.fresh(c, s), ref)
	f := &file{}
	if n.from != "" {
		if f, _, err = t.deps.Types.Working(ctx, n.from); err != nil {
			return err
		}
	}
	f.Code, f.Name = n.code, n.name
	if n.matter != "" || n.from == "" {
		f.MatterCode = n.matter
	}
	if err := n.check(s, ref); err != nil {
		return t.start(c, &sheet{typed: typed}, err)
	}
	if err := t.deps.Types.Start(ctx, f); err != nil {
		if found, rest := fields(err); rest != nil || len(found) == 0 {
			return err
		}
		return t.start(c, &sheet{typed: typed}, err)
	}
	return t.told(c, "permitedit.begun", t.base+"/"+f.Code+"/draft")
}

func (t *typeDesk) fresh(c *gin.Context, s *sheet) *sheet {
	s.part, s.words, s.lang = "start", t.words, web.Lang(c)
	return s
}

// newType is what a type begins with.
type newType struct {
	code, matter, from string
	name               i18n.Text
}

func (n *newType) fill(s *sheet, ref references) {
	s.texts("name", &n.name, 0)
	s.code("code", &n.code)
	s.pick("matter", &n.matter, orNone("permitedit.choose", ref.matters))
	s.pick("from", &n.from, orNone("permitedit.from.none", ref.types))
}

func (n *newType) check(s *sheet, ref references) error {
	s.bad.That(permittypes.IsCode(n.code), "code", "catalogue.code.invalid")
	s.bad.That(n.code != NewCode, "code", "catalogue.code.taken")
	for _, name := range s.blanks["name"] {
		s.bad.That(false, name, "permittype.text.languages")
	}
	s.bad.That(n.matter == "" && n.from != "" || hasOption(ref.matters, n.matter), "matter", "permitedit.wrong.matter.invalid")
	s.bad.That(n.from == "" || hasOption(ref.types, n.from), "from", "permittype.need.unknown", "Code", n.from)
	return s.bad.Err()
}

func (t *typeDesk) start(c *gin.Context, s *sheet, failed error) error {
	ref, err := t.refer(c.Request.Context())
	if err != nil {
		return err
	}
	v := &formView{Page: t.kit.Page(c, web.Say("permittype.admin.new")), Action: c.Request.URL.Path, Lead: web.Say("permitedit.lead.start")}
	v.Wide = true
	v.Back = &web.Link{Href: t.base, Words: web.Say("permittype.admin.title")}
	v.Extra = []web.Button{{Words: web.Say("permitedit.file"), Href: t.base + "/" + NewCode + "/draft/file", Kind: "secondary"}}
	if failed != nil && fault.KindOf(failed) == fault.Internal {
		return failed
	}
	if err := v.Fail(failed); err != nil {
		return err
	}
	var n newType
	n.fill(t.fresh(c, s), ref)
	s.bind(&v.Page)
	v.Inputs = s.inputs
	return t.kit.Show(c, "admin/edit-form", v)
}
