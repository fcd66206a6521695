package i18n_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/i18n"
)

func TestAReaderGetsTheNearestLanguage(t *testing.T) {
	for header, want := range map[string]i18n.Lang{
		"zh-TW,zh;q=0.9,en;q=0.8": i18n.ZhHant,
		"zh-HK":                   i18n.ZhHant,
		"zh-MO":                   i18n.ZhHant,
		"yue-HK":                  i18n.ZhHant,
		"zh-CN":                   i18n.ZhHans,
		"zh":                      i18n.ZhHans,
		"zh-SG":                   i18n.ZhHans,
		"en-GB,en;q=0.5":          i18n.En,
		"fr-FR,fr;q=0.9":          i18n.En,
		"fr;q=0.9,zh-TW;q=0.5":    i18n.ZhHant,
		"zh-TW;q=0,en":            i18n.En,
	} {
		got, ok := i18n.Match(header)
		require.True(t, ok, header)
		require.Equal(t, want, got, header)
	}
}

func TestAnEmptyOrBrokenHeaderLeavesTheChoiceToThePlace(t *testing.T) {
	for _, header := range []string{"", ";;;", "\x00", "*"} {
		_, ok := i18n.Match(header)
		require.False(t, ok, "%q", header)
	}
}

func TestALanguageIsReadExactlyOrByRegion(t *testing.T) {
	for s, want := range map[string]i18n.Lang{
		"zh-Hant": i18n.ZhHant, "zh-hans": i18n.ZhHans, "EN": i18n.En, "zh-TW": i18n.ZhHant, "zh-CN": i18n.ZhHans,
	} {
		got, ok := i18n.ParseLang(s)
		require.True(t, ok, s)
		require.Equal(t, want, got, s)
	}
	for _, s := range []string{"", "fr", "klingon", "zh-Hant\r\nX: y", "<script>"} {
		_, ok := i18n.ParseLang(s)
		require.False(t, ok, s)
	}
}

func TestATextFallsBackToTheNearestLanguage(t *testing.T) {
	both := i18n.Text{i18n.ZhHans: "路灯", i18n.En: "Street lamp"}
	require.Equal(t, "路灯", both.In(i18n.ZhHant))
	require.Equal(t, "Street lamp", both.In(i18n.En))
	hant := i18n.Text{i18n.ZhHant: "路燈", i18n.ZhHans: "路灯"}
	require.Equal(t, "路燈", hant.In(i18n.En))
	require.Empty(t, i18n.Text(nil).In(i18n.En))
	require.Equal(t, "路灯", both.In("unknown"))
}

func TestATextSurvivesTheDatabase(t *testing.T) {
	was := i18n.Text{i18n.ZhHant: "路燈「不亮」", i18n.En: `a "lamp"`}
	v, err := was.Value()
	require.NoError(t, err)
	var asText, asBytes, null, jsonNull i18n.Text
	require.NoError(t, asText.Scan(v))
	require.NoError(t, asBytes.Scan([]byte(v.(string))))
	require.Equal(t, was, asText)
	require.Equal(t, was, asBytes)
	require.NoError(t, null.Scan(nil))
	require.NoError(t, jsonNull.Scan("null"))
	require.True(t, null.Empty() && jsonNull.Empty())
	v, err = i18n.Text(nil).Value()
	require.NoError(t, err)
	require.Equal(t, "{}", v)
	require.Error(t, null.Scan(`["a"]`))
	require.Error(t, null.Scan(7))
}
