package app_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// browser is a person without JavaScript: it opens pages and sends their forms
// with everything that stands in them.
type browser struct {
	t      testing.TB
	client *http.Client
	at     *url.URL
	page   string
	status int
	header http.Header
}

func visit(t testing.TB, base string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	b := &browser{t: t, client: &http.Client{Jar: jar}}
	b.at, err = url.Parse(base)
	require.NoError(t, err)
	return b
}

func (b *browser) open(path string) {
	b.t.Helper()
	to, err := b.at.Parse(path)
	require.NoError(b.t, err)
	b.took(b.client.Get(to.String()))
	require.Equal(b.t, 200, b.status, "%s\n%s", path, b.page)
}

func (b *browser) took(r *http.Response, err error) {
	b.t.Helper()
	require.NoError(b.t, err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	require.NoError(b.t, err)
	b.page, b.status, b.at, b.header = string(body), r.StatusCode, r.Request.URL, r.Header
}

// send sends the last form of the page in which all parts stand, changed.
func (b *browser) send(change url.Values, parts ...string) {
	b.t.Helper()
	f := b.form(parts...)
	for name, values := range change {
		f.values[name] = values
	}
	to, err := b.at.Parse(f.action)
	require.NoError(b.t, err)
	if f.method != "post" { // what is typed stands in the address then
		to.RawQuery = f.values.Encode()
		b.took(b.client.Get(to.String()))
		return
	}
	b.took(b.client.PostForm(to.String(), f.values))
}

type form struct {
	method string
	action string
	values url.Values
}

var (
	mainPart = regexp.MustCompile(`(?s)<main.*</main>`)
	forms    = regexp.MustCompile(`(?s)<form ([^>]*)>(.*?)</form>`)
	inputs   = regexp.MustCompile(`<input ([^>]*)>`)
	texts    = regexp.MustCompile(`(?s)<textarea ([^>]*)>(.*?)</textarea>`)
	selects  = regexp.MustCompile(`(?s)<select ([^>]*)>(.*?)</select>`)
	options  = regexp.MustCompile(`<option ([^>]*)>`)
	attrs    = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
)

func attributes(tag string) map[string]string {
	out := map[string]string{}
	for _, a := range attrs.FindAllStringSubmatch(tag, -1) {
		out[a[1]] = html.UnescapeString(a[2])
	}
	return out
}

func (b *browser) form(parts ...string) form {
	b.t.Helper()
	var found []string
	for _, f := range forms.FindAllStringSubmatch(mainPart.FindString(b.page), -1) {
		has := true
		for _, p := range parts {
			has = has && strings.Contains(f[2], p)
		}
		if has {
			found = f
		}
	}
	require.NotNil(b.t, found, "no form with %v at %s:\n%s", parts, b.at, b.page)
	f := form{method: attributes(found[1])["method"], action: attributes(found[1])["action"], values: url.Values{}}
	f.readInputs(found[2])
	for _, area := range texts.FindAllStringSubmatch(found[2], -1) {
		f.values.Set(attributes(area[1])["name"], html.UnescapeString(area[2]))
	}
	for _, s := range selects.FindAllStringSubmatch(found[2], -1) {
		f.values.Set(attributes(s[1])["name"], chosen(s[2]))
	}
	return f
}

// readInputs keeps texts and what is ticked; of radios of which none is, the
// first.
func (f *form) readInputs(body string) {
	first := map[string]string{}
	for _, i := range inputs.FindAllStringSubmatch(body, -1) {
		a := attributes(i[1])
		ticked := strings.HasSuffix(i[1], " checked")
		switch a["type"] {
		case "radio":
			if _, ok := first[a["name"]]; !ok {
				first[a["name"]] = a["value"]
			}
			if ticked {
				f.values.Set(a["name"], a["value"])
			}
		case "checkbox":
			if ticked {
				f.values.Add(a["name"], a["value"])
			}
		case "file":
		default:
			f.values.Add(a["name"], a["value"])
		}
	}
	for name, value := range first {
		if !f.values.Has(name) {
			f.values.Set(name, value)
		}
	}
}

// chosen is the option that is selected, else the first, as browsers have it.
func chosen(body string) string {
	value := ""
	for i, o := range options.FindAllStringSubmatch(body, -1) {
		v := attributes(o[1])["value"]
		if strings.HasSuffix(o[1], " selected") {
			return v
		}
		if i == 0 {
			value = v
		}
	}
	return value
}
