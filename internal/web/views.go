package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/gin-gonic/gin"

	"minqing/internal/i18n"
	"minqing/internal/press"
)

// Views makes the templates of pages, each with those that it calls, when it is
// first shown in a language: a start waits for none, and what nobody opens takes
// no memory. A page is the file templates/<area>/<page>.html and its name is
// "<area>/<page>"; files of templates/layout are components and go by their bare
// name.
type Views struct {
	files  fs.FS
	assets *Assets
	o      Options
	fresh  bool     // read the files anew for every page
	made   sync.Map // of leaf to a function that gives its set
}

// leaf is a template in a language.
type leaf struct {
	lang i18n.Lang
	name string
}

func newViews(o Options, assets *Assets) *Views {
	v := &Views{files: o.Files, assets: assets, o: o}
	if o.Reload != nil {
		v.files, v.fresh = o.Reload, true
	}
	return v
}

// set is a template with those that it calls, in a language.
func (v *Views) set(l i18n.Lang, name string) (*press.Set, error) {
	if v.fresh {
		return v.bind(l, name)
	}
	key := leaf{l, name}
	made, ok := v.made.Load(key)
	if !ok { // two readers who come at once wait for the same one
		made, _ = v.made.LoadOrStore(key, sync.OnceValues(func() (*press.Set, error) { return v.bind(l, name) }))
	}
	return made.(func() (*press.Set, error))()
}

// bind parses and compiles a set that speaks one language.
func (v *Views) bind(l i18n.Lang, name string) (*press.Set, error) {
	funcs := v.funcs(l)
	set, err := v.parse(template.New("").Funcs(funcs), name)
	if err != nil {
		return nil, fmt.Errorf("parse the template %s: %w", name, err)
	}
	if err := fold(set, funcs); err != nil {
		return nil, err
	}
	made, err := press.Compile(set, funcs, v.direct(l))
	if err != nil {
		return nil, fmt.Errorf("compile the template %s for %s: %w", name, l, err)
	}
	if !v.o.Proof {
		made.Forget()
	}
	return made, nil
}

// parse reads a template and all that it calls into a set.
func (v *Views) parse(set *template.Template, name string) (*template.Template, error) {
	for wanted := []string{name}; len(wanted) > 0; wanted = wanted[1:] {
		if set.Lookup(wanted[0]) != nil {
			continue
		}
		text, err := fs.ReadFile(v.files, viewFile(wanted[0]))
		if err != nil {
			return nil, err
		}
		if _, err := set.New(wanted[0]).Parse(string(text)); err != nil {
			return nil, err
		}
		for _, one := range set.Templates() { // a file may define parts that only it needs
			if one.Tree != nil {
				wanted = append(wanted, called(one.Tree.Root)...)
			}
		}
	}
	return set, nil
}

func viewFile(name string) string {
	if !strings.Contains(name, "/") {
		name = "layout/" + name
	}
	return "templates/" + name + ".html"
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

const keepBuffer = 1 << 20 // larger ones are left to the collector

func borrow() *bytes.Buffer {
	b, ok := buffers.Get().(*bytes.Buffer)
	if !ok {
		return new(bytes.Buffer)
	}
	b.Reset()
	return b
}

func giveBack(b *bytes.Buffer) {
	if b.Cap() <= keepBuffer {
		buffers.Put(b)
	}
}

// render writes a page: the body first, so that a failure never sends half of
// one, then the frame around it.
func (v *Views) render(out *bytes.Buffer, name string, view View, alone bool) error {
	p := view.page()
	l := p.Lang
	if l == "" {
		l = v.o.Default
	}
	if alone {
		return v.execute(l, out, name, view)
	}
	body := borrow()
	defer giveBack(body)
	if err := v.execute(l, body, name, view); err != nil {
		return err
	}
	// The body is the output of a template, escaped there. Nothing writes into its
	// buffer before the frame stands around it, so it need not be copied.
	written := template.HTML(unsafe.String(unsafe.SliceData(body.Bytes()), body.Len()))
	return v.execute(l, out, "frame", framed{Page: p, Body: written})
}

// execute writes a template and, where Proof asks for it, compares.
func (v *Views) execute(l i18n.Lang, out *bytes.Buffer, name string, data any) error {
	set, err := v.set(l, name)
	if err != nil {
		return err
	}
	from := out.Len()
	if err := set.Execute(out, name, data); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	if !v.o.Proof {
		return nil
	}
	plain := borrow()
	defer giveBack(plain)
	if err := set.Plain(plain, name, data); err != nil {
		return fmt.Errorf("render %s plainly: %w", name, err)
	}
	if got, want := out.Bytes()[from:], plain.Bytes(); !bytes.Equal(got, want) {
		return fmt.Errorf("render %s: press and html/template differ: %s", name, firstDifference(got, want))
	}
	return nil
}

func firstDifference(got, want []byte) string {
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	around := func(b []byte) []byte { return b[max(0, i-60):min(len(b), i+60)] }
	return fmt.Sprintf("%q, not %q", around(got), around(want))
}

// Show answers with a page. The status is 200 unless Fail has set another.
func (k *Kit) Show(c *gin.Context, name string, view View) error {
	view.page().Flash = k.takeFlash(c)
	return k.write(c, name, view, false)
}

// Fragment answers with a page's template without the frame, for htmx.
func (k *Kit) Fragment(c *gin.Context, name string, view View) error {
	return k.write(c, name, view, true)
}

func (k *Kit) write(c *gin.Context, name string, view View, alone bool) error {
	out := borrow()
	defer giveBack(out)
	if err := k.views.render(out, name, view, alone); err != nil {
		return err
	}
	status := view.page().status
	if status == 0 {
		status = http.StatusOK
	}
	h := c.Writer.Header()
	h["Content-Type"] = htmlType
	h["Content-Language"] = []string{string(view.page().Lang)}
	h["Content-Length"] = []string{strconv.Itoa(out.Len())}
	c.Status(status)
	atOnce(c.Request.Context(), func() {
		_, _ = c.Writer.Write(out.Bytes()) // a reader who went away is no fault of ours
	})
	return nil
}

var htmlType = []string{"text/html; charset=utf-8"}

// WantsFragment says whether htmx asks for a part of the page.
func WantsFragment(c *gin.Context) bool {
	return c.GetHeader("HX-Request") == "true" && c.GetHeader("HX-History-Restore-Request") != "true"
}

// Seal renders a template of the layout with any data, for parts that are
// placed inside others, such as the panels of tabs.
func (k *Kit) Seal(l i18n.Lang, name string, data any) (template.HTML, error) {
	out := borrow()
	defer giveBack(out)
	if err := k.views.execute(l, out, name, data); err != nil {
		return "", err
	}
	return template.HTML(out.String()), nil
}
