package access_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
)

// rules reads a file of policies/ without its comments.
func rules(t *testing.T, name string) (out [][]string) {
	text, err := fs.ReadFile(policies(t), name)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		parts := strings.Split(line, ",")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		out = append(out, parts)
	}
	return out
}

func TestThePolicyNamesEveryVerbAndNoOther(t *testing.T) {
	named := map[access.Verb]bool{}
	for _, r := range rules(t, "policy.csv") {
		if r[3] == "*" {
			require.Equal(t, "deny", r[5], "only a refusal may cover a whole kind")
			continue
		}
		kind, _, _ := strings.Cut(r[3], ".")
		require.Equal(t, kind, r[2], r[3])
		require.Contains(t, access.Verbs, access.Verb(r[3]), "the policy names a verb that does not exist")
		named[access.Verb(r[3])] = true
	}
	for _, v := range access.Verbs {
		require.True(t, named[v], "nobody may do %s", v)
	}
}

func TestThePolicyNamesEveryRoleAndNoOther(t *testing.T) {
	known := append(slices.Clone(access.Roles), "citizen", "enterprise", "staff")
	named := map[string]bool{}
	for _, r := range rules(t, "policy.csv") {
		named[r[1]] = true
	}
	for _, r := range rules(t, "roles.csv") {
		named[r[1]], named[r[2]] = true, true
	}
	for role := range named {
		require.Contains(t, known, role)
	}
	for _, role := range known {
		require.True(t, named[role], role)
	}
}
