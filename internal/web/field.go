package web

import (
	"html/template"
	"strings"

	"minqing/internal/calendar"
	"minqing/internal/fault"
)

// Field is one input with everything that its component shows.
type Field struct {
	Name     string
	Label    Words
	Hint     Words
	Value    string
	Values   []string      // chosen values of checkboxes
	Options  []Option      // for select, radios, checkboxes
	Sealed   template.HTML // options of a select, written before (Kit.Seal "options")
	Optional bool
	Big      bool // the label is the page's heading
	Inline   bool // radios side by side
	Type     string
	Mode     string   // inputmode
	Complete string   // autocomplete
	Focus    bool     // where somebody begins to type
	Offers   []Option // what a browser offers while somebody types
	Accept   string   // for files
	Multiple bool     // for files
	Width    string   // "5", "10", "20", "30" characters or "full"
	Rows     int
	Max      int // most characters; a textarea counts them
	Error    *fault.Field
}

// Option is one choice. Reveal is shown beneath while a radio or box is chosen.
type Option struct {
	Value   string
	Words   Words
	Hint    Words
	Divider bool   // "or" before this option
	Reveal  *Field // a text field
}

// Offer gives a long select its options as they were written before, and
// chooses the one with the field's value.
func (f Field) Offer(written template.HTML) Field {
	value := `value="` + template.HTMLEscapeString(f.Value) + `"`
	f.Sealed = template.HTML(strings.Replace(string(written), value, value+" selected", 1)) // escaped by its template
	return f
}

// ID is the field's id in the page: error links point at it.
func (f Field) ID() string { return FieldID(f.Name) }

// Described names the elements that describe the input.
func (f Field) Described() string {
	var ids []string
	if !f.Hint.IsZero() {
		ids = append(ids, f.ID()+"-hint")
	}
	if f.Error != nil {
		ids = append(ids, f.ID()+"-error")
	}
	return strings.Join(ids, " ")
}

// Chosen says whether an option is the field's value or one of them.
func (f Field) Chosen(value string) bool {
	if len(f.Values) > 0 {
		for _, v := range f.Values {
			if v == value {
				return true
			}
		}
		return false
	}
	return f.Value == value && value != ""
}

var toID = strings.NewReplacer(".", "-", "[", "-", "]", "", " ", "-")

// FieldID makes an id from an input's name.
func FieldID(name string) string { return toID.Replace(name) }

// Bind gives the field its error, if the page has one for it.
func (p *Page) Bind(f Field) Field {
	f.Error = p.errorOf(f.Name)
	for i, o := range f.Options {
		if o.Reveal != nil {
			bound := p.Bind(*o.Reveal)
			f.Options[i].Reveal = &bound
		}
	}
	return f
}

func (p *Page) errorOf(name string) *fault.Field {
	for i := range p.Errors {
		if p.Errors[i].Name == name {
			return &p.Errors[i]
		}
	}
	return nil
}

// DateParts is a date as three inputs send it: name.year, name.month, name.day.
type DateParts struct {
	Year  string `form:"year"`
	Month string `form:"month"`
	Day   string `form:"day"`
}

// PartsOf splits a date for its inputs.
func PartsOf(d calendar.Date) DateParts {
	s := strings.Split(d.String(), "-")
	if len(s) != 3 {
		return DateParts{}
	}
	return DateParts{Year: s[0], Month: strings.TrimLeft(s[1], "0"), Day: strings.TrimLeft(s[2], "0")}
}

// IsZero says that nothing was typed.
func (d DateParts) IsZero() bool { return d == DateParts{} }

// Date reads the parts; ok is false when they are no day of the calendar.
func (d DateParts) Date() (date calendar.Date, ok bool) {
	pad := func(s string) string {
		if len(s) == 1 {
			return "0" + s
		}
		return s
	}
	date, err := calendar.ParseDate(d.Year + "-" + pad(d.Month) + "-" + pad(d.Day))
	return date, err == nil
}

// DateField is a date asked for as year, month and day.
type DateField struct {
	Field
	Parts DateParts
}

// BindDate gives the date field its error, if the page has one for it.
func (p *Page) BindDate(f DateField) DateField {
	f.Field = p.Bind(f.Field)
	return f
}
