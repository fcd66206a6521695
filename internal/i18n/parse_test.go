package i18n

import (
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"github.com/stretchr/testify/require"
)

func TestOfEveryLocaleFileIsReadWhatGoI18nReads(t *testing.T) {
	city := os.DirFS("../..")
	files, err := fs.Glob(city, "locales/*.toml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		raw, err := fs.ReadFile(city, name)
		require.NoError(t, err)
		want, err := i18n.ParseMessageFileBytes(raw, name, map[string]i18n.UnmarshalFunc{"toml": toml.Unmarshal})
		require.NoError(t, err)
		got, err := parse(city, name)
		require.NoError(t, err)
		require.ElementsMatch(t, want.Messages, got, name)
	}
}

func TestALocaleFileHoldsTextsAndPluralForms(t *testing.T) {
	read := func(text string) ([]*i18n.Message, error) {
		return parse(fstest.MapFS{"x.toml": {Data: []byte(text)}}, "x.toml")
	}
	list, err := read("# seen by translators\n\"a.b\" = \"A “b”\\n\"\nc.d = 'D'\nf = { one = \"1\", other = \"2\" }\n[\"e\"]\none = \"{{.Count}} thing\"\nother = \"\"\"\n{{.Count}} things\"\"\"\n")
	require.NoError(t, err)
	require.Equal(t, []*i18n.Message{{ID: "a.b", Other: "A “b”\n"}, {ID: "c.d", Other: "D"}, {ID: "f", One: "1", Other: "2"},
		{ID: "e", One: "{{.Count}} thing", Other: "{{.Count}} things"}}, list)
	for text, want := range map[string]string{
		"a = 1":                    "x.toml: a: want a text or plural forms",
		"[a]\nmore = \"x\"":        "x.toml: a: want texts of zero, one, two, few, many, other, not more",
		"[[a]]\nother = \"x\"":     "x.toml: want texts, and tables of plural forms",
		"a = \"b":                  "x.toml: ",
		"a = \"b\"\nwhat is this?": "x.toml: ",
	} {
		_, err := read(text)
		require.ErrorContains(t, err, want, text)
	}
}
