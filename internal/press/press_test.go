package press

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type word struct{ Key string }

type child struct {
	Name string
	N    int
}

// Shout is found on values, Whisper on what can be addressed.
func (c child) Shout() string           { return strings.ToUpper(c.Name) }
func (c *child) Whisper(n int) string   { return strings.Repeat(c.Name, n) }
func (c child) Fails() (string, error)  { return "", errBroken }
func (c child) Scale(x float64) float64 { return x * float64(c.N) }
func (c child) Even() bool              { return c.N%2 == 0 }
func (c child) Is(name string) bool     { return c.Name == name }
func (c child) Sum(n ...int) (total int) {
	for _, x := range n {
		total += x
	}
	return total
}

var errBroken = errors.New("broken")

type base struct{ Title string }

type page struct {
	base
	Text     string
	Markup   template.HTML
	Link     template.URL
	N        int
	Rate     float64
	On       bool
	Any      any
	None     any
	Child    child
	To       *child
	Nil      *child
	List     []child
	Pointers []*child
	Empty    []string
	Names    map[string]any
	Counts   map[int]string
	Month    time.Month
	Word     word
	Day      time.Time
	PN       *int
}

var functions = template.FuncMap{
	"upper": strings.ToUpper,
	"join":  func(s string, more ...any) string { return s + fmt.Sprint(more...) },
	"fails": func(string) (string, error) { return "", errBroken },
	"anyof": func(v any) (string, error) { return fmt.Sprintf("%T", v), nil },
	"dict": func(pairs ...any) (map[string]any, error) {
		m := map[string]any{}
		for i := 0; i+1 < len(pairs); i += 2 {
			m[fmt.Sprint(pairs[i])] = pairs[i+1]
		}
		return m, nil
	},
	"mark": func(s string, more ...string) (template.HTML, error) {
		return template.HTML("<b>" + s + strings.Join(more, "|") + "</b>"), nil
	},
	"word":  func(w word) string { return "<" + w.Key + ">" },
	"twice": func(n int) int { return 2 * n },
	"month": func(y int, m time.Month) string { return fmt.Sprint(y, m) },
	"code":  func() word { return word{"<k>"} },
	"year":  year,
}

var direct = map[string]Direct{
	"word": Unary(func(w word) string { return "<" + w.Key + ">" }),
	"code": Always(word{"<k>"}),
	"year": Either(year),

	"minqing/internal/press.child.Shout": Unary(child.Shout),
	"minqing/internal/press.child.Even":  Unary(child.Even),
	"minqing/internal/press.child.Is":    Binary(child.Is),
}

func year(v any) (string, error) {
	switch v := v.(type) {
	case time.Time:
		return strconv.Itoa(v.Year()), nil
	case *time.Time:
		return strconv.Itoa(v.Year()), nil
	default:
		return "", errBroken
	}
}

func sample() *page {
	n := 7
	c := child{"<Ann & 'Bo'>", 2}
	return &page{base: base{`a "title"`}, Text: `<script>+'"&` + "\x00", Markup: "<i>as it is</i>", Link: "javascript:ok", N: -3, Rate: 0.25, On: true,
		Any: "held", Child: c, To: &c, List: []child{c, {"second", 0}, {"third", 9}}, Pointers: []*child{&c}, PN: &n,
		Names:  map[string]any{"b": 1, "a": "x", "c": nil},
		Counts: map[int]string{10: "ten", 2: "two"}, Month: time.May, Word: word{"k&k"}, Day: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)}
}

// Whatever templates can say, press says in the same bytes.
func TestPressWritesWhatHTMLTemplateWrites(t *testing.T) {
	for _, text := range []string{
		`{{.Text}} {{.Title}} {{.Markup}} {{.Link}} {{.N}} {{.Rate}} {{.On}} {{.Any}} {{.None}} {{.Month}} {{.Day}} {{.PN}}`,
		`<p title="{{.Text}}" data-x="{{.Markup}}" id="{{.N}}">{{.Child}}</p><textarea>{{.Text}}{{.Markup}}</textarea><title>{{.Text}}</title>`,
		`<a href="{{.Text}}">a</a><a href="{{.Link}}">b</a><a href="/x/{{.Text}}?y={{.Text}}&z={{.N}}">c</a><a href="{{"/desk?a=1&b=2"}}">d</a><a href="{{"//evil"}}">e</a><a href="{{"/ü %zz"}}">f</a>`,
		`{{.Child.Name}} {{.Child.Shout}} {{.To.Whisper 2}} {{.To.Shout}} {{(index .List 1).Shout}} {{.Child.Scale 3}} {{.Child.Scale .Rate}} {{.Child.Sum 1 2 3}} {{.Child.Sum}}`,
		`{{if .On}}yes{{else}}no{{end}}{{if .Nil}}yes{{else if .N}}n{{else}}no{{end}}{{if .None}}x{{end}}{{if .Rate}}r{{end}}{{if .Empty}}e{{else}}empty{{end}}{{if .Any}}any{{end}}{{if .Month}}m{{end}}{{if .Word}}w{{end}}`,
		`{{with .To}}{{.Name}} {{$.Title}}{{end}}{{with .Nil}}x{{else}}none{{end}}{{with $c := .Child}}{{$c.N}}{{.N}}{{end}}`,
		`{{range .List}}{{.Name}},{{else}}none{{end}}{{range $i, $c := .List}}{{if $i}}; {{end}}{{$i}}={{$c.N}}{{end}}{{range .Empty}}x{{else}}none{{end}}`,
		`{{range $k, $v := .Names}}{{$k}}:{{$v}} {{end}}{{range $k, $v := .Counts}}{{$k}}:{{$v}} {{end}}{{range .Counts}}{{.}}{{end}}{{range $x := .Pointers}}{{$x.Name}}{{end}}`,
		`{{range 3}}{{.}}{{end}}{{range $i := 2}}{{$i}}{{end}}{{range .List}}{{if eq .N 0}}{{continue}}{{end}}{{.N}}{{if eq .N 9}}{{break}}{{end}}{{end}}`,
		`{{$x := 1}}{{if .On}}{{$x = 2}}{{end}}{{$x}}{{$y := .Text}}{{with $y := .Title}}{{$y}}{{end}}{{$y}}`,
		`{{define "row"}}<li>{{.Name}}{{template "tail" .N}}</li>{{end}}{{define "tail"}}[{{.}}{{$}}]{{end}}{{range .List}}{{template "row" .}}{{end}}{{template "tail"}}{{block "free" .Child}}{{.N}}{{end}}`,
		`{{upper .Text}} {{.Text | upper}} {{join "a" 1 .N nil}} {{join .Title}} {{anyof .Child}} {{anyof .Any}} {{anyof nil}} {{anyof .Pointers}} {{mark "x"}} {{mark "x" "y" "z"}} {{word .Word}} {{twice 4}} {{twice .N}} {{month 2026 .Month}} {{month 2026 3}}`,
		`{{with dict "a" .Child "b" (dict "c" .Text)}}{{.a.Name}} {{.b.c}} {{.missing}}{{if .missing}}x{{end}}{{end}} {{.Names.a}} {{.Names.zz}} {{index .Names "a"}} {{index .Counts 2}} {{index .List 0 | anyof}}`,
		`{{eq .N -3}} {{eq .Title "x" "a \"title\""}} {{ne .N 1}} {{lt 1 2}} {{le 2 2}} {{gt "b" "a"}} {{ge .Rate 0.5}} {{not .On}} {{and .On .Title}} {{or .Empty .Title}}`,
		`{{and .On .N}} {{or .None .N}} {{and .Empty .Text}} {{len .List}} {{len .Text}} {{len .Names}} {{print .N .On "x"}} {{printf "%03d|%s" .N .Any}} {{eq .Month 5}} {{eq .On true}}`,
		`{{.Child.Shout}}{{.To.Shout}}{{.Child.Even}}{{range .List}}{{.Shout}}{{if .Even}}+{{end}}{{end}}{{with dict "c" .Child}}{{.c.Shout}}{{.c.Even}}{{end}}{{code.Key}}{{word code}}{{year .Day}}{{with dict "d" .Day}}{{year .d}}{{end}}`,
		`{{$a := upper "a"}}{{$b := upper "b"}}{{range $i, $c := .List}}{{$c := upper $c.Name}}{{range 50}}{{$b = print $b (upper "x")}}{{end}}{{$c}}{{end}}{{$a}}{{$b}}{{$a | upper | printf "%s%s" $b}}`,
		`a{{/* one text */}}b{{- "" -}} c{{define "d"}}x{{end}}d{{"e"}}f{{mark "g"}}<p title="{{mark "h"}}">`,
		`{{/* nothing */}}{{- .N -}} x {{.To.Is "y"}}{{if .Child.Is "second"}}a{{end}}{{range .List}}{{if .Is "second"}}{{.Whisper 1}}{{end}}{{end}}`,
	} {
		set, err := template.New("page").Funcs(functions).Parse(text)
		require.NoError(t, err, text)
		pressed, err := Compile(set, functions, direct)
		require.NoError(t, err, text)
		require.Empty(t, pressed.Left(), text)
		var got, want bytes.Buffer
		require.NoError(t, pressed.Plain(&want, "page", sample()), text)
		for range 2 { // the second time from what the first has looked up
			got.Reset()
			require.NoError(t, pressed.Execute(&got, "page", sample()), text)
			require.Equal(t, want.String(), got.String(), text)
		}
	}
}

// One place may meet several types.
func TestANameIsLookedUpForEachType(t *testing.T) {
	set := template.Must(template.New("page").Parse(`{{range .}}{{.Name}};{{end}}`))
	pressed, err := Compile(set, nil, nil)
	require.NoError(t, err)
	var out bytes.Buffer
	things := []any{child{"a", 1}, &child{"b", 1}, map[string]string{"Name": "c"}, struct{ X, Name string }{"x", "d"}, child{"e", 1}}
	require.NoError(t, pressed.Execute(&out, "page", things))
	require.Equal(t, "a;b;c;d;e;", out.String())
}

// What html/template refuses, press refuses too, and says where.
func TestPressFailsWhereHTMLTemplateFails(t *testing.T) {
	for text, why := range map[string]string{
		`{{.Missing}}`:           "can't evaluate field Missing",
		`{{.Nil.Name}}`:          "nil pointer",
		`{{fails "x"}}`:          "broken",
		`{{.Child.Fails}}`:       "broken",
		`{{.Child.Whisper "x"}}`: "wrong type",
		`{{.Child.Shout 1}}`:     "wrong number of arguments",
		`{{.Text.Length}}`:       "can't evaluate field Length",
		`{{eq .N "x"}}`:          "incompatible types",
		`{{index .List 9}}`:      "out of range",
		`{{range .On}}{{end}}`:   "range",
		`{{define "x"}}{{template "x"}}{{end}}{{template "x"}}`: "without end",
	} {
		set := template.Must(template.New("page").Funcs(functions).Parse(text))
		pressed, err := Compile(set, functions, nil)
		require.NoError(t, err, text)
		require.Empty(t, pressed.Left(), text)
		var out bytes.Buffer
		err = pressed.Execute(&out, "page", sample())
		require.ErrorContains(t, err, why, text)
		require.ErrorContains(t, err, "template ")
		if !strings.Contains(text, "define") { // html/template needs a minute to notice
			require.Error(t, pressed.Plain(&out, "page", sample()), text)
		}
	}
}

func TestAPanicOfAFunctionIsAnError(t *testing.T) {
	funcs := template.FuncMap{"boom": func(s string) string { panic("boom " + s) }}
	set := template.Must(template.New("page").Funcs(funcs).Parse(`{{boom .}}`))
	pressed, err := Compile(set, funcs, nil)
	require.NoError(t, err)
	require.ErrorContains(t, pressed.Execute(new(bytes.Buffer), "page", "x"), "boom x")
}

// What a run held is gone before the next one, however it ended.
func TestARunLeavesNothingBehind(t *testing.T) {
	funcs := template.FuncMap{"upper": strings.ToUpper, "boom": func(s string) string { panic(s) }, "fails": func(string) (string, error) { return "", errBroken }}
	set := template.Must(template.New("page").Funcs(funcs).Parse(`{{define "fails"}}{{$x := upper .}}{{fails (upper .)}}{{end}}{{define "boom"}}{{boom (upper .)}}{{end}}{{$x := upper .}}{{$x}}`))
	pressed, err := Compile(set, funcs, nil)
	require.NoError(t, err)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 200 {
				var out bytes.Buffer
				require.Error(t, pressed.Execute(&out, []string{"fails", "boom"}[n%2], "x"))
				out.Reset()
				require.NoError(t, pressed.Execute(&out, "page", fmt.Sprint("a", i, n)))
				require.Equal(t, fmt.Sprint("A", i, n), out.String())
			}
		})
	}
	all.Wait()
	r := begin(nil)
	require.Zero(t, len(r.vars)+len(r.stack)+len(r.texts)+len(r.marks)+r.base+r.depth)
	for _, v := range slices.Concat(r.vars[:cap(r.vars)], r.stack[:cap(r.stack)]) {
		require.False(t, v.IsValid())
	}
	require.Empty(t, strings.Join(r.texts[:cap(r.texts)], ""))
}

// What press does not know runs as ever, and whatever calls it.
func TestTheUnknownIsLeftToHTMLTemplate(t *testing.T) {
	set := template.Must(template.New("page").Parse(`{{define "script"}}<script>let x = {{.}}</script>{{end}}{{define "plain"}}{{.}}{{end}}<p>{{template "script" .}}</p>`))
	pressed, err := Compile(set, nil, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"page", "script"}, slices.Sorted(maps.Keys(pressed.Left())))
	var out bytes.Buffer
	require.NoError(t, pressed.Execute(&out, "page", `"</script>`))
	pressed.Forget() // nothing, for one is left
	out.Reset()
	require.NoError(t, pressed.Execute(&out, "page", `"</script>`))
	require.Contains(t, out.String(), `let x = "\"\u003c/script\u003e"`)
}

func TestTheTreesMayBeForgotten(t *testing.T) {
	set := template.Must(template.New("page").Parse(`<b>{{.}}</b>`))
	pressed, err := Compile(set, nil, nil)
	require.NoError(t, err)
	pressed.Forget()
	var out bytes.Buffer
	require.NoError(t, pressed.Execute(&out, "page", "x"))
	require.Equal(t, "<b>x</b>", out.String())
	require.ErrorContains(t, pressed.Execute(&out, "none", "x"), `no template "none"`)
	require.ErrorContains(t, pressed.Plain(&out, "page", "x"), "forgotten")
}

func TestATemplateThatCannotBeEscapedIsRefused(t *testing.T) {
	set := template.Must(template.New("page").Parse(`<a href={{if .}}"{{end}}>`))
	_, err := Compile(set, nil, nil)
	require.ErrorContains(t, err, "page")
}

// Any text, at any place that our pages have.
func FuzzEscapes(f *testing.F) {
	const text = `{{.}}<p title="{{.}}">x</p><textarea>{{.}}</textarea><a href="{{.}}">y</a><a href="/a/{{.}}">z</a><a href="/a?b={{.}}&c">z</a>`
	set := template.Must(template.New("page").Parse(text))
	pressed, err := Compile(set, nil, nil)
	require.NoError(f, err)
	require.Empty(f, pressed.Left())
	for _, s := range []string{"", "/desk?x=1&y=2#z", "javascript:alert(1)", "//host/path", "mailto:a@b", "民情 <&>'\"+", "\x00\xff", "%zz", "data:text/html,x", "a:b", "/a:b", "?q=:", "/a?q=%E7%87%88+b", "/%4", "/%zz", "/a!$*,;@[]'()"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, v := range []any{s, template.HTML(s), template.URL(s), &s, fmt.Stringer(stringed(s)), errors.New(s), typed(s)} {
			var got, want bytes.Buffer
			if pressed.Plain(&want, "page", v) != nil {
				continue // html/template refuses markup that would end the textarea
			}
			require.NoError(t, pressed.Execute(&got, "page", v))
			require.Equal(t, want.String(), got.String(), "%T %q", v, v)
		}
	})
}

type (
	stringed string
	typed    string
)

func (s stringed) String() string { return "s:" + string(s) }
