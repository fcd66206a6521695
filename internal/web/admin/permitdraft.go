package admin

import (
	"context"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

type permitDraftPage struct{ PermitTypeDeps }

type permitDraftView struct {
	web.Page
	Action   string
	Version  int64
	Content  web.Field
	Dropable bool
	Checked  bool
	Troubles []fault.Field
	Rules    []ruleLine
}

// ruleLine is a rule of the draft in words.
type ruleLine struct {
	Name  i18n.Text
	Rule  permittypes.Rule
	Words []string // in each language
}

type draftForm struct {
	Version int64  `form:"version"`
	Content string `form:"content"`
	Do      string `form:"do"`
}

// show is the next version of a type as a file: the draft, or what is in force.
func (p *permitDraftPage) show(c *gin.Context) error {
	in, err := p.stored(c.Request.Context(), c.Param("code"))
	if err != nil {
		return err
	}
	return p.page(c, in, nil)
}

func (p *permitDraftPage) stored(ctx context.Context, code string) (draftForm, error) {
	if code == newCode {
		return draftForm{}, nil
	}
	newest, draft, err := p.newest(ctx, code)
	if err != nil {
		return draftForm{}, err
	}
	if draft != nil {
		return draftForm{Version: draft.Version, Content: draft.Content}, nil
	}
	text, err := newest.Text()
	return draftForm{Content: text}, err
}

func (p *permitDraftPage) page(c *gin.Context, in draftForm, failed error) error {
	ctx, code := c.Request.Context(), c.Param("code")
	v := &permitDraftView{Page: p.Kit.Page(c, web.Say("permittype.admin.new")), Action: permitTypesPath + "/" + code + "/draft/file", Version: in.Version, Dropable: in.Version > 0}
	v.Wide = true
	v.Back = &web.Link{Href: permitTypesPath + "/" + code + "/draft", Words: web.Say("permitedit.forms")}
	if code != newCode {
		newest, _, err := p.newest(ctx, code)
		if err != nil {
			return err
		}
		v.Title = web.Say("permittype.admin.edit.title", "Permit", newest.Name)
	}
	if err := v.Fail(failed); err != nil {
		return err
	}
	v.Content = v.Bind(web.Field{Name: "content", Label: web.Say("permittype.admin.content"), Hint: web.Say("permittype.admin.content.hint"), Value: in.Content, Rows: 30})
	if failed == nil && in.Content != "" {
		if err := p.check(ctx, v, in.Content); err != nil {
			return err
		}
	}
	return p.Kit.Show(c, "admin/permit-draft", v)
}

// check says what would keep the draft from being published, and its rules in words.
func (p *permitDraftPage) check(ctx context.Context, v *permitDraftView, content string) error {
	t, err := permittypes.Typed(content)
	if err != nil {
		return v.Fail(err)
	}
	v.Checked = true
	if err := p.Types.Ready(ctx, t); err != nil {
		e, ok := fault.As(err)
		if !ok || e.Kind != fault.Invalid {
			return err
		}
		v.Troubles = e.Fields
	}
	for _, m := range t.Materials {
		if m.If != "" && m.If.Parse() == nil {
			line := ruleLine{Name: m.Name, Rule: m.If}
			for _, l := range i18n.Langs {
				line.Words = append(line.Words, t.InWords(m.If, p.Words, l))
			}
			v.Rules = append(v.Rules, line)
		}
	}
	return nil
}

// send keeps, checks or throws away.
func (p *permitDraftPage) send(c *gin.Context) error {
	var in draftForm
	if err := web.Decode(c, &in); err != nil {
		return p.page(c, in, err)
	}
	ctx, code := c.Request.Context(), c.Param("code")
	if in.Do == "check" {
		return p.page(c, in, nil)
	}
	if in.Do == "drop" {
		if err := p.Types.DropDraft(ctx, code, in.Version); retyped(err) {
			return p.page(c, in, err)
		} else if err != nil {
			return err
		}
		return Deps{Kit: p.Kit}.told(c, "permittype.admin.dropped", permitTypesPath)
	}
	if code == newCode {
		code = ""
	}
	code, err := p.Types.SaveDraft(ctx, code, in.Content, in.Version)
	if retyped(err) {
		return p.page(c, in, err)
	}
	if err != nil {
		return err
	}
	return Deps{Kit: p.Kit}.told(c, "permittype.admin.kept", permitTypesPath+"/"+code)
}
