package web

import (
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/catalogue"
	"minqing/internal/text"
)

// Asked is one question of a matter as its component needs it.
type Asked struct {
	Name  string
	Type  catalogue.QuestionType
	Field Field
	Date  DateField
}

// Ask makes the component of a question, with what was answered.
func (p *Page) Ask(q catalogue.Question, values []string) Asked {
	f := Field{Name: "answers." + q.Name, Label: Data(q.Title), Hint: Data(q.Hint), Optional: !q.Required}
	if len(values) > 0 {
		f.Value = values[0]
	}
	a := Asked{Name: q.Name, Type: q.Type}
	switch q.Type {
	case catalogue.QuestionDate:
		parts := strings.SplitN(f.Value+"--", "-", 4)
		a.Date = p.BindDate(DateField{Field: f, Parts: DateParts{Year: parts[0], Month: strings.TrimLeft(parts[1], "0"), Day: strings.TrimLeft(parts[2], "0")}})
		return a
	case catalogue.QuestionBoolean:
		f.Inline = true
		f.Options = []Option{{Value: "true", Words: Say("common.yes")}, {Value: "false", Words: Say("common.no")}}
	case catalogue.QuestionNumber:
		f.Mode, f.Width = "decimal", "10"
	case catalogue.QuestionTextArea:
		f.Max = int(q.Max)
	case catalogue.QuestionMulti:
		f.Values = values
	}
	for _, o := range q.Options {
		f.Options = append(f.Options, Option{Value: o.Value, Words: Data(o.Label)})
	}
	a.Field = p.Bind(f)
	return a
}

// Sent are the values that came for a question; a date comes in three parts.
func Sent(c *gin.Context, q catalogue.Question) []string {
	name := "answers." + q.Name
	if q.Type != catalogue.QuestionDate {
		var values []string
		for _, v := range c.Request.PostForm[name] {
			values = append(values, text.Lines(v))
		}
		return values
	}
	parts := DateParts{Year: text.Lines(c.Request.PostForm.Get(name + ".year")), Month: text.Lines(c.Request.PostForm.Get(name + ".month")),
		Day: text.Lines(c.Request.PostForm.Get(name + ".day"))}
	if parts.IsZero() {
		return nil
	}
	if d, ok := parts.Date(); ok {
		return []string{d.String()}
	}
	return []string{parts.Year + "-" + parts.Month + "-" + parts.Day}
}
