package press

import (
	"cmp"
	"fmt"
	"reflect"
)

// builtin is a function that every template has.
type builtin func([]reflect.Value) (reflect.Value, error)

// builtins are text/template's own functions, of which those that no template
// here uses are missing.
var builtins = map[string]builtin{
	"eq": func(a []reflect.Value) (reflect.Value, error) {
		if len(a) < 2 {
			return reflect.Value{}, fmt.Errorf("missing argument for comparison")
		}
		for _, b := range a[1:] {
			same, err := equal(a[0], b)
			if err != nil || same {
				return reflect.ValueOf(same), err
			}
		}
		return reflect.ValueOf(false), nil
	},
	"ne": func(a []reflect.Value) (reflect.Value, error) {
		if len(a) != 2 {
			return reflect.Value{}, fmt.Errorf("wants two arguments, got %d", len(a))
		}
		same, err := equal(a[0], a[1])
		return reflect.ValueOf(!same), err
	},
	"lt": order(func(c int) bool { return c < 0 }),
	"le": order(func(c int) bool { return c <= 0 }),
	"gt": order(func(c int) bool { return c > 0 }),
	"ge": order(func(c int) bool { return c >= 0 }),
	"not": func(a []reflect.Value) (reflect.Value, error) {
		if len(a) != 1 {
			return reflect.Value{}, fmt.Errorf("wants one argument, got %d", len(a))
		}
		return reflect.ValueOf(!truth(a[0])), nil
	},
	"len": func(a []reflect.Value) (reflect.Value, error) {
		if len(a) != 1 {
			return reflect.Value{}, fmt.Errorf("wants one argument, got %d", len(a))
		}
		switch v := indirect(a[0]); v.Kind() {
		case reflect.Array, reflect.Chan, reflect.Map, reflect.Slice, reflect.String:
			return reflect.ValueOf(v.Len()), nil
		default:
			return reflect.Value{}, fmt.Errorf("%s has no length", v.Kind())
		}
	},
	"index": func(a []reflect.Value) (reflect.Value, error) {
		if len(a) != 2 {
			return reflect.Value{}, fmt.Errorf("wants a list and one index")
		}
		switch v := indirect(a[0]); v.Kind() {
		case reflect.Array, reflect.Slice, reflect.String:
			i := indirect(a[1])
			if !i.CanInt() || i.Int() < 0 || i.Int() >= int64(v.Len()) {
				return reflect.Value{}, fmt.Errorf("index out of range: %v", i)
			}
			return bare(v.Index(int(i.Int()))), nil
		case reflect.Map:
			k, err := fit(a[1], v.Type().Key())
			if err != nil {
				return reflect.Value{}, err
			}
			if e := v.MapIndex(k); e.IsValid() {
				return bare(e), nil
			}
			return bare(reflect.Zero(v.Type().Elem())), nil
		default:
			return reflect.Value{}, fmt.Errorf("cannot index a %s", v.Kind())
		}
	},
	"print": func(a []reflect.Value) (reflect.Value, error) {
		return reflect.ValueOf(fmt.Sprint(plains(a)...)), nil
	},
	"printf": func(a []reflect.Value) (reflect.Value, error) {
		format, rest, err := named(a)
		return reflect.ValueOf(fmt.Sprintf(format, rest...)), err
	},
}

// equal compares two basic values of one kind, or two values of one type.
func equal(a, b reflect.Value) (bool, error) {
	a, b = elem(a), elem(b)
	switch {
	case !a.IsValid() || !b.IsValid():
		return a.IsValid() == b.IsValid(), nil
	case a.Kind() == reflect.String && b.Kind() == reflect.String:
		return a.String() == b.String(), nil
	case a.CanInt() && b.CanInt():
		return a.Int() == b.Int(), nil
	case a.CanFloat() && b.CanFloat():
		return a.Float() == b.Float(), nil
	case a.Kind() == reflect.Bool && b.Kind() == reflect.Bool:
		return a.Bool() == b.Bool(), nil
	case a.CanUint() && b.CanUint():
		return a.Uint() == b.Uint(), nil
	case a.Type() == b.Type() && a.Comparable():
		return a.Equal(b), nil
	}
	return false, fmt.Errorf("incompatible types for comparison: %s and %s", a.Type(), b.Type())
}

// order makes a comparison of two texts or numbers of one kind.
func order(holds func(int) bool) builtin {
	return func(args []reflect.Value) (reflect.Value, error) {
		if len(args) != 2 {
			return reflect.Value{}, fmt.Errorf("wants two arguments, got %d", len(args))
		}
		a, b := elem(args[0]), elem(args[1])
		switch {
		case a.Kind() == reflect.String && b.Kind() == reflect.String:
			return reflect.ValueOf(holds(cmp.Compare(a.String(), b.String()))), nil
		case a.CanInt() && b.CanInt():
			return reflect.ValueOf(holds(cmp.Compare(a.Int(), b.Int()))), nil
		case a.CanFloat() && b.CanFloat():
			return reflect.ValueOf(holds(cmp.Compare(a.Float(), b.Float()))), nil
		}
		return reflect.Value{}, fmt.Errorf("incompatible types for comparison")
	}
}

// elem is what an interface holds.
func elem(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Interface {
		return v.Elem()
	}
	return v
}
