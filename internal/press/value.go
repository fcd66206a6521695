package press

import (
	"fmt"
	"reflect"
	"sync/atomic"
	"text/template/parse"
)

// pipe compiles a pipeline that is a value, and the variables that it declares.
func (c *compiler) pipe(p *parse.PipeNode) (expr, error) {
	value, err := c.commands(p.Cmds)
	if err != nil || len(p.Decl) == 0 {
		return value, err
	}
	set := c.setter(p)
	return func(r *run, dot reflect.Value) (reflect.Value, error) {
		v, err := value(r, dot)
		if err == nil {
			set(r, v)
		}
		return v, err
	}, nil
}

// commands compiles the commands of a pipeline; each gets the value of the one
// before as its last argument.
func (c *compiler) commands(cmds []*parse.CommandNode) (expr, error) {
	var value expr
	for _, cmd := range cmds {
		next, err := c.command(cmd, value)
		if err != nil {
			return nil, err
		}
		value = next
	}
	if value == nil {
		return nil, fmt.Errorf("press does not know an empty pipeline")
	}
	return value, nil
}

// bare is what an interface holds that asks for no methods.
func bare(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Interface && v.NumMethod() == 0 {
		return v.Elem()
	}
	return v
}

// command compiles one command; last is nil or the argument from the pipeline.
func (c *compiler) command(cmd *parse.CommandNode, last expr) (expr, error) {
	args := cmd.Args[1:]
	switch first := cmd.Args[0].(type) {
	case *parse.IdentifierNode:
		return c.function(first.Ident, args, last)
	case *parse.FieldNode:
		return c.chain(nil, first.Ident, args, last)
	case *parse.VariableNode:
		return c.chain(c.variable(first.Ident[0]), first.Ident[1:], args, last)
	case *parse.ChainNode:
		from, err := c.argument(first.Node)
		if err != nil {
			return nil, err
		}
		return c.chain(from, first.Field, args, last)
	}
	if len(args) > 0 || last != nil {
		return nil, fmt.Errorf("%s takes no arguments", cmd)
	}
	return c.argument(cmd.Args[0])
}

func current(_ *run, dot reflect.Value) (reflect.Value, error) { return bare(dot), nil }

func (c *compiler) variable(name string) expr {
	slot := c.find(name)
	return func(r *run, _ reflect.Value) (reflect.Value, error) { return bare(r.vars[r.base+slot]), nil }
}

// argument compiles a node that stands for a value.
func (c *compiler) argument(n parse.Node) (expr, error) {
	switch n := n.(type) {
	case *parse.DotNode:
		return current, nil
	case *parse.NilNode:
		return constant(reflect.Value{}), nil
	case *parse.BoolNode:
		return constant(reflect.ValueOf(n.True)), nil
	case *parse.StringNode:
		return constant(reflect.ValueOf(n.Text)), nil
	case *parse.NumberNode:
		switch {
		case n.IsInt:
			return constant(reflect.ValueOf(int(n.Int64))), nil
		case n.IsFloat:
			return constant(reflect.ValueOf(n.Float64)), nil
		}
		return nil, fmt.Errorf("press does not know the number %s", n)
	case *parse.PipeNode:
		return c.pipe(n)
	case *parse.FieldNode:
		return c.chain(nil, n.Ident, nil, nil)
	case *parse.VariableNode:
		return c.chain(c.variable(n.Ident[0]), n.Ident[1:], nil, nil)
	case *parse.ChainNode:
		from, err := c.argument(n.Node)
		if err != nil {
			return nil, err
		}
		return c.chain(from, n.Field, nil, nil)
	case *parse.IdentifierNode:
		return c.function(n.Ident, nil, nil)
	default:
		return nil, fmt.Errorf("press does not know the value %s", n)
	}
}

func constant(v reflect.Value) expr {
	return func(*run, reflect.Value) (reflect.Value, error) { return v, nil }
}

// arguments compiles what stands behind a name, and what the pipeline brings.
func (c *compiler) arguments(nodes []parse.Node, last expr) ([]expr, error) {
	var args []expr
	for _, n := range nodes {
		a, err := c.argument(n)
		if err != nil {
			return nil, err
		}
		args = append(args, a)
	}
	if last != nil {
		args = append(args, last)
	}
	return args, nil
}

// chain compiles .A.B.C from a value, or from dot where none is given; only the last name may take arguments.
func (c *compiler) chain(from expr, names []string, nodes []parse.Node, last expr) (expr, error) {
	args, err := c.arguments(nodes, last)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 && len(args) > 0 {
		return nil, fmt.Errorf("press does not call values")
	}
	for i, name := range names {
		if i == len(names)-1 {
			from = c.member(from, name, args)
		} else {
			from = c.member(from, name, nil)
		}
	}
	return from, nil
}

// found is what a name means for a type.
type found struct {
	typ     reflect.Type
	address bool // of a value that can be addressed, whose pointer has methods too
	method  int  // -1 when it is a field
	field   []int
	single  int // the only index of field, or -1
	isMap   bool
	direct  Direct // calls the method
	next    *found // for another type
}

// of is what was found for values such as v; nil when nothing was.
func (f *found) of(v reflect.Value) *found {
	for typ, address := v.Type(), v.CanAddr(); f != nil; f = f.next {
		if f.typ == typ && f.address == address {
			break
		}
	}
	return f
}

// member compiles a field, a method or a key of a map.
func (c *compiler) member(from expr, name string, args []expr) expr {
	var seen atomic.Pointer[found] // most places meet one type, some a few
	key, direct := reflect.ValueOf(name), c.direct
	return func(r *run, dot reflect.Value) (_ reflect.Value, err error) {
		v := dot
		if from != nil {
			if v, err = from(r, dot); err != nil {
				return reflect.Value{}, err
			}
		}
		if !v.IsValid() {
			return v, nil
		}
		held := v
		v = indirect(v)
		if !v.IsValid() {
			return reflect.Value{}, fmt.Errorf("nil pointer evaluating %s.%s", held.Type(), name)
		}
		f := seen.Load().of(v)
		if f == nil {
			if f, err = find(v, name); err != nil {
				return reflect.Value{}, err
			}
			if f.method >= 0 {
				f.direct = direct[f.typ.PkgPath()+"."+f.typ.Name()+"."+name]
			}
			f.next = seen.Load()
			seen.Store(f) // two at once may lose one another's, which is found again
		}
		switch {
		case f.direct != nil:
			return r.ask(f.direct, name, v, dot, args)
		case f.method >= 0:
			if f.address {
				v = v.Addr()
			}
			return invoke(v.Method(f.method), name, r, dot, args)
		case len(args) > 0:
			return reflect.Value{}, fmt.Errorf("%s takes no arguments: it is no method", name)
		case f.isMap:
			if m, ok := v.Interface().(map[string]any); ok && m[name] != nil {
				return reflect.ValueOf(m[name]), nil
			}
			return bare(v.MapIndex(key)), nil
		case f.single >= 0:
			return bare(v.Field(f.single)), nil
		default:
			v, err = v.FieldByIndexErr(f.field)
			return bare(v), err
		}
	}
}

// find says what a name means for the type of a value: a method before a field.
func find(v reflect.Value, name string) (*found, error) {
	f := &found{typ: v.Type(), address: v.CanAddr(), method: -1, single: -1}
	seen := f.typ
	if f.address {
		seen = reflect.PointerTo(f.typ)
	}
	if m, ok := seen.MethodByName(name); ok {
		f.method = m.Index
		return f, nil
	}
	switch f.typ.Kind() {
	case reflect.Struct:
		field, ok := f.typ.FieldByName(name)
		if !ok || !field.IsExported() {
			break
		}
		f.field = field.Index
		if len(field.Index) == 1 {
			f.single = field.Index[0]
		}
		return f, nil
	case reflect.Map:
		if f.typ.Key() == stringType {
			f.isMap = true
			return f, nil
		}
	}
	return nil, fmt.Errorf("can't evaluate field %s in type %s", name, f.typ)
}

// indirect follows pointers and interfaces to what they hold; the zero Value
// when that is nil.
func indirect(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v
}

// truth is what if and with ask.
func truth(v reflect.Value) bool {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Invalid:
		return false
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() > 0
	case reflect.Bool:
		return v.Bool()
	case reflect.Chan, reflect.Func, reflect.Pointer, reflect.UnsafePointer, reflect.Interface:
		return !v.IsNil()
	case reflect.Struct:
		return true
	default:
		return !v.IsZero()
	}
}
