package catalogue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"minqing/internal/fault"
)

var questionName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// form is a matter's questions, compiled when first asked for.
type form struct {
	once      sync.Once
	questions []Question
	schema    *jsonschema.Schema
	err       error
}

func (f *form) compile(m *Matter) {
	f.once.Do(func() {
		f.questions, f.err = QuestionsOf(m.Questions)
		if f.err == nil {
			f.schema, f.err = compileSchema(m.Questions)
		}
		if f.err != nil {
			f.err = fmt.Errorf("questions of matter %s: %w", m.Code, f.err)
		}
	})
}

// refuseAll keeps a schema from reading files or addresses of the server.
type refuseAll struct{}

func (refuseAll) Load(url string) (any, error) {
	return nil, fmt.Errorf("a schema may not refer to %s", url)
}

func compileSchema(s Schema) (*jsonschema.Schema, error) {
	if len(s) == 0 {
		return nil, nil
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(s))
	if err != nil {
		return nil, fmt.Errorf("read a schema: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(refuseAll{})
	c.AssertFormat()
	if err := c.AddResource("minqing:questions", doc); err != nil {
		return nil, fmt.Errorf("add a schema: %w", err)
	}
	compiled, err := c.Compile("minqing:questions")
	if err != nil {
		return nil, fmt.Errorf("compile a schema: %w", err)
	}
	return compiled, nil
}

// Questions are the matter's questions in the order of asking.
func (s *Snapshot) Questions(m *Matter) ([]Question, error) {
	f := s.form(m)
	return f.questions, f.err
}

// CheckAnswers holds answers against the matter's questions. Fields to mend
// are named "answers.<question>". Answers to a question that is not shown must
// be left out: Answers and VisibleAnswers do so.
func (s *Snapshot) CheckAnswers(m *Matter, answers map[string]any) error {
	f := s.form(m)
	if f.err != nil {
		return f.err
	}
	if f.schema == nil {
		if len(answers) == 0 {
			return nil
		}
		var c fault.Check
		for name := range answers {
			c.That(false, "answers."+name, "catalogue.answer.unknown")
		}
		return c.Err()
	}
	value, err := plainJSON(answers)
	if err != nil {
		return err
	}
	err = f.schema.Validate(value)
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return err
	}
	return fault.InvalidInput(answerFields(invalid, f.questions)...)
}

// plainJSON gives the validator only what JSON knows.
func plainJSON(answers map[string]any) (any, error) {
	if answers == nil {
		answers = map[string]any{}
	}
	raw, err := json.Marshal(answers)
	if err != nil {
		return nil, fmt.Errorf("read the answers: %w", err)
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(raw))
}

// Answers reads a submitted form: values gives what was sent for a question's
// name. Empty answers and answers to questions that are not shown are left out;
// what cannot be read as a number stays text, so that CheckAnswers names it.
func Answers(questions []Question, values func(name string) []string) map[string]any {
	answers := map[string]any{}
	for _, q := range questions {
		var given []string
		for _, v := range values(q.Name) {
			if v = strings.TrimSpace(v); v != "" {
				given = append(given, v)
			}
		}
		if len(given) > 0 && q.shown(answers) {
			answers[q.Name] = q.read(given)
		}
	}
	return answers
}

// ToAsk are the questions that the answers so far make appear, in their order.
func ToAsk(questions []Question, answers map[string]any) []Question {
	var list []Question
	for _, q := range questions {
		if q.shown(answers) {
			list = append(list, q)
		}
	}
	return list
}

// VisibleAnswers drops answers to questions that the other answers hide, as a
// browser without scripts sends them. Unknown names stay, to be reported.
func VisibleAnswers(questions []Question, answers map[string]any) map[string]any {
	kept := make(map[string]any, len(answers))
	known := map[string]bool{}
	for _, q := range questions {
		known[q.Name] = true
		if v, ok := answers[q.Name]; ok && q.shown(kept) {
			kept[q.Name] = v
		}
	}
	for name, v := range answers {
		if !known[name] {
			kept[name] = v
		}
	}
	return kept
}

func (q Question) read(given []string) any {
	switch q.Type {
	case QuestionMulti:
		return given
	case QuestionNumber:
		if n, err := strconv.ParseFloat(given[0], 64); err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) {
			return json.Number(strconv.FormatFloat(n, 'f', -1, 64))
		}
	case QuestionBoolean:
		switch given[0] {
		case "true", "yes", "on":
			return true
		case "false", "no":
			return false
		}
	}
	return given[0]
}

// shown says whether the answers so far make the question appear.
func (q Question) shown(answers map[string]any) bool {
	if q.ShowIf == nil {
		return true
	}
	return slices.ContainsFunc(answerTexts(answers[q.ShowIf.Question]), func(v string) bool {
		return slices.Contains(q.ShowIf.Values, v)
	})
}

func answerTexts(answer any) []string {
	switch v := answer.(type) {
	case string:
		return []string{v}
	case bool:
		return []string{strconv.FormatBool(v)}
	case []string:
		return v
	case []any:
		texts := make([]string, 0, len(v))
		for _, one := range v {
			texts = append(texts, answerTexts(one)...)
		}
		return texts
	}
	return nil
}

// answerFields flattens the validator's tree into one field per question, in
// the order of asking; the first trouble of a question is the one told.
func answerFields(root *jsonschema.ValidationError, questions []Question) []fault.Field {
	found := map[string]fault.Field{}
	var walk func(e *jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		for _, cause := range e.Causes {
			walk(cause)
		}
		if len(e.Causes) > 0 {
			return
		}
		for name, field := range leafFields(e) {
			if _, told := found[name]; !told {
				field.Name = "answers." + name
				found[name] = field
			}
		}
	}
	walk(root)
	position := map[string]int{}
	for i, q := range questions {
		position[q.Name] = i + 1
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		pa, pb := position[a], position[b]
		if pa == 0 || pb == 0 || pa == pb {
			if pa != pb {
				return pb - pa // known questions first
			}
			return strings.Compare(a, b)
		}
		return pa - pb
	})
	fields := make([]fault.Field, len(names))
	for i, name := range names {
		fields[i] = found[name]
	}
	return fields
}

func leafFields(e *jsonschema.ValidationError) map[string]fault.Field {
	one := func(key string, args map[string]any) map[string]fault.Field {
		name := ""
		if len(e.InstanceLocation) > 0 {
			name = e.InstanceLocation[0]
		}
		return map[string]fault.Field{name: {Key: key, Args: args}}
	}
	each := func(names []string, key string) map[string]fault.Field {
		fields := map[string]fault.Field{}
		for _, name := range names {
			fields[name] = fault.Field{Key: key}
		}
		return fields
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		return each(k.Missing, "catalogue.answer.required")
	case *kind.AdditionalProperties:
		return each(k.Properties, "catalogue.answer.unknown")
	case *kind.MinLength, *kind.MinItems:
		return one("catalogue.answer.required", nil)
	case *kind.MaxLength:
		return one("catalogue.answer.long", map[string]any{"Max": k.Want})
	case *kind.Enum, *kind.UniqueItems:
		return one("catalogue.answer.choice", nil)
	case *kind.Minimum:
		return one("catalogue.answer.small", map[string]any{"Min": number(k.Want)})
	case *kind.Maximum:
		return one("catalogue.answer.large", map[string]any{"Max": number(k.Want)})
	case *kind.Format:
		if k.Want == "date" {
			return one("catalogue.answer.date", nil)
		}
	case *kind.Type:
		if slices.Contains(k.Want, "number") || slices.Contains(k.Want, "integer") {
			return one("catalogue.answer.number", nil)
		}
	}
	return one("catalogue.answer.invalid", nil)
}

func number(r *big.Rat) string {
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'f', -1, 64)
}
