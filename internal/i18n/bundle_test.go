package i18n_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"minqing/internal/i18n"
)

func load(t *testing.T, files map[string]string) (*i18n.Bundle, error) {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys["locales/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	b, err := i18n.Load(fsys)
	if err != nil {
		return b, err
	}
	return b, b.Check()
}

var three = map[string]string{
	"a.zh-Hant.toml": `"a.left" = "還有 {{.Count}} 天"` + "\n" + `"a.hello" = "您好，{{.Name}}"` + "\n" + `"a.only" = "只有"`,
	"a.zh-Hans.toml": `"a.left" = "还有{{.Count}}天"` + "\n" + `"a.hello" = "您好，{{.Name}}"`,
	"a.en.toml":      `"a.left" = { one = "{{.Count}} day left", other = "{{.Count}} days left" }` + "\n" + `"a.hello" = "Hello, {{.Name}}"`,
}

func TestAMessageIsFilledInEachLanguage(t *testing.T) {
	b, err := load(t, three)
	require.NoError(t, err)
	require.Equal(t, "還有 1,204 天", b.T(i18n.ZhHant, "a.left", i18n.Args{"Count": 1204}))
	require.Equal(t, "1 day left", b.T(i18n.En, "a.left", i18n.Args{"Count": 1}))
	require.Equal(t, "1,204 days left", b.T(i18n.En, "a.left", i18n.Args{"Count": 1204}))
	require.Equal(t, "0 days left", b.T(i18n.En, "a.left", i18n.Args{"Count": 0}))
	require.Equal(t, "1 day left", b.T(i18n.En, "a.left", i18n.Args{"Count": int64(1)}))
	require.Equal(t, "1 day left", b.T(i18n.En, "a.left", i18n.Args{"Count": "1"}))
	require.Equal(t, "many days left", b.T(i18n.En, "a.left", i18n.Args{"Count": "many"}), "what is no count has a text too")
	require.Equal(t, " days left", b.T(i18n.En, "a.left", nil))
	for range 2 { // the second time from what go-i18n has said
		require.Equal(t, "2 days left", b.T(i18n.En, "a.left", i18n.Args{"Count": 2}))
		require.Equal(t, "-1 day left", b.T(i18n.En, "a.left", i18n.Args{"Count": -1}))
	}
	unit := i18n.Text{i18n.ZhHant: "路燈科", i18n.En: "Street lighting"}
	require.Equal(t, "Hello, Street lighting", b.T(i18n.En, "a.hello", i18n.Args{"Name": unit}))
	require.Equal(t, "Hello, 只有", b.T(i18n.En, "a.hello", i18n.Args{"Name": i18n.Key("a.only")}))
	require.Equal(t, "Hello, 1 day left", b.T(i18n.En, "a.hello", i18n.Args{"Name": i18n.Phrase{Key: "a.left", Args: i18n.Args{"Count": 1}}}))
}

func TestAMissingMessageFallsBackAndNeverFails(t *testing.T) {
	b, err := load(t, three)
	require.NoError(t, err)
	require.Equal(t, "只有", b.T(i18n.En, "a.only", nil))
	require.Equal(t, "a.nowhere", b.T(i18n.En, "a.nowhere", nil))
	require.False(t, b.Has("a.nowhere"))
	require.True(t, b.Has("a.only"))
}

func TestABadLocaleFileIsReported(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"none":        {},
		"syntax":      {"a.en.toml": `"a.b = `},
		"language":    {"a.fr.toml": `"a.b" = "c"`},
		"twice":       {"a.en.toml": `"a.b" = "c"`, "b.en.toml": `"a.b" = "d"`},
		"logic":       {"a.en.toml": `"a.b" = "{{if .X}}c{{end}}"`},
		"lower case":  {"a.en.toml": `"a.b" = "{{.x}}"`},
		"empty":       {"a.en.toml": `"a.b" = ""`},
		"no other":    {"a.en.toml": `"a.b" = { one = "x" }`},
		"no language": {"a.toml": `"a.b" = "c"`},
	} {
		_, err := load(t, files)
		require.Error(t, err, name)
	}
}
