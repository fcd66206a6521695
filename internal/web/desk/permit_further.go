package desk

import (
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/permits"
	"minqing/internal/web"
)

// furtherForm asks for materials that the checklist does not have.
type furtherForm struct {
	Rows  []furtherRow
	Open  bool // something was typed
	Known []string
}

type furtherRow struct {
	Name, Reason web.Field
	From         *web.Field // what it arises from, once something was told before
}

// furtherName begins the names of the fields of a row.
func furtherName(i int) string { return "further." + strconv.Itoa(i+1) + "." }

// typedInFurther labels the texts of the form.
func typedInFurther(name string) web.Words {
	for i := range permits.FurtherMost {
		switch name {
		case furtherName(i) + "name":
			return web.Say("permit.further.what", "No", i+1)
		case furtherName(i) + "reason":
			return web.Say("permit.further.why", "No", i+1)
		}
	}
	return web.Words{}
}

// further is the form with what was typed; the names of the type's own materials that
// are not on the list are proposed.
func (v *permitView) further(c *gin.Context, p *permits.Part) *furtherForm {
	f := &furtherForm{}
	for _, m := range p.Type.Materials {
		if !slices.ContainsFunc(p.Items, func(it permits.Item) bool { return it.Code == m.Code }) && m.HeldFrom == "" {
			f.Known = append(f.Known, m.Name.In(v.Lang))
		}
	}
	from := []web.Option{{Words: web.Say("permit.further.from.none")}}
	for _, it := range p.Since() {
		from = append(from, web.Option{Value: it.Code, Words: web.Data(it.Name)})
	}
	for i := range permits.FurtherMost {
		at := furtherName(i)
		row := furtherRow{
			Name:   v.Bind(web.Field{Name: at + "name", Label: web.Say("permit.further.what", "No", i+1), Value: c.PostForm(at + "name"), Optional: true}),
			Reason: v.Bind(web.Field{Name: at + "reason", Label: web.Say("permit.further.why", "No", i+1), Hint: web.Say("permit.further.reason.hint"), Value: c.PostForm(at + "reason"), Rows: 2, Optional: true, Max: cases.TextMost / 5}),
		}
		if len(from) > 1 {
			one := v.Bind(web.Field{Name: at + "from", Label: web.Say("permit.further.from", "No", i+1), Hint: web.Say("permit.further.from.hint"), Value: c.PostForm(at + "from"), Options: from})
			row.From = &one
		}
		f.Open = f.Open || row.Name.Value != "" || row.Reason.Value != "" || row.Name.Error != nil
		f.Rows = append(f.Rows, row)
	}
	return f
}

// reason asks why a material has to be corrected or given.
func (v *permitView) reason(c *gin.Context, code string) web.Field {
	return v.Bind(web.Field{Name: "reason." + code, Label: web.Say("permit.desk.reason"), Hint: web.Say("permit.desk.reason.hint"), Value: c.PostForm("reason." + code), Rows: 2, Optional: true, Max: cases.TextMost / 5})
}

// unexamined says that something came since the unit last looked that has no verdict.
func unexamined(p *permits.Part) bool {
	return slices.ContainsFunc(p.Since(), func(it permits.Item) bool { return it.Now.Verdict == "" }) ||
		slices.ContainsFunc(p.Changes, func(ch permits.AnswerChange) bool { return p.AnswerSince(ch.Name) != nil })
}

// lies asks where a fault lies in what took the place of something that lay there
// before: what could be seen then is the head's to ask for.
func (v *permitView) lies(c *gin.Context, p *permits.Part, it *permits.Item) *web.Field {
	if !p.Replaced(it) {
		return nil
	}
	options := []web.Option{{Value: permits.LiesNew, Words: web.Say("permit.lies.new")}}
	if p.AskedBefore(it.Code) {
		options = append(options, web.Option{Value: permits.LiesAsked, Words: web.Say("permit.lies.asked")})
	}
	options = append(options, web.Option{Value: permits.LiesSeen, Words: web.Say("permit.lies.seen")})
	f := v.Bind(web.Field{Name: "lies." + it.Code, Label: web.Say("permit.lies"), Hint: web.Say("permit.lies.hint"), Value: c.PostForm("lies." + it.Code), Options: options})
	return &f
}
