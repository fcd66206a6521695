package internal

import (
	"bytes"
	"go/ast"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	maxLines      = 500 // of a file
	maxFunction   = 60  // lines from func to its closing brace
	maxParameters = 5
)

var vague = []string{"util", "utils", "common", "models", "model", "store", "helper", "helpers", "base", "types", "misc", "manager", "shared"}

func TestFilesStayShort(t *testing.T) {
	made := []string{".git", "node_modules", "dist", "bin", "var", "test-results", "playwright-report"}
	written := []string{".go", ".html", ".css", ".scss", ".js", ".mjs", ".ts", ".sh", ".sql"}
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if slices.Contains(made, entry.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains(written, filepath.Ext(name)) {
			return nil
		}
		body, err := os.ReadFile(name)
		if lines := bytes.Count(body, []byte("\n")); lines > maxLines {
			t.Errorf("%s has %d lines; past %d look for the second thing that it holds", strings.TrimPrefix(name, "../"), lines, maxLines)
		}
		return err
	})
	require.NoError(t, err)
}

func TestFunctionsStayShort(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			f, ok := n.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				return true
			}
			if lines := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1; lines > maxFunction {
				t.Errorf("%s: %s has %d lines; %d at most", s.name, f.Name.Name, lines, maxFunction)
			}
			if n := f.Type.Params.NumFields(); n > maxParameters {
				t.Errorf("%s: %s takes %d parameters; %d at most", s.name, f.Name.Name, n, maxParameters)
			}
			return true
		})
	}
}

func TestPackagesSayWhatTheyAreFor(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		name := s.file.Name.Name
		if slices.Contains(vague, name) {
			t.Errorf("%s: package %s says nothing; name it after what it holds", s.name, name)
		}
		documented[s.pkg] = documented[s.pkg] || strings.HasPrefix(s.file.Doc.Text(), "Package "+name+" ")
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("package %s has no comment that begins with its name", pkg)
		}
	}
}
