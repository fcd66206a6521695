package replies

import (
	"regexp"
	"slices"
	"strings"
)

// Fields are what a template may leave to the case.
var Fields = []string{"citizen", "case_no", "title", "matter", "unit", "phone", "received", "due", "today"}

var fieldForm = regexp.MustCompile(`\{\{\s*([^{}\n]*?)\s*\}\}`)

// unknownFields lists what stands in the marks of a field and is none.
func unknownFields(body string) []string {
	var out []string
	for _, m := range fieldForm.FindAllStringSubmatch(body, -1) {
		if !slices.Contains(Fields, m[1]) && !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// Fill puts values into the fields of a template. What the case does not know is
// left as a gap, which holds the reply back until somebody fills it.
func Fill(body string, values map[string]string) string {
	return fieldForm.ReplaceAllStringFunc(body, func(field string) string {
		name := strings.TrimSpace(strings.Trim(field, "{} \t"))
		if v := values[name]; v != "" {
			return v
		}
		return "〔" + name + "〕"
	})
}

// Quote is an article as it stands in a reply, with the law that it rests on.
func (t *Text) Quote() string {
	if t.LegalBasis == "" {
		return t.Body
	}
	if t.Locale.Chinese() {
		return t.Body + "（" + t.LegalBasis + "）"
	}
	return t.Body + " (" + t.LegalBasis + ")"
}
