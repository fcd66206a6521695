package web

import (
	"fmt"
	"html/template"
	tree "text/template/parse"
)

// fold writes what is the same for every reader of a language into the
// templates themselves: messages without values, icons, addresses of assets. A
// page has hundreds of them, and a call from a template costs more than the
// words. It must run before the first execution; what stands outside of text
// and quoted attributes (nothing of ours does) would need another escape.
func fold(set *template.Template, funcs template.FuncMap) error {
	f := folder{funcs: funcs}
	for _, t := range set.Templates() {
		if t.Tree != nil {
			f.list(t.Tree.Root)
		}
	}
	return f.err
}

type folder struct {
	funcs template.FuncMap
	err   error
}

func (f *folder) list(l *tree.ListNode) {
	if l == nil {
		return
	}
	for i, n := range l.Nodes {
		switch n := n.(type) {
		case *tree.ActionNode:
			if text, ok := f.constant(n.Pipe); ok {
				l.Nodes[i] = &tree.TextNode{NodeType: tree.NodeText, Pos: n.Pos, Text: []byte(text)}
			}
		case *tree.IfNode:
			f.list(n.List)
			f.list(n.ElseList)
		case *tree.WithNode:
			f.list(n.List)
			f.list(n.ElseList)
		case *tree.RangeNode:
			f.list(n.List)
			f.list(n.ElseList)
		}
	}
}

// constant is what a call of t, icon or asset with nothing but literals writes.
func (f *folder) constant(p *tree.PipeNode) (string, bool) {
	if len(p.Decl) > 0 || len(p.Cmds) != 1 || len(p.Cmds[0].Args) < 2 {
		return "", false
	}
	name, ok := p.Cmds[0].Args[0].(*tree.IdentifierNode)
	if !ok {
		return "", false
	}
	var args []string
	for _, a := range p.Cmds[0].Args[1:] {
		s, ok := a.(*tree.StringNode)
		if !ok {
			return "", false
		}
		args = append(args, s.Text)
	}
	switch call := f.funcs[name.Ident].(type) {
	case func(string, ...any) string: // t
		if name.Ident == "t" && len(args) == 1 {
			return template.HTMLEscapeString(call(args[0])), true
		}
	case func(string, ...string) (template.HTML, error): // icon
		drawn, err := call(args[0], args[1:]...)
		if err != nil {
			f.err = fmt.Errorf("icon %s: %w", p, err)
		}
		return string(drawn), err == nil
	case func(string) (string, error): // asset
		if name.Ident == "asset" && len(args) == 1 {
			address, err := call(args[0])
			if err != nil {
				f.err = fmt.Errorf("asset %s: %w", p, err)
			}
			return template.HTMLEscapeString(address), err == nil
		}
	}
	return "", false
}

// called names the templates that a part of one calls.
func called(l *tree.ListNode) (names []string) {
	if l == nil {
		return nil
	}
	for _, n := range l.Nodes {
		var of *tree.BranchNode
		switch n := n.(type) {
		case *tree.TemplateNode:
			names = append(names, n.Name)
			continue
		case *tree.IfNode:
			of = &n.BranchNode
		case *tree.WithNode:
			of = &n.BranchNode
		case *tree.RangeNode:
			of = &n.BranchNode
		default:
			continue
		}
		names = append(append(names, called(of.List)...), called(of.ElseList)...)
	}
	return names
}
