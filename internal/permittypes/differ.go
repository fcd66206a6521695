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
	return differ(a, b), nil
}

// DifferEvents is Differ for life events.
func DifferEvents(before, after *Event) ([]Difference, error) {
	a, b := map[string]string{}, map[string]string{}
	for e, all := range map[*Event]map[string]string{before: a, after: b} {
		if e == nil {
			continue
		}
		if err := flatJSON(all, e); err != nil {
			return nil, err
		}
	}
	return differ(a, b), nil
}

func differ(a, b map[string]string) []Difference {
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
	return list
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
	return all, flatJSON(all, struct {
		*Type
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
