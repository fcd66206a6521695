package outreach

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"minqing/internal/fault"
)

// Op is what a node of a definition does.
type Op string

// The kinds of nodes.
const (
	All  Op = "all"  // every part holds
	Any  Op = "any"  // one of the parts holds
	Not  Op = "not"  // its one part does not hold
	Cond Op = "cond" // a condition of the registry
)

// Node is a part of a definition: a group of others, or a condition with the
// values of its parameters.
type Node struct {
	Op   Op                `json:"op"`
	Of   []*Node           `json:"of,omitempty"`
	Leaf string            `json:"leaf,omitempty"`
	With map[string]Values `json:"with,omitempty"`
}

// Values are what was chosen for a parameter. In JSON one value may stand
// without brackets, and a number without quotes.
type Values []string

// First is the first value; empty when there is none.
func (v Values) First() string {
	if len(v) == 0 {
		return ""
	}
	return v[0]
}

// UnmarshalJSON takes a text, a whole number, or a list of those.
func (v *Values) UnmarshalJSON(raw []byte) error {
	var many []json.RawMessage
	if err := json.Unmarshal(raw, &many); err != nil {
		many = []json.RawMessage{raw}
	}
	out := make(Values, 0, len(many))
	for _, one := range many {
		var s string
		if string(bytes.TrimSpace(one)) == "null" {
			return errValue
		}
		if json.Unmarshal(one, &s) != nil {
			var n int64
			if json.Unmarshal(one, &n) != nil {
				return errValue
			}
			s = strconv.FormatInt(n, 10)
		}
		out = append(out, s)
	}
	*v = out
	return nil
}

var errValue = errors.New("a value is a text, a whole number or a list of those")

// MarshalJSON writes one value as a text and several as a list.
func (v Values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return json.Marshal(v[0])
	}
	return json.Marshal([]string(v))
}

// What a definition may be at most. Cost adds up what its conditions cost: one
// on the person's own row costs 1.
const (
	BytesMost  = 64 << 10
	DepthMost  = 6
	LeavesMost = 30
	CostMost   = 150
	ValuesMost = 60
	valueMost  = 64 // characters
)

var (
	errJSON    = malformed("segment.definition.json")
	errLarge   = fault.InvalidInput(fault.Field{Name: "definition", Key: "segment.definition.large", Args: map[string]any{"Max": BytesMost >> 10}})
	errUnknown = malformed("segment.definition.unknown")
)

func malformed(key string) *fault.Error {
	return fault.InvalidInput(fault.Field{Name: "definition", Key: key})
}

// Parse reads a definition. What is no JSON, has other names than ours or is too
// large is Invalid; whether its conditions make sense, check says.
func Parse(raw []byte) (*Node, error) {
	if len(raw) > BytesMost {
		return nil, errLarge
	}
	if !utf8.Valid(raw) {
		return nil, errJSON
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	var n *Node
	if err := d.Decode(&n); err != nil {
		if strings.Contains(err.Error(), "unknown field") {
			return nil, errUnknown.Because(err)
		}
		return nil, errJSON.Because(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) || n == nil {
		return nil, errJSON
	}
	return n, n.shape()
}

// shape checks that a tree is one: groups have parts, conditions have none, and
// there are not too many of either.
func (n *Node) shape() error {
	var c fault.Check
	leaves := 0
	n.each("n", 1, func(path string, depth int, n *Node) bool {
		switch {
		case depth > DepthMost:
			c.That(false, path, "segment.definition.deep", "Max", DepthMost)
			return false
		case n == nil:
			c.That(false, path, "segment.definition.empty")
			return false
		}
		switch n.Op {
		case All, Any:
			c.That(len(n.Of) > 0, path, "segment.definition.empty")
			c.That(n.Leaf == "" && n.With == nil, path, "segment.definition.mixed")
		case Not:
			c.That(len(n.Of) == 1, path, "segment.definition.not")
			c.That(n.Leaf == "" && n.With == nil, path, "segment.definition.mixed")
		case Cond:
			leaves++
			c.That(len(n.Of) == 0, path, "segment.definition.mixed")
		default:
			c.That(false, path, "segment.definition.op")
			return false
		}
		if leaves > LeavesMost {
			c.That(false, "definition", "segment.definition.many", "Max", LeavesMost)
			return false
		}
		return true
	})
	return c.Err()
}

// each visits a node and everything below it, parts before what follows them,
// with the path that form fields have. What f refuses is not gone into.
func (n *Node) each(path string, depth int, f func(path string, depth int, n *Node) bool) {
	if !f(path, depth, n) || n == nil {
		return
	}
	for i, part := range n.Of {
		part.each(path+"."+strconv.Itoa(i), depth+1, f)
	}
}

// JSON writes a definition as it is stored.
func (n *Node) JSON() (string, error) {
	raw, err := json.Marshal(n)
	if err != nil {
		return "", fmt.Errorf("write a definition: %w", err)
	}
	return string(raw), nil
}

// Leaves lists the conditions of a definition with their paths, in their order.
func (n *Node) Leaves() (paths []string, leaves []*Node) {
	n.each("n", 1, func(path string, _ int, n *Node) bool {
		if n.Op == Cond {
			paths, leaves = append(paths, path), append(leaves, n)
		}
		return true
	})
	return paths, leaves
}
