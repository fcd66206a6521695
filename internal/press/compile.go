package press

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// op writes a node; expr is the value of an expression. dot is the cursor of
// the template.
type (
	op   func(r *run, dot reflect.Value) error
	expr func(r *run, dot reflect.Value) (reflect.Value, error)
)

// errBreak and errContinue leave a loop.
var (
	errBreak    = errors.New("break")
	errContinue = errors.New("continue")
)

type compiler struct {
	set    *Set
	funcs  template.FuncMap
	direct map[string]Direct
	calls  map[string][]string // which templates a template calls

	name  string
	names []string // variables in scope; the index is the slot
	slots int
}

// program fills the program of a template.
func (c *compiler) program(name string, root *parse.ListNode) error {
	c.name, c.names, c.slots = name, []string{"$"}, 1
	body, err := c.list(root)
	if err != nil {
		return err
	}
	p := c.set.programs[name]
	p.body, p.slots = body, c.slots
	return nil
}

// list compiles nodes that share a scope.
func (c *compiler) list(l *parse.ListNode) (op, error) {
	if l == nil {
		return func(*run, reflect.Value) error { return nil }, nil
	}
	defer func(n int) { c.names = c.names[:n] }(len(c.names))
	var ops []op
	for i := 0; i < len(l.Nodes); i++ {
		if text, n := texts(l.Nodes[i:]); n > 0 {
			i += n - 1
			ops = append(ops, func(r *run, _ reflect.Value) error { r.out.Write(text); return nil })
			continue
		}
		o, err := c.node(l.Nodes[i])
		if err != nil {
			return nil, err
		}
		if o != nil {
			ops = append(ops, o)
		}
	}
	if len(ops) == 1 {
		return ops[0], nil
	}
	return func(r *run, dot reflect.Value) error {
		for _, o := range ops {
			if err := o(r, dot); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// texts is the text with which nodes begin, as one, and how many hold it.
func texts(nodes []parse.Node) ([]byte, int) {
	var parts [][]byte
	for _, n := range nodes {
		t, ok := n.(*parse.TextNode)
		if !ok {
			break
		}
		parts = append(parts, t.Text)
	}
	return bytes.Join(parts, nil), len(parts)
}

func (c *compiler) node(n parse.Node) (op, error) {
	switch n := n.(type) {
	case *parse.CommentNode:
		return nil, nil
	case *parse.ActionNode:
		return c.action(n)
	case *parse.IfNode:
		return c.branch(&n.BranchNode, false)
	case *parse.WithNode:
		return c.branch(&n.BranchNode, true)
	case *parse.RangeNode:
		return c.loop(n)
	case *parse.TemplateNode:
		return c.template(n)
	case *parse.BreakNode:
		return func(*run, reflect.Value) error { return errBreak }, nil
	case *parse.ContinueNode:
		return func(*run, reflect.Value) error { return errContinue }, nil
	default:
		return nil, fmt.Errorf("press does not know %T", n)
	}
}

// action writes a value through the escapers that html/template put behind it,
// or sets variables.
func (c *compiler) action(n *parse.ActionNode) (op, error) {
	cmds := n.Pipe.Cmds
	cut := len(cmds)
	for cut > 0 && strings.HasPrefix(cmds[cut-1].String(), "_html_template_") {
		cut--
	}
	value, err := c.commands(cmds[:cut])
	if err != nil {
		return nil, err
	}
	if len(n.Pipe.Decl) > 0 {
		set := c.setter(n.Pipe)
		return func(r *run, dot reflect.Value) error {
			v, err := value(r, dot)
			if err != nil {
				return err
			}
			set(r, v)
			return nil
		}, nil
	}
	var escapers []string
	for _, cmd := range cmds[cut:] {
		escapers = append(escapers, cmd.String())
	}
	write, ok := writers[strings.Join(escapers, " ")]
	if !ok {
		return nil, fmt.Errorf("press does not know the escape %q of %s", escapers, n)
	}
	where, text := c.where(n.Pipe), len(escapers) == 1
	return func(r *run, dot reflect.Value) error {
		v, err := value(r, dot)
		if err != nil {
			return where(err)
		}
		if text && v.Kind() == reflect.String && v.Type() == stringType { // as nearly all are
			escapeText(r.out, v.String())
			return nil
		}
		if err := write(r.out, v); err != nil {
			return where(err)
		}
		return nil
	}, nil
}

// setter stores a value in the variables that a pipe declares or assigns.
func (c *compiler) setter(p *parse.PipeNode) func(*run, reflect.Value) {
	var slots []int
	for _, d := range p.Decl {
		slots = append(slots, c.slot(d.Ident[0], p.IsAssign))
	}
	return func(r *run, v reflect.Value) {
		for _, s := range slots {
			r.vars[r.base+s] = v
		}
	}
}

// slot is where a variable lives. A new one hides an older one of its name.
func (c *compiler) slot(name string, known bool) int {
	if known {
		return c.find(name)
	}
	c.names = append(c.names, name)
	c.slots = max(c.slots, len(c.names))
	return len(c.names) - 1
}

// find is the slot of a variable that the parser has seen declared.
func (c *compiler) find(name string) int {
	for i, n := range slices.Backward(c.names) {
		if n == name {
			return i
		}
	}
	return 0
}

// branch is if and with; with moves dot to the value.
func (c *compiler) branch(n *parse.BranchNode, moves bool) (op, error) {
	defer func(n int) { c.names = c.names[:n] }(len(c.names))
	value, err := c.pipe(n.Pipe)
	if err != nil {
		return nil, err
	}
	then, err := c.list(n.List)
	if err != nil {
		return nil, err
	}
	otherwise, err := c.list(n.ElseList)
	if err != nil {
		return nil, err
	}
	where := c.where(n.Pipe)
	return func(r *run, dot reflect.Value) error {
		v, err := value(r, dot)
		if err != nil {
			return where(err)
		}
		switch {
		case !truth(v):
			return otherwise(r, dot)
		case moves:
			return then(r, v)
		default:
			return then(r, dot)
		}
	}, nil
}

// template calls another one, which may be compiled later.
func (c *compiler) template(n *parse.TemplateNode) (op, error) {
	c.calls[c.name] = append(c.calls[c.name], n.Name)
	value := func(*run, reflect.Value) (reflect.Value, error) { return reflect.Value{}, nil }
	if n.Pipe != nil {
		var err error
		if value, err = c.pipe(n.Pipe); err != nil {
			return nil, err
		}
	}
	p := c.set.programs[n.Name]
	if p == nil {
		return nil, fmt.Errorf("press does not know the template %q", n.Name)
	}
	where := c.where(n)
	return func(r *run, dot reflect.Value) error {
		v, err := value(r, dot)
		if err != nil {
			return where(err)
		}
		return r.call(p, v)
	}, nil
}

// where says in which template and at which part an error came up. It keeps no
// node: the trees may be forgotten.
func (c *compiler) where(part fmt.Stringer) func(error) error {
	name, text := c.name, part.String()
	return func(err error) error { return fmt.Errorf("template %s at <%s>: %w", name, text, err) }
}
