package config

import (
	"os"
	"regexp"
	"testing"

	"github.com/caarlos0/env/v11"
	"github.com/stretchr/testify/require"
)

func TestReadmeListsEverySettingWithItsDefault(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	listed := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(MINQING_[A-Z_]+)` \\| (?:`([^`]*)`)? ?\\| \\S.* \\|$").FindAllStringSubmatch(string(readme), -1) {
		require.NotContains(t, listed, row[1], "listed twice")
		listed[row[1]] = row[2]
	}
	fields, err := env.GetFieldParamsWithOptions(&Config{}, env.Options{Prefix: Prefix})
	require.NoError(t, err)
	inForce := map[string]string{}
	for _, f := range fields {
		inForce[f.Key] = f.DefaultValue
	}
	require.Equal(t, inForce, listed)
}
