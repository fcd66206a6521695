package web

import (
	"html/template"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is folded reads as if it had been called, escapes and all, and leaves
// calls with values alone.
func TestFoldingChangesNoWord(t *testing.T) {
	calls := 0
	funcs := template.FuncMap{
		"t": func(key string, _ ...any) string {
			calls++
			return "<" + key + `> & "quoted"`
		},
		"icon": func(name string, _ ...string) (template.HTML, error) {
			return template.HTML("<svg>" + name + "</svg>"), nil
		},
		"asset": func(name string) (string, error) { return "/static/" + name, nil },
	}
	const text = `{{if .}}<p title="{{t "a"}}">{{t "b"}}</p>{{icon "x"}}<img src="{{asset "f.svg"}}">{{else}}{{t "c"}}{{end}}{{range .}}{{t "d" .}}{{end}}{{with .}}{{t "e"}}{{end}}`
	write := func(folded bool) string {
		set := template.Must(template.New("page").Funcs(funcs).Parse(text))
		if folded {
			require.NoError(t, fold(set, funcs))
			calls = 0
		}
		var b strings.Builder
		require.NoError(t, set.Execute(&b, []int{1, 2}))
		return b.String()
	}
	plain := write(false)
	require.Equal(t, plain, write(true))
	require.Equal(t, 2, calls, "only the calls with values are left")
}

func TestFoldingFindsWhatDoesNotExist(t *testing.T) {
	funcs := template.FuncMap{
		"icon":  func(string, ...string) (template.HTML, error) { return "", errNoPage },
		"asset": func(string) (string, error) { return "", errNoPage },
	}
	for _, text := range []string{`{{icon "none"}}`, `{{asset "none"}}`} {
		set := template.Must(template.New("page").Funcs(funcs).Parse(text))
		require.ErrorIs(t, fold(set, funcs), errNoPage)
	}
}
