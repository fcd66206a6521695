package catalogue

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/fault"
)

// asking is a city with one matter that asks the questions.
func asking(s Schema) (*Snapshot, *Matter) {
	m := &Matter{Questions: s}
	m.ID = "m"
	return &Snapshot{matters: map[string]*Matter{"m": m}, forms: map[string]*form{"m": {}}}, m
}

// FuzzAnswers holds what programs and forms send against a matter's questions:
// it is taken, or told field by field.
func FuzzAnswers(f *testing.F) {
	least := 0.0
	schema, err := SchemaOf([]Question{
		{Name: "what", Type: QuestionChoice, Required: true, Options: []Option{{Value: "dark"}, {Value: "other"}}},
		{Name: "other", Type: QuestionText, Required: true, Max: 20, ShowIf: &ShowIf{Question: "what", Values: []string{"other"}}},
		{Name: "lamps", Type: QuestionNumber, Min: &least, Max: 50},
		{Name: "since", Type: QuestionDate},
		{Name: "hurt", Type: QuestionBoolean},
		{Name: "how", Type: QuestionTextArea, ShowIf: &ShowIf{Question: "hurt", Values: []string{"true"}}},
		{Name: "when", Type: QuestionMulti, Options: []Option{{Value: "dusk"}, {Value: "night"}}},
	})
	require.NoError(f, err)
	snap, m := asking(schema)
	questions, err := snap.Questions(m)
	require.NoError(f, err)
	f.Add(`{"what":"other","other":"x","lamps":3,"since":"2026-02-30","hurt":true,"when":["dusk","dusk"]}`, "what=dark&lamps=1e308&when=dusk")
	f.Add(`{"lamps":1e999999,"what":{"a":[null]},"how":"\u0000","nobody":1}`, "lamps=0x1p-1074&hurt=on&how=%ff")
	f.Add(`{"":[],"when":[[[[]]]],"since":20260101}`, "since=9999-99-99&what=other&other=%00")
	f.Fuzz(func(t *testing.T, body, typed string) {
		var sent map[string]any
		if json.Unmarshal([]byte(body), &sent) == nil {
			told(t, snap.CheckAnswers(m, VisibleAnswers(questions, sent)))
		}
		form, _ := url.ParseQuery(typed)
		told(t, snap.CheckAnswers(m, Answers(questions, func(name string) []string { return form[name] })))
	})
}

// told says that what is wrong with answers is wrong with fields.
func told(t *testing.T, err error) {
	if err == nil {
		return
	}
	e, ok := fault.As(err)
	if !ok || e.Kind != fault.Invalid || len(e.Fields) == 0 {
		t.Fatalf("not told field by field: %v", err)
	}
	for _, field := range e.Fields {
		if !strings.HasPrefix(field.Name, "answers.") || !strings.HasPrefix(field.Key, "catalogue.answer.") {
			t.Fatalf("%+v is no field", field)
		}
	}
}

// FuzzQuestions reads schemas of other makers, as operators bring them.
func FuzzQuestions(f *testing.F) {
	f.Add(`{"type":"object","required":["size"],"properties":{"size":{"type":"integer","title":"Size"},"colour":{"enum":["red","blue"]}}}`, `{"size":1}`)
	f.Add(`{"properties":{"a":{"$ref":"file:///etc/passwd"}},"x-order":["a","a"]}`, `{"a":1}`)
	f.Add(`{"properties":{"a":{"$ref":"#"}},"$ref":"#/properties/a"}`, `{"a":{"a":{}}}`)
	f.Add(`{"properties":{"a":{"type":"string","pattern":"(a+)+$"},"b":{"multipleOf":1e-9}}}`, `{"a":"aaaaaaaaaaaaaaaaaaa!","b":0.1}`)
	f.Fuzz(func(t *testing.T, schema, body string) {
		snap, m := asking(Schema(schema))
		questions, err := snap.Questions(m)
		if err != nil {
			return
		}
		var sent map[string]any
		if json.Unmarshal([]byte(body), &sent) == nil {
			_ = snap.CheckAnswers(m, VisibleAnswers(questions, sent)) // a strange schema may be told strangely
		}
	})
}
