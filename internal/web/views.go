package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"

	"minqing/internal/i18n"
	"minqing/internal/press"
)

// Views holds one parsed set of templates per language, with the language
// already bound to every function. A page is the file templates/<area>/<page>.html
// and its name is "<area>/<page>"; files of templates/layout are components and
// go by their bare name.
type Views struct {
	files  fs.FS
	assets *Assets
	o      Options
	sets   map[i18n.Lang]*press.Set
	fresh  bool
}

// newViews parses every template once and binds it to each language.
func newViews(o Options, assets *Assets) (*Views, error) {
	v := &Views{files: o.Files, assets: assets, o: o}
	if o.Reload != nil {
		v.files, v.fresh = o.Reload, true
	}
	sets, err := v.parse()
	v.sets = sets
	return v, err
}

func (v *Views) parse() (map[i18n.Lang]*press.Set, error) {
	base := template.New("").Funcs(v.funcs(v.o.Default))
	err := fs.WalkDir(v.files, "templates", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".html" || strings.HasPrefix(name, "templates/mail/") {
			return err
		}
		text, err := fs.ReadFile(v.files, name)
		if err != nil {
			return err
		}
		_, err = base.New(viewName(name)).Parse(string(text))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("parse the templates: %w", err)
	}
	// The languages one beside the other: a start of the server waits for this.
	made := make([]*press.Set, len(i18n.Langs))
	var all errgroup.Group
	for i, l := range i18n.Langs {
		set, err := base.Clone()
		if err != nil {
			return nil, fmt.Errorf("bind the templates to %s: %w", l, err)
		}
		all.Go(func() (err error) {
			made[i], err = v.bind(set, l)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return nil, err
	}
	sets := make(map[i18n.Lang]*press.Set, len(made))
	for i, l := range i18n.Langs {
		sets[l] = made[i]
	}
	return sets, nil
}

// bind makes a set that speaks one language.
func (v *Views) bind(set *template.Template, l i18n.Lang) (*press.Set, error) {
	funcs := v.funcs(l)
	if err := fold(set, funcs); err != nil {
		return nil, err
	}
	made, err := press.Compile(set.Funcs(funcs), funcs, v.direct(l))
	if err != nil {
		return nil, fmt.Errorf("compile the templates for %s: %w", l, err)
	}
	if !v.o.Proof {
		made.Forget()
	}
	return made, nil
}

func viewName(file string) string {
	name := strings.TrimSuffix(strings.TrimPrefix(file, "templates/"), ".html")
	return strings.TrimPrefix(name, "layout/")
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
	sets := v.sets
	if v.fresh {
		var err error
		if sets, err = v.parse(); err != nil {
			return err
		}
	}
	p := view.page()
	set := sets[p.Lang]
	if set == nil {
		set = sets[v.o.Default]
	}
	if alone {
		return v.execute(set, out, name, view)
	}
	body := borrow()
	defer giveBack(body)
	if err := v.execute(set, body, name, view); err != nil {
		return err
	}
	// The body is the output of a template, escaped there. Nothing writes into its
	// buffer before the frame stands around it, so it need not be copied.
	written := template.HTML(unsafe.String(unsafe.SliceData(body.Bytes()), body.Len()))
	return v.execute(set, out, "frame", framed{Page: p, Body: written})
}

// execute writes a template and, where Proof asks for it, compares.
func (v *Views) execute(set *press.Set, out *bytes.Buffer, name string, data any) error {
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
	_, _ = c.Writer.Write(out.Bytes()) // a reader who went away is no fault of ours
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
	if err := k.views.execute(k.views.sets[l], out, name, data); err != nil {
		return "", err
	}
	return template.HTML(out.String()), nil
}
