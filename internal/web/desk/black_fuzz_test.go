package desk

import (
	"net/url"
	"testing"

	"minqing/internal/fault"
	"minqing/internal/files"
)

// FuzzParts reads the parts of a picture as a form sends them: what is accepted
// lies within the picture, what is not is named by a field that the page shows.
func FuzzParts(f *testing.F) {
	f.Add("left-1=10&top-1=5.25&width-1=20&height-1=%EF%BC%91%EF%BC%90%25")
	f.Add("left-1=60&top-1=0&width-1=41&height-1=1&left-3=-5&top-7=1e2")
	f.Add("left-0=1&left-01=1&left-999=100&width-1=NaN&height-1=%ff&top-1=+Inf&left-1=0x1")
	f.Fuzz(func(t *testing.T, form string) {
		values, err := url.ParseQuery(form)
		if err != nil {
			return
		}
		parts := readParts(values)
		areas, err := areasOf(parts)
		v := &blackView{}
		if rest := v.Fail(err); rest != nil {
			t.Fatalf("%q: %v", form, rest)
		}
		v.fill(parts)
		if err == nil {
			if len(areas) == 0 || len(areas) > files.MaxAreas || len(v.Shapes) != len(areas) {
				t.Fatalf("%q is %v", form, areas)
			}
			for _, a := range areas {
				if _, key := a.Check(); key != "" {
					t.Fatalf("%q was accepted as %v", form, a)
				}
			}
			return
		}
		bad, ok := fault.As(err)
		if !ok || len(bad.Fields) == 0 {
			t.Fatalf("%q: %v", form, err)
		}
		shown := map[string]bool{}
		for _, p := range v.Parts {
			for _, one := range p.Fields {
				shown[one.Name] = true
			}
		}
		for _, one := range bad.Fields {
			if !shown[one.Name] {
				t.Fatalf("%q: no field is named %q", form, one.Name)
			}
		}
	})
}
