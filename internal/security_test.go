package internal

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	requirementRow = regexp.MustCompile(`(?m)^\| (\d+\.\d+\.\d+\S*) .* \|$`)
	namedTests     = regexp.MustCompile("((?:`(?:Test|Fuzz)\\w+`(?:, )?)+) \\(`([a-z/]+)`\\)")
	testName       = regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")
	namedJourney   = regexp.MustCompile("`(e2e/journeys/[^`]+)`")
)

// Every requirement in the guide has a proof that exists, or says that it is not met.
func TestSecurityGuideNamesRealTests(t *testing.T) {
	whole, err := os.ReadFile("../docs/security.md")
	require.NoError(t, err)
	guide := strings.ReplaceAll(string(whole), "`TestSecurityGuideNamesRealTests`", "")
	rows := requirementRow.FindAllStringSubmatch(guide, -1)
	require.Greater(t, len(rows), 60)
	for _, row := range rows {
		proven := namedTests.MatchString(row[0]) || namedJourney.MatchString(row[0]) || strings.Contains(row[0], "**not met**")
		require.True(t, proven, "%s has neither a proof nor the words \"not met\"", row[1])
		require.Equal(t, 5, strings.Count(row[0], "|"), "%s has another number of cells", row[1])
	}
	found := 0
	for _, named := range namedTests.FindAllStringSubmatch(guide, -1) {
		tests := testsOf(t, named[2])
		for _, name := range testName.FindAllStringSubmatch(named[1], -1) {
			require.Regexp(t, `func `+name[1]+`\((t \*testing\.T|f \*testing\.F)\)`, tests, "the guide names a test of %s", named[2])
			found++
		}
	}
	require.Len(t, testName.FindAllString(guide, -1), found, "a test is named without its package")
	for _, journey := range namedJourney.FindAllStringSubmatch(guide, -1) {
		_, err := os.Stat("../" + journey[1])
		require.NoError(t, err)
	}
}

// testsOf reads the test files of a package below internal, or of a program.
func testsOf(t *testing.T, dir string) string {
	t.Helper()
	if dir != "internal" && !strings.HasPrefix(dir, "cmd/") {
		dir = "internal/" + dir
	}
	files, err := filepath.Glob("../" + dir + "/*_test.go")
	require.NoError(t, err)
	var all strings.Builder
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		all.Write(body)
	}
	return all.String()
}
