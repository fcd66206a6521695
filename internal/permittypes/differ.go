package permittypes

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"minqing/internal/catalogue"
)

// Difference is a value that two versions do not share; empty on the side that
// does not have it.
type Difference struct{ Path, Before, After string }

// Differ lists in what two versions differ, by path. nil has nothing.
func Differ(before, after *Type) ([]Difference, error) {
	a, err := flat(before)
	if err != nil {
		return nil, err
	}
	b, err := flat(after)
	if err != nil {
		return nil, err
	}
	var list []Difference
	for path, was := range a {
		if now := b[path]; now != was {
			list = append(list, Difference{path, was, now})
		}
	}
	for path, now := range b {
		if _, known := a[path]; !known {
			list = append(list, Difference{path, "", now})
		}
	}
	slices.SortFunc(list, func(x, y Difference) int { return strings.Compare(x.Path, y.Path) })
	return list, nil
}

// flat is every value of a type by its path, with codes for places in lists.
func flat(t *Type) (map[string]string, error) {
	all := map[string]string{}
	if t == nil {
		return all, nil
	}
	ask, err := catalogue.QuestionsOf(t.Questions)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(struct {
		*Type
		Ask []catalogue.Question `json:"questions"`
	}{t, ask})
	if err != nil {
		return nil, fmt.Errorf("compare permit types: %w", err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, fmt.Errorf("compare permit types: %w", err)
	}
	flatten(all, "", tree)
	return all, nil
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
