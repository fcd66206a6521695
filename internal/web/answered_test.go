package web_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/web"
)

func TestAnAnswerReadsAsItWasGiven(t *testing.T) {
	bundle, err := i18ntest.Words()
	require.NoError(t, err)
	k := newKit(t, func(o *web.Options) { o.ROC = true }, nil)
	choice := catalogue.Question{Type: catalogue.QuestionChoice, Options: []catalogue.Option{
		{Value: "street", Label: i18n.Text{i18n.En: "The whole street", i18n.ZhHant: "整條街", i18n.ZhHans: "整条街"}},
		{Value: "one", Label: i18n.Text{i18n.ZhHant: "一戶"}}}}
	number, day, line := catalogue.Question{Type: catalogue.QuestionNumber}, catalogue.Question{Type: catalogue.QuestionDate}, catalogue.Question{Type: catalogue.QuestionText}
	for _, c := range []struct {
		question       catalogue.Question
		answer         any
		en, hant, hans string
	}{
		{choice, "street", "The whole street", "整條街", "整条街"},
		{choice, []any{"street", "one"}, "The whole street\n一戶", "整條街\n一戶", "整条街\n一戶"},
		{choice, []string{"street", "gone"}, "The whole street\ngone", "整條街\ngone", "整条街\ngone"},
		{number, json.Number("30"), "30", "30", "30"},
		{number, json.Number("-1234567.25"), "-1,234,567.25", "-1,234,567.25", "-1,234,567.25"},
		{number, 1e6, "1,000,000", "1,000,000", "1,000,000"},
		{number, 0.5, "0.5", "0.5", "0.5"},
		{number, "many", "many", "many", "many"},
		{day, "2026-11-23", "Mon 23 November 2026", "民國 115 年 11 月 23 日（一）", "民国115年11月23日（周一）"},
		{day, "2026-13-40", "2026-13-40", "2026-13-40", "2026-13-40"},
		{line, "2026-11-23", "2026-11-23", "2026-11-23", "2026-11-23"},
		{catalogue.Question{Type: catalogue.QuestionBoolean}, true, "Yes", "是", "是"},
		{catalogue.Question{Type: catalogue.QuestionBoolean}, false, "No", "否", "否"},
		{line, nil, "Not given", "未填寫", "未填写"},
	} {
		said := k.Answer(c.question, c.answer)
		require.Equal(t, []string{c.en, c.hant, c.hans}, []string{said.In(bundle, i18n.En), said.In(bundle, i18n.ZhHant), said.In(bundle, i18n.ZhHans)})
	}
}
