package catalogue_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"minqing/internal/catalogue"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

var zero = 0.0

// questions has one of each type, two of them shown by an earlier answer.
var questions = []catalogue.Question{
	{Name: "what", Type: catalogue.QuestionChoice, Title: name("什麼壞了"), Required: true, Options: []catalogue.Option{
		{Value: "dark", Label: name("不亮")}, {Value: "other", Label: name("其他")}}},
	{Name: "other", Type: catalogue.QuestionText, Title: name("請說明"), Hint: name("簡短"), Required: true, Max: 20,
		ShowIf: &catalogue.ShowIf{Question: "what", Values: []string{"other"}}},
	{Name: "lamps", Type: catalogue.QuestionNumber, Title: name("幾盞"), Min: &zero, Max: 50},
	{Name: "since", Type: catalogue.QuestionDate, Title: name("從哪天起")},
	{Name: "hurt", Type: catalogue.QuestionBoolean, Title: name("有人受傷嗎"), Required: true},
	{Name: "how", Type: catalogue.QuestionTextArea, Title: name("傷勢"), Max: 2000, ShowIf: &catalogue.ShowIf{Question: "hurt", Values: []string{"true"}}},
	{Name: "when", Type: catalogue.QuestionMulti, Title: name("時段"), Options: []catalogue.Option{
		{Value: "dusk", Label: name("傍晚")}, {Value: "night", Label: name("夜裡")}}},
}

func TestQuestionsSurviveTheSchema(t *testing.T) {
	schema, err := catalogue.SchemaOf(questions)
	require.NoError(t, err)
	back, err := catalogue.QuestionsOf(schema)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(questions, back))
}

func TestAForeignSchemaStillGivesAForm(t *testing.T) {
	got, err := catalogue.QuestionsOf(catalogue.Schema(`{"type":"object","required":["size"],"properties":{
		"size":{"type":"integer","title":"Size"},"colour":{"enum":["red","blue"]},"seen":{"type":"string","format":"date"}}}`))
	require.NoError(t, err)
	require.Len(t, got, 3)
	require.Equal(t, catalogue.QuestionChoice, got[0].Type)
	require.Equal(t, "colour", got[0].Title.In(i18n.ZhHant))
	require.Equal(t, catalogue.QuestionDate, got[1].Type)
	require.True(t, got[2].Required)
}

func TestBadQuestionsAreRefused(t *testing.T) {
	for why, list := range map[string][]catalogue.Question{
		"a capital":        {{Name: "What", Type: catalogue.QuestionText}},
		"twice":            {{Name: "a", Type: catalogue.QuestionText}, {Name: "a", Type: catalogue.QuestionText}},
		"no options":       {{Name: "a", Type: catalogue.QuestionChoice}},
		"later condition":  {{Name: "a", Type: catalogue.QuestionText, ShowIf: &catalogue.ShowIf{Question: "b"}}, {Name: "b", Type: catalogue.QuestionText}},
		"options for text": {{Name: "a", Type: catalogue.QuestionText, Options: []catalogue.Option{{Value: "x"}}}},
	} {
		_, err := catalogue.SchemaOf(list)
		require.Error(t, err, why)
	}
}

func fieldsOf(t *testing.T, err error) map[string]string {
	t.Helper()
	got := map[string]string{}
	if err == nil {
		return got
	}
	e, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, fault.Invalid, e.Kind)
	for _, f := range e.Fields {
		got[f.Name] = f.Key
	}
	return got
}

func TestAnswersAreCheckedFieldByField(t *testing.T) {
	_, snap := loaded(t, dbtest.New(t))
	m, err := snap.Matter("street-light")
	require.NoError(t, err)
	const key = "catalogue.answer."
	for why, c := range map[string]struct {
		answers string
		want    map[string]string
	}{
		"complete":      {`{"what":"dark","hurt":false,"lamps":3,"since":"2026-02-28","when":["dusk"]}`, nil},
		"nothing":       {`{}`, map[string]string{"answers.what": key + "required", "answers.hurt": key + "required"}},
		"other, silent": {`{"what":"other","hurt":false}`, map[string]string{"answers.other": key + "required"}},
		"empty text":    {`{"what":"other","other":"","hurt":false}`, map[string]string{"answers.other": key + "required"}},
		"long text":     {`{"what":"other","other":"這是一段超過二十個字的說明文字用來檢查長度限制","hurt":false}`, map[string]string{"answers.other": key + "long"}},
		"no option":     {`{"what":"blue","hurt":true,"when":["noon"]}`, map[string]string{"answers.what": key + "choice", "answers.when": key + "choice"}},
		"bad number":    {`{"what":"dark","hurt":true,"lamps":"many"}`, map[string]string{"answers.lamps": key + "number"}},
		"small number":  {`{"what":"dark","hurt":true,"lamps":-1}`, map[string]string{"answers.lamps": key + "small"}},
		"large number":  {`{"what":"dark","hurt":true,"lamps":51}`, map[string]string{"answers.lamps": key + "large"}},
		"no such day":   {`{"what":"dark","hurt":true,"since":"2026-02-30"}`, map[string]string{"answers.since": key + "date"}},
		"unknown":       {`{"what":"dark","hurt":true,"shoe":42}`, map[string]string{"answers.shoe": key + "unknown"}},
		"wrong type":    {`{"what":["dark"],"hurt":"yes"}`, map[string]string{"answers.what": key + "invalid", "answers.hurt": key + "invalid"}},
	} {
		var answers map[string]any
		require.NoError(t, json.Unmarshal([]byte(c.answers), &answers))
		if c.want == nil {
			c.want = map[string]string{}
		}
		require.Equal(t, c.want, fieldsOf(t, snap.CheckAnswers(m, answers)), why)
	}
}

func TestAFormIsReadIntoAnswers(t *testing.T) {
	_, snap := loaded(t, dbtest.New(t))
	m, _ := snap.Matter("street-light")
	asked, err := snap.Questions(m)
	require.NoError(t, err)
	form := map[string][]string{
		"what": {"dark"}, "other": {"left over"}, "lamps": {" 3 "}, "since": {""}, "hurt": {"true"}, "how": {"擦傷"}, "when": {"dusk", "night"},
	}
	answers := catalogue.Answers(asked, func(n string) []string { return form[n] })
	require.Equal(t, map[string]any{
		"what": "dark", "lamps": json.Number("3"), "hurt": true, "how": "擦傷", "when": []string{"dusk", "night"},
	}, answers, "the answer to a hidden question is dropped")
	require.NoError(t, snap.CheckAnswers(m, answers))

	form["lamps"] = []string{"NaN"}
	answers = catalogue.Answers(asked, func(n string) []string { return form[n] })
	require.Equal(t, map[string]string{"answers.lamps": "catalogue.answer.number"}, fieldsOf(t, snap.CheckAnswers(m, answers)))

	sent := map[string]any{"what": "dark", "other": "hidden", "hurt": false, "how": "hidden", "strange": 1}
	require.Equal(t, map[string]any{"what": "dark", "hurt": false, "strange": 1}, catalogue.VisibleAnswers(asked, sent))
}

func TestASchemaMayNotReadFiles(t *testing.T) {
	s := service(dbtest.New(t))
	content := small(t)
	content.Matters[0].Schema = catalogue.Schema(`{"type":"object","properties":{"a":{"$ref":"file:///etc/passwd"}}}`)
	_, err := s.Load(system(), content)
	require.Equal(t, fault.Invalid, fault.KindOf(err))
}

func TestSearchFindsByAnyLanguage(t *testing.T) {
	_, snap := loaded(t, dbtest.New(t))
	for _, query := range []string{"路燈", "路灯坏了", "黑漆漆", "street lights", "dark", "搬家"} {
		found := snap.SearchMatters(query, i18n.ZhHant, today, 10)
		require.NotEmpty(t, found, query)
		require.Equal(t, "street-light", found[0].Matter.Code)
	}
	require.Empty(t, snap.SearchMatters("護照", i18n.ZhHant, today, 10))
	require.Empty(t, snap.SearchMatters("", i18n.ZhHant, today, 10))
	require.Empty(t, snap.SearchMatters("路燈", i18n.ZhHant, today-500, 10), "not in force then")
}
