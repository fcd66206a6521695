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

// Every `make target`, script and folder that the README names exists.
func TestReadmeTellsTheTruth(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	makefile, err := os.ReadFile("../Makefile")
	require.NoError(t, err)

	commands := regexp.MustCompile("(?m)(?:^|`)make ([a-z]+)").FindAllSubmatch(readme, -1)
	require.NotEmpty(t, commands)
	for _, command := range commands {
		require.Regexp(t, `(?m)^`+string(command[1])+`:.*## `, string(makefile))
	}
	paths := regexp.MustCompile("[`(]([a-z0-9]+/[a-zA-Z0-9_./-]*)[` )]").FindAllSubmatch(readme, -1)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		name := string(path[1])
		if strings.HasPrefix(name, "var/") || strings.HasPrefix(name, "bin/") || strings.HasPrefix(name, "web/") {
			continue // made by running it; a family of packages
		}
		_, err := os.Stat("../" + name)
		require.NoError(t, err, "the README names %s", name)
	}
}

func TestEveryGuideIsInTheIndex(t *testing.T) {
	index, err := os.ReadFile("../docs/README.md")
	require.NoError(t, err)
	err = filepath.WalkDir("../docs", func(name string, entry fs.DirEntry, err error) error {
		if rest := strings.TrimPrefix(name, "../docs/"); err == nil && strings.HasSuffix(rest, ".md") && rest != "README.md" {
			require.Contains(t, string(index), "("+rest+")", "docs/README.md does not lead to it")
		}
		return err
	})
	require.NoError(t, err)
	for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllSubmatch(index, -1) {
		_, err := os.Stat(filepath.Join("../docs", string(link[1])))
		require.NoError(t, err)
	}
}
