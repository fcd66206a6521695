package press

import (
	"bytes"
	"fmt"
	"html/template"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// writers write a value through a chain of html/template's escapers. The chains
// of text and quoted attributes are written here; what may end an address is
// left to html/template, unless the text needs no care at all.
var writers = map[string]func(out *bytes.Buffer, v reflect.Value) error{
	"_html_template_htmlescaper": func(out *bytes.Buffer, v reflect.Value) error {
		v = held(v)
		if v.IsValid() && v.Type() == htmlType {
			out.WriteString(v.String())
			return nil
		}
		return write(out, v)
	},
	"_html_template_attrescaper": func(out *bytes.Buffer, v reflect.Value) error {
		v = held(v)
		if v.IsValid() && v.Type() == htmlType {
			return inAttribute(out, v)
		}
		return write(out, v)
	},
	"_html_template_rcdataescaper": func(out *bytes.Buffer, v reflect.Value) error {
		v = held(v)
		if v.IsValid() && v.Type() == htmlType {
			return inTextarea(out, v)
		}
		return write(out, v)
	},
	"_html_template_urlfilter _html_template_urlnormalizer _html_template_attrescaper": address(wholeAddress, func(s string) bool { return strings.HasPrefix(s, "/") && plainAddress(s) }),
	"_html_template_urlnormalizer _html_template_attrescaper":                          address(endOfAddress, plainAddress),
	"_html_template_urlescaper _html_template_attrescaper":                             address(endOfQuery, plainWord),
}

var (
	stringType = reflect.TypeFor[string]()
	htmlType   = reflect.TypeFor[template.HTML]()
	errorType  = reflect.TypeFor[error]()
	stringer   = reflect.TypeFor[fmt.Stringer]()

	wholeAddress = probe(`<a href="`, `">`)
	endOfAddress = probe(`<a href="/`, `">`)
	endOfQuery   = probe(`<a href="/?q=`, `">`)
	inAttribute  = probe(`<p title="`, `">`)
	inTextarea   = probe(`<textarea>`, `</textarea>`)
)

// probe writes a value as html/template does at that place of a page.
func probe(before, after string) func(out *bytes.Buffer, v reflect.Value) error {
	t := sync.OnceValue(func() *template.Template {
		return template.Must(template.New("probe").Parse(before + "{{.}}" + after))
	})
	return func(out *bytes.Buffer, v reflect.Value) error {
		var b bytes.Buffer
		if err := t().Execute(&b, plain(v)); err != nil {
			return err
		}
		out.Write(bytes.TrimSuffix(bytes.TrimPrefix(b.Bytes(), []byte(before)), []byte(after)))
		return nil
	}
}

// address writes plain texts as they are and everything else by the probe.
func address(careful func(*bytes.Buffer, reflect.Value) error, easy func(string) bool) func(*bytes.Buffer, reflect.Value) error {
	return func(out *bytes.Buffer, v reflect.Value) error {
		v = held(v)
		if v.Kind() == reflect.String && ordinary(v.Type()) && easy(v.String()) {
			escapeText(out, v.String())
			return nil
		}
		return careful(out, v)
	}
}

// ordinary says that html/template sees nothing but a text in a kind of text:
// neither one that it trusts nor one that says itself what to print.
func ordinary(t reflect.Type) bool {
	return t == stringType || t.PkgPath() != htmlType.PkgPath() && !speaks(t)
}

// speaks says that a type has its own words, which few types do.
func speaks(t reflect.Type) bool {
	return t.NumMethod() > 0 && (t.Implements(stringer) || t.Implements(errorType))
}

// plainAddress says that no character needs to be encoded. An ampersand does
// not, but is escaped as in any attribute.
func plainAddress(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case plainByte(c) || strings.IndexByte("/?=&#:;,@!$*+[]", c) >= 0:
		case c == '%' && i+2 < len(s) && hex(s[i+1]) && hex(s[i+2]):
			i += 2
		default:
			return false
		}
	}
	return true
}

func plainWord(s string) bool {
	for i := range len(s) {
		if !plainByte(s[i]) {
			return false
		}
	}
	return true
}

func plainByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == '~'
}

func hex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// held follows interfaces and pointers as html/template does before it prints:
// to the value, or to the last pointer whose own methods print it.
func held(v reflect.Value) reflect.Value {
	v = elem(v)
	for v.Kind() == reflect.Pointer && !v.IsNil() && !speaks(v.Type()) {
		v = elem(v.Elem())
	}
	return v
}

// write writes a value as text, with what HTML reads as markup replaced.
func write(out *bytes.Buffer, v reflect.Value) error {
	switch {
	case !v.IsValid():
		return nil
	case v.Type() == stringType:
		escapeText(out, v.String())
		return nil
	case speaks(v.Type()):
		escapeText(out, fmt.Sprint(v.Interface()))
		return nil
	case v.Kind() == reflect.String:
		escapeText(out, v.String())
		return nil
	case v.CanInt():
		out.Write(strconv.AppendInt(out.AvailableBuffer(), v.Int(), 10))
		return nil
	}
	escapeText(out, fmt.Sprint(v.Interface()))
	return nil
}

// escapes are what html/template replaces in text and in attributes.
var escapes = [256]string{0: "\uFFFD", '"': "&#34;", '&': "&amp;", '\'': "&#39;", '+': "&#43;", '<': "&lt;", '>': "&gt;"}

// escapeText writes a text with that replaced.
func escapeText(out *bytes.Buffer, s string) {
	from := 0
	for i := range len(s) {
		if with := escapes[s[i]]; with != "" {
			out.WriteString(s[from:i])
			out.WriteString(with)
			from = i + 1
		}
	}
	out.WriteString(s[from:])
}
