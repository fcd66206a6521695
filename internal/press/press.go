// Package press executes html/template sets quicker than html/template does.
//
// A set is parsed, escaped and checked by html/template as ever; press reads the
// escaped trees and turns each into a chain of closures: fields are looked up
// once per type, functions are called without reflection where their signature
// is known, and text goes straight into the page. The output is byte for byte
// that of html/template, which the tests of every page compare. A template that
// holds something press does not know is left to html/template.
package press

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"reflect"
	"strings"
)

// Set is a compiled set of templates. It is safe for concurrent use.
type Set struct {
	origin   *template.Template
	programs map[string]*program
	left     map[string]error
}

// program is one template.
type program struct {
	name  string
	body  op
	slots int // variables, $ first
}

// Compile escapes every template of the set and compiles it. funcs are the
// functions that the set was parsed with; those in direct are called without
// reflection, and so are methods that stand there by their package, type and
// name ("example/shop.Item.Price"). The set cannot be changed afterwards.
func Compile(set *template.Template, funcs template.FuncMap, direct map[string]Direct) (*Set, error) {
	s := &Set{origin: set, programs: map[string]*program{}, left: map[string]error{}}
	if err := escape(set); err != nil {
		return nil, err
	}
	for _, t := range set.Templates() {
		if t.Name() == everyTemplate {
			continue
		}
		s.programs[t.Name()] = &program{name: t.Name()}
	}
	c := &compiler{set: s, funcs: funcs, direct: direct, calls: map[string][]string{}}
	for _, t := range set.Templates() {
		if t.Tree == nil || t.Name() == everyTemplate {
			delete(s.programs, t.Name())
		} else if err := c.program(t.Name(), t.Tree.Root); err != nil {
			delete(s.programs, t.Name())
			s.left[t.Name()] = err
		}
	}
	s.leaveCallers(c.calls)
	return s, nil
}

// everyTemplate calls all others, so that one execution escapes them all:
// html/template goes through the whole set again for each that it escapes alone.
const everyTemplate = "press: every template"

// escape makes html/template escape a set, which it does at the first execution.
// What it makes of no data does not matter.
func escape(set *template.Template) error {
	var calls strings.Builder
	for _, t := range set.Templates() {
		if t.Tree != nil {
			fmt.Fprintf(&calls, "{{template %q}}", t.Name())
		}
	}
	all, err := set.New(everyTemplate).Parse(calls.String())
	if err != nil {
		return err
	}
	var bad *template.Error
	if err := all.Execute(io.Discard, nil); errors.As(err, &bad) {
		return bad
	}
	return nil
}

// leaveCallers leaves to html/template also what calls a template that is left.
func (s *Set) leaveCallers(calls map[string][]string) {
	for again := true; again; {
		again = false
		for name := range s.programs {
			for _, called := range calls[name] {
				if _, ok := s.programs[called]; !ok {
					s.left[name] = fmt.Errorf("it calls %q", called)
					delete(s.programs, name)
					again = true
					break
				}
			}
		}
	}
}

// Left says which templates html/template executes, and why.
func (s *Set) Left() map[string]error { return s.left }

// Forget lets the parsed trees go, which need more memory than what was made of
// them, unless a template is left to html/template. Plain cannot be used after.
func (s *Set) Forget() {
	if len(s.left) == 0 {
		s.origin = nil
	}
}

// Execute writes a template. When it fails, out holds what came before.
func (s *Set) Execute(out *bytes.Buffer, name string, data any) (err error) {
	p := s.programs[name]
	if p == nil {
		if s.origin == nil {
			return fmt.Errorf("there is no template %q", name)
		}
		return s.origin.ExecuteTemplate(out, name, data)
	}
	r := begin(out)
	defer func() {
		if caught := recover(); caught != nil {
			err = fmt.Errorf("template %s: %v", name, caught)
		}
		r.end()
	}()
	return r.call(p, reflect.ValueOf(data))
}

// Plain writes a template by html/template, for comparison.
func (s *Set) Plain(out io.Writer, name string, data any) error {
	if s.origin == nil {
		return fmt.Errorf("the trees of the templates are forgotten")
	}
	return s.origin.ExecuteTemplate(out, name, data)
}
