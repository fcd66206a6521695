package press

import (
	"fmt"
	"html/template"
	"reflect"
	"text/template/parse"
	"time"
)

// Direct calls a function of templates without reflection.
type Direct func(r *run, args []reflect.Value) (reflect.Value, error)

// Always makes a direct call of a function that knows but one answer.
func Always[R any](answer R) Direct {
	v := reflect.ValueOf(answer)
	return func(*run, []reflect.Value) (reflect.Value, error) { return v, nil }
}

// Unary makes a direct call of a function of one value, or of a method without
// arguments.
func Unary[A, R any](f func(A) R) Direct {
	typ := reflect.TypeFor[A]()
	if text, ok := any(f).(func(A) string); ok {
		return func(r *run, args []reflect.Value) (reflect.Value, error) {
			a, err := only[A](typ, args)
			if err != nil {
				return reflect.Value{}, err
			}
			return r.texts.hold(text(a)), nil
		}
	}
	return func(_ *run, args []reflect.Value) (reflect.Value, error) {
		a, err := only[A](typ, args)
		if err != nil {
			return reflect.Value{}, err
		}
		return reflect.ValueOf(f(a)), nil
	}
}

// only is the one argument that a function takes.
func only[A any](typ reflect.Type, args []reflect.Value) (a A, err error) {
	if len(args) != 1 {
		return a, fmt.Errorf("wants one argument, got %d", len(args))
	}
	return as[A](typ, args[0])
}

// as makes a value one of a type.
func as[A any](typ reflect.Type, v reflect.Value) (a A, err error) {
	if v.IsValid() && v.Type() == typ && v.CanAddr() {
		return *v.Addr().Interface().(*A), nil
	}
	if v, err = fit(v, typ); err != nil {
		return a, err
	}
	a, _ = v.Interface().(A) // fit has made it one, or a nil interface
	return a, nil
}

// Binary makes a direct call of a function of two values, or of a method with
// one argument.
func Binary[A, B, R any](f func(A, B) R) Direct {
	first, second := reflect.TypeFor[A](), reflect.TypeFor[B]()
	return func(_ *run, args []reflect.Value) (reflect.Value, error) {
		if len(args) != 2 {
			return reflect.Value{}, fmt.Errorf("wants two arguments, got %d", len(args))
		}
		a, err := as[A](first, args[0])
		if err != nil {
			return reflect.Value{}, err
		}
		b, err := as[B](second, args[1])
		if err != nil {
			return reflect.Value{}, err
		}
		return reflect.ValueOf(f(a, b)), nil
	}
}

// Either makes a direct call of a function that takes a pointer as it takes what
// the pointer leads to, so that no value needs to be copied for it.
func Either(f func(any) (string, error)) Direct {
	return func(r *run, args []reflect.Value) (reflect.Value, error) {
		if len(args) != 1 {
			return reflect.Value{}, fmt.Errorf("wants one argument, got %d", len(args))
		}
		v := args[0]
		if v.CanAddr() && v.Kind() != reflect.Interface && v.Kind() != reflect.Pointer {
			v = v.Addr()
		}
		s, err := f(plain(v))
		return r.texts.hold(s), err
	}
}

// function compiles a call of a function, a built-in one or of the set's own.
func (c *compiler) function(name string, nodes []parse.Node, last expr) (expr, error) {
	args, err := c.arguments(nodes, last)
	if err != nil {
		return nil, err
	}
	switch name {
	case "and", "or":
		return junction(name == "and", args)
	}
	direct := c.direct[name]
	if direct == nil {
		if f, ok := c.funcs[name]; ok {
			direct = known(f)
			if direct == nil {
				f := reflect.ValueOf(f)
				return func(r *run, dot reflect.Value) (reflect.Value, error) { return invoke(f, name, r, dot, args) }, nil
			}
		} else if builtin := builtins[name]; builtin != nil {
			direct = func(_ *run, args []reflect.Value) (reflect.Value, error) { return builtin(args) }
		} else {
			return nil, fmt.Errorf("press does not know the function %q", name)
		}
	}
	return func(r *run, dot reflect.Value) (reflect.Value, error) {
		base := len(r.stack)
		values, err := evaluate(r, dot, args)
		if err != nil {
			return reflect.Value{}, err
		}
		v, err := direct(r, values)
		r.stack = r.stack[:base]
		if err != nil {
			return reflect.Value{}, fmt.Errorf("%s: %w", name, err)
		}
		return v, nil
	}, nil
}

// evaluate puts the arguments of a call on the run's stack; who called takes
// them off. A call among the arguments has taken off its own by then.
func evaluate(r *run, dot reflect.Value, args []expr) ([]reflect.Value, error) {
	base := len(r.stack)
	for _, a := range args {
		v, err := a(r, dot)
		if err != nil {
			return nil, err
		}
		r.stack = append(r.stack, v)
	}
	return r.stack[base:], nil
}

// known makes direct calls of the signatures that functions of templates often have.
func known(f any) Direct {
	switch f := f.(type) {
	case func(string) string:
		return Unary(f)
	case func(time.Time) string:
		return Unary(f)
	case func(string) []string:
		return Unary(f)
	case func(any) (string, error):
		return func(r *run, args []reflect.Value) (reflect.Value, error) {
			if len(args) != 1 {
				return reflect.Value{}, fmt.Errorf("wants one argument, got %d", len(args))
			}
			s, err := f(plain(args[0]))
			return r.texts.hold(s), err
		}
	case func(string, ...any) string:
		return func(r *run, args []reflect.Value) (reflect.Value, error) {
			name, rest, err := named(args)
			if err != nil {
				return reflect.Value{}, err
			}
			return r.texts.hold(f(name, rest...)), nil
		}
	case func(...any) (map[string]any, error):
		return func(_ *run, args []reflect.Value) (reflect.Value, error) {
			m, err := f(plains(args)...)
			return reflect.ValueOf(m), err
		}
	case func(string, ...string) (template.HTML, error):
		return func(r *run, args []reflect.Value) (reflect.Value, error) {
			var texts []string
			for i, a := range args {
				if a = elem(a); a.Kind() != reflect.String {
					return reflect.Value{}, fmt.Errorf("wants texts, got %v", a)
				}
				if i > 0 {
					texts = append(texts, a.String())
				}
			}
			if len(args) == 0 {
				return reflect.Value{}, fmt.Errorf("wants a name")
			}
			h, err := f(elem(args[0]).String(), texts...)
			return r.marks.hold(h), err
		}
	}
	return nil
}

// named splits arguments of which the first is a text.
func named(args []reflect.Value) (string, []any, error) {
	if len(args) == 0 || args[0].Kind() != reflect.String {
		return "", nil, fmt.Errorf("wants a text first")
	}
	return args[0].String(), plains(args[1:]), nil
}

func plain(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	return v.Interface()
}

func plains(vs []reflect.Value) []any {
	out := make([]any, len(vs))
	for i, v := range vs {
		out[i] = plain(v)
	}
	return out
}

// invoke calls a function or bound method by reflection.
func invoke(f reflect.Value, name string, r *run, dot reflect.Value, args []expr) (reflect.Value, error) {
	typ := f.Type()
	fixed := typ.NumIn()
	if typ.IsVariadic() {
		fixed--
	}
	if len(args) < fixed || len(args) > fixed && !typ.IsVariadic() {
		return reflect.Value{}, fmt.Errorf("wrong number of arguments for %s: want %d, got %d", name, fixed, len(args))
	}
	base := len(r.stack)
	values, err := evaluate(r, dot, args)
	defer func() { r.stack = r.stack[:base] }()
	if err != nil {
		return reflect.Value{}, err
	}
	for i, v := range values {
		in := typ.In(min(i, typ.NumIn()-1))
		if i >= fixed {
			in = typ.In(fixed).Elem()
		}
		if values[i], err = fit(v, in); err != nil {
			return reflect.Value{}, fmt.Errorf("argument %d of %s: %w", i+1, name, err)
		}
	}
	out := f.Call(values)
	if len(out) == 2 && !out[1].IsNil() {
		err, _ := out[1].Interface().(error) // templates allow no other second result
		return reflect.Value{}, fmt.Errorf("%s: %w", name, err)
	}
	return bare(out[0]), nil
}

// fit makes a value one of a type, as html/template does for arguments.
func fit(v reflect.Value, typ reflect.Type) (reflect.Value, error) {
	if !v.IsValid() {
		switch typ.Kind() {
		case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice:
			return reflect.Zero(typ), nil
		}
		return v, fmt.Errorf("invalid value; expected %s", typ)
	}
	if v.Type().AssignableTo(typ) {
		return v, nil
	}
	if v.Kind() == reflect.Interface && !v.IsNil() {
		if v = v.Elem(); v.Type().AssignableTo(typ) {
			return v, nil
		}
	}
	switch {
	case v.Kind() == reflect.Pointer && v.Type().Elem().AssignableTo(typ):
		if v.IsNil() {
			return v, fmt.Errorf("dereference of nil pointer of type %s", typ)
		}
		return v.Elem(), nil
	case reflect.PointerTo(v.Type()).AssignableTo(typ) && v.CanAddr():
		return v.Addr(), nil
	case (v.CanInt() || v.CanFloat()) && (reflect.Zero(typ).CanInt() || reflect.Zero(typ).CanFloat()) && v.Type().PkgPath() == "":
		return v.Convert(typ), nil // a number written in a template
	}
	return v, fmt.Errorf("wrong type; expected %s, got %s", typ, v.Type())
}

// junction is and (until one is false) or or (until one is true).
func junction(and bool, args []expr) (expr, error) {
	if len(args) == 0 {
		return nil, fmt.Errorf("and and or want arguments")
	}
	return func(r *run, dot reflect.Value) (v reflect.Value, err error) {
		for _, a := range args {
			if v, err = a(r, dot); err != nil || truth(v) != and {
				return bare(v), err
			}
		}
		return bare(v), nil
	}, nil
}
