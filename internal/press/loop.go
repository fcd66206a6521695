package press

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"text/template/parse"
)

// loop is range over a slice, an array, a map in the order of its keys, or a
// whole number.
func (c *compiler) loop(n *parse.RangeNode) (op, error) {
	defer func(n int) { c.names = c.names[:n] }(len(c.names))
	value, err := c.commands(n.Pipe.Cmds)
	if err != nil {
		return nil, err
	}
	key, element := -1, -1
	switch len(n.Pipe.Decl) {
	case 1:
		element = c.slot(n.Pipe.Decl[0].Ident[0], n.Pipe.IsAssign)
	case 2:
		key = c.slot(n.Pipe.Decl[0].Ident[0], n.Pipe.IsAssign)
		element = c.slot(n.Pipe.Decl[1].Ident[0], n.Pipe.IsAssign)
	}
	body, err := c.list(n.List)
	if err != nil {
		return nil, err
	}
	otherwise, err := c.list(n.ElseList)
	if err != nil {
		return nil, err
	}
	where := c.where(n.Pipe)
	once := func(r *run, k, v reflect.Value) error {
		if key >= 0 {
			r.vars[r.base+key] = k
		}
		if element >= 0 {
			r.vars[r.base+element] = v
		}
		if err := body(r, v); err != nil && !errors.Is(err, errContinue) {
			return err
		}
		return nil
	}
	return func(r *run, dot reflect.Value) error {
		over, err := value(r, dot)
		if err != nil {
			return where(err)
		}
		n, err := each(r, indirect(over), key >= 0, once)
		switch {
		case errors.Is(err, errBreak):
			return nil
		case n < 0:
			return where(err)
		case err != nil:
			return err // of the body, which says where
		case n == 0:
			return otherwise(r, dot)
		}
		return nil
	}, nil
}

// each calls once for every element and counts them; -1 with an error when it
// cannot begin.
func each(r *run, over reflect.Value, keyed bool, once func(r *run, k, v reflect.Value) error) (int, error) {
	var none reflect.Value
	switch over.Kind() {
	case reflect.Invalid:
		return 0, nil
	case reflect.Slice, reflect.Array:
		n := over.Len()
		for i := range n {
			k := none
			if keyed {
				k = reflect.ValueOf(i)
			}
			if err := once(r, k, over.Index(i)); err != nil {
				return n, err
			}
		}
		return n, nil
	case reflect.Map:
		keys := over.MapKeys()
		if err := inOrder(keys); err != nil {
			return -1, err
		}
		for _, k := range keys {
			if err := once(r, k, over.MapIndex(k)); err != nil {
				return len(keys), err
			}
		}
		return len(keys), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n := int(over.Int())
		for i := range n {
			v := reflect.ValueOf(i).Convert(over.Type())
			if err := once(r, v, v); err != nil {
				return n, err
			}
		}
		return max(n, 0), nil
	default:
		return -1, fmt.Errorf("range cannot walk a %s", over.Type())
	}
}

// inOrder sorts the keys of a map as html/template does.
func inOrder(keys []reflect.Value) error {
	if len(keys) == 0 {
		return nil
	}
	switch k := keys[0]; {
	case k.Kind() == reflect.String:
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
	case k.CanInt():
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.Int(), b.Int()) })
	default:
		return fmt.Errorf("range cannot order keys of type %s", k.Type())
	}
	return nil
}
