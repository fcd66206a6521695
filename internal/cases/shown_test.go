package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
)

func TestWhatIsShownOfACaseIsMasked(t *testing.T) {
	c := cases.Case{Title: "路燈壞了，請打13812345678", Description: "身分證A123456789",
		Answers: `{"pole":"12號","who":"打13812345678","many":["a","B123456780"],"deep":{"mail":"zhang@example.org"},"count":3,"number":13812345678,"yes":true,"day":"2026-11-24"}`}
	require.Equal(t, "路燈壞了，請打138****5678", c.ShownTitle())
	require.Equal(t, "身分證A1*****789", c.ShownDescription())
	require.Equal(t, map[string]any{"pole": "12號", "who": "打138****5678", "many": []any{"a", "B1*****780"}, "deep": map[string]any{"mail": "z***@example.org"},
		"count": 3.0, "number": "138****5678", "yes": true, "day": "2026-11-24"}, c.ShownAnswers())
	require.Equal(t, "打13812345678", c.AnswerMap()["who"], "the person's own page keeps it")
}
