package internal

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheTrailSaysEveryActInWords: an auditor reads what was done, not the code of a
// program. Codes that are put together from two parts are not looked at.
func TestTheTrailSaysEveryActInWords(t *testing.T) {
	var words strings.Builder
	files, err := filepath.Glob("../locales/*.zh-Hant.toml")
	require.NoError(t, err)
	for _, name := range files {
		body, err := os.ReadFile(name)
		require.NoError(t, err)
		words.Write(body)
	}
	entry, seen := regexp.MustCompile(`audit\.Entry\{Action: "([a-z_]+\.[a-z_.]+[a-z])"`), 0
	require.NoError(t, filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		body, err := os.ReadFile(path)
		for _, m := range entry.FindAllStringSubmatch(string(body), -1) {
			seen++
			said := strings.Contains(words.String(), `"audit.action.`+m[1]+`"`)
			if of, is := strings.CutPrefix(m[1], "case."); is {
				said = said || strings.Contains(words.String(), `"case.action.`+of+`"`)
			}
			if !said {
				t.Errorf("%s: say %s in words", path, m[1])
			}
		}
		return err
	}))
	require.Greater(t, seen, 100)
}
