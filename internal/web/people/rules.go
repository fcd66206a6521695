package people

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
	"minqing/internal/web"
)

// rule is a part of a definition as the form has it: a group or a condition, each
// perhaps turned round by "not". Every field of it is named by its path.
type rule struct {
	op   outreach.Op
	not  bool
	leaf string
	with map[string]outreach.Values
	of   []*rule
}

const partsMost = 100 // in one group of a form

// readRule takes a part and all below it out of a form.
func readRule(form url.Values, path string, depth int) *rule {
	r := &rule{op: outreach.Op(form.Get("op." + path)), not: form.Get("not."+path) != "", leaf: form.Get("leaf." + path)}
	if r.leaf != "" {
		r.op, r.with = outreach.Cond, map[string]outreach.Values{}
		if l := outreach.LeafOf(r.leaf); l != nil {
			for _, p := range l.Params {
				values := slices.DeleteFunc(slices.Clone(form[path+"."+p.Name]), func(s string) bool { return strings.TrimSpace(s) == "" })
				if len(values) > 0 {
					r.with[p.Name] = values
				}
			}
		}
		return r
	}
	for i := 0; i < partsMost && depth <= outreach.DepthMost; i++ {
		at := path + "." + strconv.Itoa(i)
		if form.Has("op."+at) || form.Has("leaf."+at) {
			r.of = append(r.of, readRule(form, at, depth+1))
		}
	}
	return r
}

// ruleOf is a definition as the form shows it.
func ruleOf(n *outreach.Node) *rule {
	switch n.Op {
	case outreach.Not:
		inner := ruleOf(n.Of[0])
		if inner.not {
			return &rule{op: outreach.All, not: true, of: []*rule{inner}}
		}
		inner.not = true
		return inner
	case outreach.Cond:
		return &rule{op: n.Op, leaf: n.Leaf, with: n.With}
	}
	r := &rule{op: n.Op}
	for _, part := range n.Of {
		r.of = append(r.of, ruleOf(part))
	}
	return r
}

// rooted is a definition whose outermost part is a group, for conditions to be
// added to.
func rooted(n *outreach.Node) *rule {
	if r := ruleOf(n); r.op != outreach.Cond && !r.not {
		return r
	}
	return &rule{op: outreach.All, of: []*rule{ruleOf(n)}}
}

// node is the definition that a form means; paths notes where in the form each
// of its nodes stands, for errors to be shown there.
func (r *rule) node(path, at string, paths map[string]string) *outreach.Node {
	paths[at] = path
	if r.not {
		inner := *r
		inner.not = false
		return &outreach.Node{Op: outreach.Not, Of: []*outreach.Node{inner.node(path, at+".0", paths)}}
	}
	n := &outreach.Node{Op: r.op, Leaf: r.leaf, With: r.with}
	for i, part := range r.of {
		step := "." + strconv.Itoa(i)
		n.Of = append(n.Of, part.node(path+step, at+step, paths))
	}
	return n
}

// find goes to the part at a path; nil when there is none.
func (r *rule) find(path string) (part, group *rule, index int) {
	steps := strings.Split(path, ".")
	if steps[0] != "n" {
		return nil, nil, 0
	}
	part = r
	for _, step := range steps[1:] {
		i, err := strconv.Atoi(step)
		if err != nil || i < 0 || i >= len(part.of) {
			return nil, nil, 0
		}
		group, part, index = part, part.of[i], i
	}
	return part, group, index
}

// change does what a button of the builder says: "add:n.0", "group:n", "remove:n.1".
func (r *rule) change(do string, form url.Values) bool {
	what, path, found := strings.Cut(do, ":")
	part, group, index := r.find(path)
	if !found || part == nil {
		return false
	}
	switch what {
	case "add":
		l := outreach.LeafOf(form.Get("new." + path))
		if l == nil || part.op == outreach.Cond {
			return false
		}
		with := map[string]outreach.Values{}
		for _, p := range l.Params {
			if p.Default != "" {
				with[p.Name] = outreach.Values{p.Default}
			}
		}
		part.of = append(part.of, &rule{op: outreach.Cond, leaf: l.Kind, with: with})
	case "group":
		if part.op == outreach.Cond {
			return false
		}
		part.of = append(part.of, &rule{op: outreach.Any})
	case "remove":
		if group == nil {
			return false
		}
		group.of = slices.Delete(group.of, index, index+1)
	default:
		return false
	}
	return true
}

// moved puts the fields of an error where the form has them.
func moved(err error, paths map[string]string) error {
	e, ok := fault.As(err)
	if !ok || len(e.Fields) == 0 {
		return err
	}
	out := *e
	out.Fields = slices.Clone(e.Fields)
	for i, f := range out.Fields {
		for at := f.Name; at != ""; {
			if path, known := paths[at]; known {
				out.Fields[i].Name = path + f.Name[len(at):]
				break
			}
			cut := strings.LastIndexByte(at, '.')
			if cut < 0 {
				break
			}
			at = at[:cut]
		}
	}
	return &out
}

// row is a part of the definition with its fields.
type row struct {
	Path   string
	Title  web.Words
	Group  bool
	Root   bool
	Op     web.Field
	Not    bool
	Leaf   string
	Params []input
	Rest   []input // what narrows it further and was left open, folded away
	Of     []*row
	New    *web.Field // which condition to add
	Deeper bool       // a group may be added
	Error  *fault.Field
	Sets   []set // what can be added, by section
}

// ID is where an error of the row leads.
func (r *row) ID() string { return web.FieldID(r.Path) }

// set is what the builder offers of one section.
type set struct {
	Words   web.Words
	Options []web.Option
}

// input is a parameter with how it is asked for.
type input struct {
	web.Field
	How string // text, select, boxes, list
}

// builder makes rows.
type builder struct {
	Deps
	ctx     context.Context //nolint:containedctx // lives as long as one page
	page    *web.Page
	purpose outreach.Purpose
	names   outreach.Names
	facts   bool // only what asks for facts about the person, not for cases or permits
	nothing bool // nothing at all: nobody may count for who writes it

	reads func(*outreach.Leaf) bool // what who writes it sees of a person; nil: it does not matter
}

func (b *builder) row(r *rule, path string, depth int) *row {
	out := &row{Path: path, Not: r.not, Leaf: r.leaf, Root: depth == 1}
	for i := range b.page.Errors {
		if b.page.Errors[i].Name == path {
			out.Error = &b.page.Errors[i]
		}
	}
	if r.op == outreach.Cond {
		out.Title = web.Say("segment.leaf." + r.leaf)
		if l := outreach.LeafOf(r.leaf); l != nil {
			for _, p := range l.Params {
				if in := b.input(l, p, r.with[p.Name], path); folded(l, p, in, r.with[p.Name]) {
					out.Rest = append(out.Rest, in)
				} else {
					out.Params = append(out.Params, in)
				}
			}
		} else {
			out.Title = web.Plain(r.leaf)
		}
		return out
	}
	out.Group, out.Title, out.Deeper = true, web.Say("segment.build.group"), depth < outreach.DepthMost-1
	out.Op = web.Field{Name: "op." + path, Label: web.Say("segment.build.op"), Value: string(r.op), Options: []web.Option{
		{Value: string(outreach.All), Words: web.Say("segment.build.all")}, {Value: string(outreach.Any), Words: web.Say("segment.build.any")}}}
	out.New = &web.Field{Name: "new." + path, Label: web.Say("segment.build.new")}
	for _, s := range outreach.Sections {
		if b.nothing {
			break
		}
		one := set{Words: web.Say("segment.section." + s)}
		for _, l := range outreach.Leaves {
			if l.Section == s && (b.purpose == "" || l.For(b.purpose)) && !(b.facts && l.Scoped) && (b.reads == nil || b.reads(l)) {
				one.Options = append(one.Options, web.Option{Value: l.Kind, Words: web.Say("segment.leaf." + l.Kind)})
			}
		}
		if len(one.Options) > 0 {
			out.Sets = append(out.Sets, one)
		}
	}
	for i, part := range r.of {
		out.Of = append(out.Of, b.row(part, path+"."+strconv.Itoa(i), depth+1))
	}
	return out
}

// folded says that a parameter need not be in sight: nobody chose anything for it, nothing is
// wrong with it, and the condition asks for something else.
func folded(l *outreach.Leaf, p outreach.Param, in input, values outreach.Values) bool {
	whole := slices.ContainsFunc(l.Params, func(p outreach.Param) bool { return p.Required })
	return whole && !p.Required && in.How != "text" && values.First() == "" && in.Error == nil
}

func (b *builder) input(l *outreach.Leaf, p outreach.Param, values outreach.Values, path string) input {
	f := b.page.Bind(web.Field{Name: path + "." + p.Name, Label: web.Say("segment.param." + l.Kind + "." + p.Name), Value: values.First(), Optional: !p.Required, Complete: "off"})
	switch p.Type {
	case outreach.Number:
		f.Mode, f.Width = "numeric", "5"
		return input{f, "text"}
	case outreach.Word:
		f.Width = "20"
		return input{f, "text"}
	case outreach.Choice:
		for _, v := range p.Choices {
			f.Options = append(f.Options, web.Option{Value: v, Words: web.Say(p.Words + v)})
		}
		if p.Many {
			f.Values = values
			return input{f, "boxes"}
		}
	case outreach.Matter:
		f.Options = options(b.names.Matters)
	case outreach.District:
		f.Options = options(b.names.Districts)
	case outreach.Permit:
		f.Options = options(b.names.Permits)
	}
	if !p.Many {
		f.Options = append([]web.Option{{Words: web.Say("segment.build.any_value")}}, f.Options...)
		return input{f, "select"}
	}
	f.Values, f.Hint = values, web.Say("segment.build.several")
	return input{f, "list"}
}

func options(list []outreach.Named) (out []web.Option) {
	for _, n := range list {
		words := web.Data(n.Name)
		if n.Below {
			words = web.Say("segment.build.below", "Name", n.Name)
		}
		out = append(out, web.Option{Value: n.Code, Words: words})
	}
	return out
}

// said are the languages in which a definition is put into words, the reader's first.
func said(t i18n.Text, own i18n.Lang) []i18n.Lang {
	if len(t) == 0 {
		return nil
	}
	return ownFirst(own)
}
