package catalogue

import (
	"encoding/json"
	"fmt"
	"slices"

	"minqing/internal/i18n"
)

// QuestionType says how a question is asked.
type QuestionType string

// The types of questions and the JSON that answers them.
const (
	QuestionText     QuestionType = "text"     // one line; string
	QuestionTextArea QuestionType = "textarea" // several lines; string
	QuestionChoice   QuestionType = "choice"   // one option; string
	QuestionMulti    QuestionType = "multi"    // several options; array of strings
	QuestionNumber   QuestionType = "number"   // number
	QuestionDate     QuestionType = "date"     // "2026-11-24"
	QuestionBoolean  QuestionType = "boolean"  // yes or no; true or false
)

// Question is one question of a matter, ready to be rendered.
type Question struct {
	Name     string       `json:"name" yaml:"name"` // key in the answers, [a-z][a-z0-9_]*
	Type     QuestionType `json:"type" yaml:"type"`
	Title    i18n.Text    `json:"title" yaml:"title"`
	Hint     i18n.Text    `json:"hint,omitempty" yaml:"hint,omitempty"`
	Options  []Option     `json:"options,omitempty" yaml:"options,omitempty"`
	Required bool         `json:"required,omitempty" yaml:"required,omitempty"`
	ShowIf   *ShowIf      `json:"show_if,omitempty" yaml:"show_if,omitempty"`
	Max      float64      `json:"max,omitempty" yaml:"max,omitempty"` // longest text in characters, largest number; 0: the default
	Min      *float64     `json:"min,omitempty" yaml:"min,omitempty"` // smallest number
}

// Option is one of the answers of a choice.
type Option struct {
	Value string    `json:"value" yaml:"value"`
	Label i18n.Text `json:"label" yaml:"label"`
}

// ShowIf shows a question only when an earlier one was answered with one of
// the values ("true" and "false" for a boolean).
type ShowIf struct {
	Question string   `json:"question" yaml:"question"`
	Values   []string `json:"values" yaml:"values"`
}

// Longest answers when the question does not say.
const (
	maxLine = 200
	maxArea = 2000
)

// The matter's questions are stored as JSON Schema 2020-12, so that any program
// can check answers without knowing us. Three extensions carry what a form
// needs and a schema lacks; other programs may ignore them:
//
//	x-order    at the root: names of the questions in the order of asking
//	x-widget   on a property: the QuestionType
//	x-i18n     on a property: {"title": {lang: text}, "description": {lang: text},
//	           "enum": {value: {lang: text}}}; title and description repeat the English
//	x-show-if  on a property: {"question": name, "values": [...]}; its "required"
//	           stands in an if/then of the root's allOf
type rootSchema struct {
	Schema     string                    `json:"$schema"`
	Type       string                    `json:"type"`
	Order      []string                  `json:"x-order"`
	Properties map[string]propertySchema `json:"properties"`
	Required   []string                  `json:"required,omitempty"`
	AllOf      []conditionSchema         `json:"allOf,omitempty"`
	Additional bool                      `json:"additionalProperties"`
}

type propertySchema struct {
	Type        string        `json:"type"`
	Widget      QuestionType  `json:"x-widget"`
	Title       string        `json:"title,omitempty"`
	Description string        `json:"description,omitempty"`
	Enum        []string      `json:"enum,omitempty"`
	Items       *itemsSchema  `json:"items,omitempty"`
	UniqueItems bool          `json:"uniqueItems,omitempty"`
	MinItems    int           `json:"minItems,omitempty"`
	Format      string        `json:"format,omitempty"`
	MinLength   int           `json:"minLength,omitempty"`
	MaxLength   int           `json:"maxLength,omitempty"`
	Minimum     *float64      `json:"minimum,omitempty"`
	Maximum     *float64      `json:"maximum,omitempty"`
	I18n        propertyTexts `json:"x-i18n"`
	ShowIf      *ShowIf       `json:"x-show-if,omitempty"`
}

type itemsSchema struct {
	Type string   `json:"type"`
	Enum []string `json:"enum"`
}

type propertyTexts struct {
	Title       i18n.Text            `json:"title"`
	Description i18n.Text            `json:"description,omitempty"`
	Enum        map[string]i18n.Text `json:"enum,omitempty"`
}

type conditionSchema struct {
	If   map[string]any `json:"if"`
	Then map[string]any `json:"then"`
}

const draft2020 = "https://json-schema.org/draft/2020-12/schema"

// SchemaOf writes questions as a JSON Schema. No questions give no schema.
func SchemaOf(questions []Question) (Schema, error) {
	if len(questions) == 0 {
		return nil, nil
	}
	root := rootSchema{Schema: draft2020, Type: "object", Properties: map[string]propertySchema{}}
	earlier := map[string]Question{}
	for _, q := range questions {
		if err := q.check(earlier); err != nil {
			return nil, err
		}
		earlier[q.Name] = q
		root.Order = append(root.Order, q.Name)
		root.Properties[q.Name] = q.property()
		switch {
		case q.Required && q.ShowIf == nil:
			root.Required = append(root.Required, q.Name)
		case q.Required:
			root.AllOf = append(root.AllOf, conditionSchema{
				If: q.ShowIf.schema(earlier[q.ShowIf.Question].Type), Then: map[string]any{"required": []string{q.Name}},
			})
		}
	}
	raw, err := json.Marshal(root)
	if err != nil {
		return nil, fmt.Errorf("write the questions as a schema: %w", err)
	}
	return raw, nil
}

func (q Question) check(earlier map[string]Question) error {
	if !questionName.MatchString(q.Name) {
		return fmt.Errorf("question %q: a name is small letters, digits and _", q.Name)
	}
	if _, twice := earlier[q.Name]; twice {
		return fmt.Errorf("question %q appears twice", q.Name)
	}
	if q.ShowIf != nil {
		if _, ok := earlier[q.ShowIf.Question]; !ok {
			return fmt.Errorf("question %q depends on %q, which is not an earlier question", q.Name, q.ShowIf.Question)
		}
	}
	needsOptions := q.Type == QuestionChoice || q.Type == QuestionMulti
	if needsOptions != (len(q.Options) > 0) {
		return fmt.Errorf("question %q of type %s: options are for choice and multi only", q.Name, q.Type)
	}
	return nil
}

func (q Question) property() propertySchema {
	p := propertySchema{
		Type: "string", Widget: q.Type, Title: q.Title[i18n.En], Description: q.Hint[i18n.En],
		I18n: propertyTexts{Title: q.Title, Description: q.Hint}, ShowIf: q.ShowIf,
	}
	values := make([]string, len(q.Options))
	for i, o := range q.Options {
		values[i] = o.Value
		if p.I18n.Enum == nil {
			p.I18n.Enum = map[string]i18n.Text{}
		}
		p.I18n.Enum[o.Value] = o.Label
	}
	switch q.Type {
	case QuestionText, QuestionTextArea:
		p.MinLength, p.MaxLength = 1, maxLine
		if q.Type == QuestionTextArea {
			p.MaxLength = maxArea
		}
		if q.Max > 0 {
			p.MaxLength = int(q.Max)
		}
	case QuestionChoice:
		p.Enum = values
	case QuestionMulti:
		p.Type, p.UniqueItems, p.MinItems = "array", true, 1
		p.Items = &itemsSchema{Type: "string", Enum: values}
	case QuestionNumber:
		p.Type, p.Minimum = "number", q.Min
		if q.Max != 0 {
			p.Maximum = &q.Max
		}
	case QuestionDate:
		p.Format = "date"
	case QuestionBoolean:
		p.Type = "boolean"
	}
	return p
}

// schema is the condition as an "if": the earlier answer is there and is one
// of the values.
func (s ShowIf) schema(of QuestionType) map[string]any {
	var test any
	switch of {
	case QuestionBoolean:
		allowed := make([]bool, len(s.Values))
		for i, v := range s.Values {
			allowed[i] = v == "true"
		}
		test = map[string]any{"enum": allowed}
	case QuestionMulti:
		test = map[string]any{"contains": map[string]any{"enum": s.Values}}
	default:
		test = map[string]any{"enum": s.Values}
	}
	return map[string]any{"properties": map[string]any{s.Question: test}, "required": []string{s.Question}}
}

// QuestionsOf reads the questions back from a schema. Properties of schemas
// that were written elsewhere come out as plain texts, numbers and choices.
func QuestionsOf(s Schema) ([]Question, error) {
	if len(s) == 0 {
		return nil, nil
	}
	var root rootSchema
	if err := json.Unmarshal(s, &root); err != nil {
		return nil, fmt.Errorf("read the questions of a schema: %w", err)
	}
	order := slices.Clone(root.Order)
	var rest []string
	for name := range root.Properties {
		if !slices.Contains(order, name) {
			rest = append(rest, name)
		}
	}
	slices.Sort(rest)
	needed := requiredNames(root)
	var questions []Question
	for _, name := range append(order, rest...) {
		if p, ok := root.Properties[name]; ok {
			questions = append(questions, p.question(name, needed[name]))
		}
	}
	return questions, nil
}

func requiredNames(root rootSchema) map[string]bool {
	needed := map[string]bool{}
	for _, name := range root.Required {
		needed[name] = true
	}
	for _, c := range root.AllOf {
		names, _ := c.Then["required"].([]any)
		for _, name := range names {
			if s, ok := name.(string); ok {
				needed[s] = true
			}
		}
	}
	return needed
}

func (p propertySchema) question(name string, required bool) Question {
	q := Question{Name: name, Type: p.widget(), Title: p.I18n.Title, Hint: p.I18n.Description, Required: required, ShowIf: p.ShowIf}
	if q.Title.Empty() {
		q.Title = i18n.Text{i18n.En: p.Title}
		if p.Title == "" {
			q.Title[i18n.En] = name
		}
	}
	if q.Hint.Empty() && p.Description != "" {
		q.Hint = i18n.Text{i18n.En: p.Description}
	}
	values := p.Enum
	if p.Items != nil {
		values = p.Items.Enum
	}
	for _, v := range values {
		label := p.I18n.Enum[v]
		if label.Empty() {
			label = i18n.Text{i18n.En: v}
		}
		q.Options = append(q.Options, Option{Value: v, Label: label})
	}
	switch q.Type {
	case QuestionText, QuestionTextArea:
		q.Max = float64(p.MaxLength)
	case QuestionNumber:
		q.Min = p.Minimum
		if p.Maximum != nil {
			q.Max = *p.Maximum
		}
	}
	return q
}

func (p propertySchema) widget() QuestionType {
	switch {
	case p.Widget != "":
		return p.Widget
	case p.Items != nil:
		return QuestionMulti
	case len(p.Enum) > 0:
		return QuestionChoice
	case p.Type == "boolean":
		return QuestionBoolean
	case p.Type == "number" || p.Type == "integer":
		return QuestionNumber
	case p.Format == "date":
		return QuestionDate
	}
	return QuestionText
}

// IsQuestionName says whether a question may be called so.
func IsQuestionName(name string) bool { return questionName.MatchString(name) }
