package insight

import (
	"context"
	"slices"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/insight/seven"
	"minqing/internal/web"
)

type inputsPage struct{ SevenDeps }

type inputsView struct {
	web.Page
	Areas []web.Link
	Enter bool
	Kinds []inputKind
}

type inputKind struct {
	ID    string
	Title web.Words
	About web.Words
	New   string
	Table *web.Table
	Many  int // of how many rows it is folded away
}

// foldFrom is from how many rows on a table is folded away.
const foldFrom = 15

// list has every input by kind, those in force and those before.
func (p *inputsPage) list(c *gin.Context) error {
	ctx := c.Request.Context()
	v := &inputsView{Page: p.Kit.Page(c, web.Say("seven.inputs.title")), Areas: p.areasFor(c), Enter: p.Seven.MayEnter(ctx)}
	v.Wide = true
	list, err := p.Seven.Inputs(ctx)
	if err != nil {
		return err
	}
	about, err := p.Seven.Abouts(ctx)
	if err != nil {
		return err
	}
	n := sevenNames{page: &seven.Page{Groups: about.Groups, Matters: about.Matters}}
	for _, f := range seven.Forms {
		k := inputKind{ID: string(f.Kind), Title: web.Say("seven.input." + string(f.Kind)), About: web.Say("seven.about." + string(f.Kind)), New: inputsPath + "/new?kind=" + string(f.Kind)}
		of := slices.DeleteFunc(slices.Clone(list), func(in seven.Input) bool { return in.Kind != f.Kind })
		if len(of) > 0 {
			t := inputTable("inputs-"+k.ID, of, n, p.Kit.Format(v.Lang), func(in seven.Input) string { return inputsPath + "/edit/" + in.ID })
			t.Caption = k.Title
			k.Table = &t
			if len(of) >= foldFrom {
				k.Many = len(of)
			}
		}
		v.Kinds = append(v.Kinds, k)
	}
	return p.Kit.Show(c, "insight/inputs", v)
}

// areasFor leads to the pages of figures whoever may read them.
func (p *inputsPage) areasFor(c *gin.Context) []web.Link {
	areas := p.areas(c, "inputs", "")
	if !p.Seven.MayRead(c.Request.Context()) {
		return nil
	}
	return areas
}

type inputForm struct {
	Do      string `form:"do"`
	Version int64  `form:"version"`
	Kind    string `form:"kind"`
	Item    string `form:"item"`
	Part    string `form:"part"`
	AsOf    string `form:"as_of"`
	Amount  string `form:"amount"`
	Whole   string `form:"whole"`
	Source  string `form:"source"`
}

type inputView struct {
	web.Page
	Action   string
	About    web.Words
	Kind     string
	Version  int64 // 0: a new one
	ID       string
	Item     *web.Field
	Part     *web.Field
	Fixed    web.Words // what one that exists is about
	Amount   web.Field
	Whole    *web.Field
	AsOf     web.Field
	Source   web.Field
	Enter    bool
	Now      *web.Table // for who may only read
	Versions *web.Table
}

// fresh is the form for a new input of a kind.
func (p *inputsPage) fresh(c *gin.Context) error {
	return p.form(c, "", inputForm{Kind: c.Query("kind"), Item: c.Query("item"), Part: c.Query("part"), AsOf: p.Seven.Today().String()}, nil)
}

// edit is an input with what it was before.
func (p *inputsPage) edit(c *gin.Context) error {
	in, err := p.Seven.Input(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return p.form(c, in.ID, inputForm{Version: in.Version, Kind: string(in.Kind), Item: in.Item, Part: in.Part, AsOf: in.AsOf.String(),
		Amount: typed(in.Amount), Whole: typed(in.Whole), Source: in.Source}, nil)
}

func (p *inputsPage) form(c *gin.Context, id string, f inputForm, failed error) error {
	form, ok := seven.FormOf(seven.Kind(f.Kind))
	if !ok {
		return fault.New(fault.NotFound, "seven.input.kind.unknown")
	}
	ctx := c.Request.Context()
	v := &inputView{Page: p.Kit.Page(c, web.Say("seven.input."+f.Kind)), Action: c.Request.URL.Path, About: web.Say("seven.about." + f.Kind), Kind: f.Kind,
		Version: f.Version, ID: id, Enter: p.Seven.MayEnter(ctx)}
	v.Back = &web.Link{Href: inputsPath + "#" + f.Kind, Words: web.Say("seven.inputs.title")}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	about, err := p.Seven.Abouts(ctx)
	if err != nil {
		return err
	}
	n := sevenNames{page: &seven.Page{Groups: about.Groups, Matters: about.Matters}}
	if id != "" {
		v.Fixed = n.need(form.Kind, f.Item, f.Part)
		if err := p.versions(ctx, v, form, id); err != nil {
			return err
		}
		if in, err := p.Seven.Input(ctx, id); !v.Enter && err == nil {
			t := inputTable("now", []seven.Input{in}, n, p.Kit.Format(v.Lang), nil)
			t.Caption = v.Title
			v.Now = &t
		}
	} else {
		p.abouts(v, form, f, n, about)
	}
	amountKey := "seven.label." + f.Kind
	v.Amount = v.Bind(web.Field{Name: "amount", Label: web.Say(amountKey), Value: f.Amount, Mode: "decimal", Width: "10"})
	if form.Whole {
		whole := v.Bind(web.Field{Name: "whole", Label: web.Say(amountKey + ".whole"), Value: f.Whole, Mode: "decimal", Width: "10"})
		v.Whole = &whole
	}
	v.AsOf = v.Bind(web.Field{Name: "as_of", Label: web.Say("seven.inputs.as_of"), Hint: web.Say("seven.inputs.as_of.hint"), Type: "date", Value: f.AsOf, Width: "10"})
	hint := "seven.inputs.source.hint"
	if form.Kind == seven.FieldWeight {
		hint = "seven.inputs.purpose.hint"
	}
	v.Source = v.Bind(web.Field{Name: "source", Label: web.Say("seven.inputs.source"), Hint: web.Say(hint), Value: f.Source, Rows: 2, Max: 300})
	return p.Kit.Show(c, "insight/input", v)
}

// abouts are the choices of what a new input is about.
func (p *inputsPage) abouts(v *inputView, form seven.Form, f inputForm, n sevenNames, about seven.About) {
	var keys []string
	switch form.Item {
	case seven.OfAll:
	case seven.OfGroup:
		keys = append(keys, "")
		for _, g := range about.Groups {
			keys = append(keys, g.Key)
		}
	case seven.OfMatter:
		for code := range about.Matters {
			keys = append(keys, code)
		}
		slices.Sort(keys)
	case seven.OfField:
		keys = seven.Fields
	case seven.OfGrade:
		keys = seven.Grades
	case seven.OfChannel:
		keys = seven.Channels
	}
	if len(keys) > 0 {
		field := web.Field{Name: "item", Label: web.Say("seven.of." + form.Item), Value: f.Item}
		for _, k := range keys {
			field.Options = append(field.Options, web.Option{Value: k, Words: n.item(form.Item, k)})
		}
		field = v.Bind(field)
		v.Item = &field
	}
	if form.Grade {
		field := web.Field{Name: "part", Label: web.Say("seven.of.grade"), Value: f.Part}
		for _, k := range seven.Grades {
			field.Options = append(field.Options, web.Option{Value: k, Words: web.Say("seven.grade." + k)})
		}
		field = v.Bind(field)
		v.Part = &field
	}
}

func (p *inputsPage) versions(ctx context.Context, v *inputView, form seven.Form, id string) error {
	list, err := p.Seven.Versions(ctx, id)
	if err != nil || len(list) < 2 {
		return err
	}
	f := p.Kit.Format(v.Lang)
	t := web.Table{ID: "versions", Caption: web.Say("seven.versions"), Columns: []web.Column{{Words: web.Say("seven.versions.at")}, {Words: web.Say("seven.inputs.amount")},
		{Words: web.Say("seven.inputs.as_of")}, {Words: web.Say("seven.inputs.source")}}}
	for _, x := range list {
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Words: web.Plain(f.DateTime(x.At))}, {Words: amount(seven.Input{Kind: form.Kind, Amount: x.Amount, Whole: x.Whole}, f)},
			{Words: web.Plain(i18n.Format{Lang: f.Lang, ROC: f.ROC}.CivilDate(ymd(x.AsOf)))}, {Words: web.Plain(x.Source)}}})
	}
	v.Versions = &t
	return nil
}

// send stores a new input, corrects one, or takes it out of use.
func (p *inputsPage) send(c *gin.Context) error {
	var f inputForm
	err := web.Decode(c, &f)
	ctx, id := c.Request.Context(), c.Param("id")
	if id != "" {
		was, missing := p.Seven.Input(ctx, id)
		if missing != nil {
			return missing
		}
		f.Kind, f.Item, f.Part = string(was.Kind), was.Item, was.Part
	}
	done := "seven.inputs.entered"
	switch {
	case err != nil:
	case f.Do == "remove" && id != "":
		done, err = "seven.inputs.removed", p.Seven.Remove(ctx, id, f.Version)
	default:
		err = p.Seven.Enter(ctx, seven.Entry{ID: id, Version: f.Version, Kind: seven.Kind(f.Kind), Item: f.Item, Part: f.Part, AsOf: f.AsOf,
			Amount: f.Amount, Whole: f.Whole, Source: f.Source})
	}
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.Conflict) {
		if is, missing := p.Seven.Input(ctx, id); k == fault.Conflict && missing == nil {
			f.Version = is.Version // so that it can be sent again once it was looked at
		}
		return p.form(c, id, f, err)
	} else if err != nil {
		return err
	}
	return p.told(c, done, inputsPath+"#"+f.Kind)
}
