// Package fault is the vocabulary in which every package says that something
// went wrong: a kind that the edge turns into a status, a message key that the
// edge turns into a sentence, the fields to mend, and a cause for the log.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what sort of failure it is. The zero Kind is Internal, so that an
// error which nobody classified never leaks more than "something failed".
type Kind int

const (
	Internal        Kind = iota // a defect or an unknown failure
	Invalid                     // the input has fields to mend
	NotFound                    // nothing there, or nothing that this actor may know of
	Forbidden                   // the actor may not do this
	Unauthenticated             // nobody is signed in
	Conflict                    // the thing changed meanwhile, or the state does not allow it
	Throttled                   // too often
	Unavailable                 // a dependency is down or full; trying later may help
)

// String names the kind as problem documents and logs show it.
func (k Kind) String() string {
	names := [...]string{"internal", "invalid", "not_found", "forbidden",
		"unauthenticated", "conflict", "throttled", "unavailable"}
	if k < 0 || int(k) >= len(names) {
		return "internal"
	}
	return names[k]
}

// Field is one input to mend: its name in the form or body, the message that
// says how, and the values that the message names.
type Field struct {
	Name string
	Key  string
	Args map[string]any
}

// Error is the only error type that crosses package borders on purpose.
type Error struct {
	Kind   Kind
	Key    string         // message id, for example "case.missing"
	Args   map[string]any // values that the message names
	Fields []Field        // for Invalid
	cause  error
}

// New makes an error of a kind with a message key.
func New(k Kind, key string) *Error { return &Error{Kind: k, Key: key} }

// InvalidInput makes an Invalid error from the fields to mend.
func InvalidInput(fields ...Field) *Error {
	return &Error{Kind: Invalid, Key: "fault.invalid", Fields: fields}
}

// Because returns a copy that remembers why, for the log only.
func (e *Error) Because(err error) *Error {
	c := *e
	c.cause = err
	return &c
}

// With returns a copy whose message gets a named value.
func (e *Error) With(name string, value any) *Error {
	c := *e
	c.Args = make(map[string]any, len(e.Args)+1)
	for k, v := range e.Args {
		c.Args[k] = v
	}
	c.Args[name] = value
	return &c
}

// Error is text for logs; people read the message behind Key instead.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Kind, e.Key)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, " [%s %s]", f.Name, f.Key)
	}
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// As finds the first Error in a chain.
func As(err error) (*Error, bool) {
	return errors.AsType[*Error](err)
}

// KindOf says Internal for anything that it does not know.
func KindOf(err error) Kind {
	if e, ok := As(err); ok {
		return e.Kind
	}
	return Internal
}
