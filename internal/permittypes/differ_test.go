package permittypes_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"minqing/internal/catalogue"
	"minqing/internal/permittypes"
)

// difference is a value that two versions do not share; empty on the side that
// does not have it.
type difference struct{ Path, Before, After string }

// compare lists in what two versions differ, by path. nil has nothing.
func compare(before, after *permittypes.Type) ([]difference, error) {
	a, err := flat(before)
	if err != nil {
		return nil, err
	}
	b, err := flat(after)
	if err != nil {
		return nil, err
	}
	return differ(a, b), nil
}

func differ(a, b map[string]string) []difference {
	var list []difference
	for path, was := range a {
		if now := b[path]; now != was {
			list = append(list, difference{path, was, now})
		}
	}
	for path, now := range b {
		if _, known := a[path]; !known {
			list = append(list, difference{path, "", now})
		}
	}
	slices.SortFunc(list, func(x, y difference) int { return strings.Compare(x.Path, y.Path) })
	return list
}

// flat is every value of a type by its path, with codes for places in lists.
func flat(t *permittypes.Type) (map[string]string, error) {
	all := map[string]string{}
	if t == nil {
		return all, nil
	}
	ask, err := catalogue.QuestionsOf(t.Questions)
	if err != nil {
		return nil, err
	}
	return all, flatJSON(all, struct {
		*permittypes.Type
		Ask []catalogue.Question `json:"questions"`
	}{t, ask})
}

func flatJSON(all map[string]string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("compare versions: %w", err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return fmt.Errorf("compare versions: %w", err)
	}
	flatten(all, "", tree)
	return nil
}

func flatten(all map[string]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, one := range v {
			flatten(all, strings.TrimPrefix(path+"."+name, "."), one)
		}
	case []any:
		for i, one := range v {
			flatten(all, path+"."+nameOf(one, i), one)
		}
	default:
		all[path] = fmt.Sprint(v)
	}
}

// nameOf is what a thing in a list calls itself, or its place.
func nameOf(v any, i int) string {
	if m, ok := v.(map[string]any); ok {
		for _, key := range []string{"code", "name", "key", "value", "question", "test", "unit"} {
			if name, ok := m[key].(string); ok {
				return name
			}
		}
	}
	return strconv.Itoa(i + 1)
}
