package press

import (
	"bytes"
	"fmt"
	"html/template"
	"reflect"
	"slices"
	"sync"
)

// run is one execution.
type run struct {
	out   *bytes.Buffer
	vars  []reflect.Value
	base  int // of the template that runs, in vars
	depth int
	stack []reflect.Value // arguments of the calls under way
	texts shelf[string]   // what functions have returned
	marks shelf[template.HTML]
}

const depthMost = 1000 // templates within templates

// call runs a template with its own variables; $ is what it was given.
func (r *run) call(p *program, data reflect.Value) error {
	if r.depth++; r.depth > depthMost {
		return fmt.Errorf("template %s: templates call one another without end", p.name)
	}
	base := r.base
	r.base = len(r.vars)
	r.vars = slices.Grow(r.vars, p.slots)[:r.base+p.slots]
	r.vars[r.base] = data
	err := p.body(r, data)
	r.vars = r.vars[:r.base]
	r.base = base
	r.depth--
	return err
}

// ask calls a method.
func (r *run) ask(method Direct, name string, of, dot reflect.Value, args []expr) (reflect.Value, error) {
	base := len(r.stack)
	defer func() { r.stack = r.stack[:base] }()
	r.stack = append(r.stack, of)
	if _, err := evaluate(r, dot, args); err != nil {
		return reflect.Value{}, err
	}
	v, err := method(r, r.stack[base:])
	if err != nil {
		return reflect.Value{}, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
}

// shelf holds values until a run ends, so that none needs memory of its own.
type shelf[T any] []T

func (s *shelf[T]) hold(v T) reflect.Value {
	*s = append(*s, v)
	return reflect.ValueOf(&(*s)[len(*s)-1]).Elem()
}

const keepHeld = 4096 // longer lists are left to the collector

// empty lets go of what a list held, and keeps its room.
func empty[L ~[]T, T any](list L) L {
	if cap(list) > keepHeld {
		return nil
	}
	list = list[:cap(list)]
	clear(list)
	return list[:0]
}

var runs = sync.Pool{New: func() any { return new(run) }}

func begin(out *bytes.Buffer) *run {
	r, ok := runs.Get().(*run)
	if !ok {
		r = new(run)
	}
	r.out = out
	return r
}

// end keeps the room of a run for another one, and nothing of what it wrote.
func (r *run) end() {
	*r = run{vars: empty(r.vars), stack: empty(r.stack), texts: empty(r.texts), marks: empty(r.marks)}
	runs.Put(r)
}
