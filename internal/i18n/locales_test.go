package i18n_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/i18n"
)

const root = "../.."

func product(t *testing.T) *i18n.Bundle {
	t.Helper()
	b, err := i18n.Load(os.DirFS(root))
	require.NoError(t, err)
	require.NoError(t, b.Check())
	return b
}

func TestEveryMessageIsInEveryLanguageWithTheSamePlaceholders(t *testing.T) {
	b := product(t)
	for _, l := range i18n.Langs {
		for _, key := range b.Keys(l) {
			for _, other := range i18n.Langs {
				if !contains(b, other, key) {
					t.Errorf("%s is in %s but not in %s", key, l, other)
					continue
				}
				if a, z := b.Placeholders(l, key), b.Placeholders(other, key); strings.Join(a, " ") != strings.Join(z, " ") {
					t.Errorf("%s asks for %v in %s and for %v in %s", key, a, l, z, other)
				}
			}
		}
	}
}

var known = map[i18n.Lang]map[string]bool{}

func contains(b *i18n.Bundle, l i18n.Lang, key string) bool {
	if known[l] == nil {
		known[l] = map[string]bool{}
		for _, k := range b.Keys(l) {
			known[l][k] = true
		}
	}
	return known[l][key]
}

func TestMessagesCarryNoMarkup(t *testing.T) {
	b := product(t)
	for _, l := range i18n.Langs {
		for _, key := range b.Keys(l) {
			if s := b.T(l, key, i18n.Args{"Count": 2}); strings.ContainsAny(strings.ReplaceAll(s, "<no value>", ""), "<>") {
				t.Errorf("%s in %s has markup: %s", key, l, s)
			}
		}
	}
}

var inTemplate = regexp.MustCompile(`(?:\{\{-?\s*|\(|\s)t\s+"([^"]+)"`)

func TestEveryKeyInATemplateExists(t *testing.T) {
	b := product(t)
	walk(t, "templates", ".html", func(name string, text []byte) {
		for _, hit := range inTemplate.FindAllStringSubmatch(string(text), -1) {
			if !b.Has(hit[1]) {
				t.Errorf("%s: no message %s", name, hit[1])
			}
		}
	})
}

func TestEveryKeyInTheCodeExists(t *testing.T) {
	b := product(t)
	for _, dir := range []string{"internal", "cmd"} {
		walk(t, dir, ".go", func(name string, text []byte) {
			if strings.HasSuffix(name, "_test.go") {
				return
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
			if err != nil {
				t.Logf("%s is being edited: %v", name, err)
				return
			}
			ast.Inspect(file, func(n ast.Node) bool {
				for _, lit := range messageLiterals(n) {
					if key, err := strconv.Unquote(lit.Value); err == nil && shaped.MatchString(key) && !b.Has(key) {
						t.Errorf("%s: no message %s", set.Position(lit.Pos()), key)
					}
				}
				return true
			})
		})
	}
}

var shaped = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)

// messageLiterals picks the literals that are message keys by where they stand:
// in the calls that take one, and in struct fields named for one.
func messageLiterals(n ast.Node) []*ast.BasicLit {
	switch n := n.(type) {
	case *ast.CallExpr:
		switch called(n.Fun) {
		case "fault.New":
			return literals(n.Args, 1)
		case "db.Fault":
			return literals(n.Args, 1, 2)
		case "i18n.Key", "web.Say", "Say":
			return literals(n.Args, 0)
		case "That":
			return literals(n.Args, 2)
		}
	case *ast.KeyValueExpr:
		if name, ok := n.Key.(*ast.Ident); ok {
			switch name.Name {
			case "MessageKey", "LabelKey", "HintKey", "TitleKey", "Label", "Hint":
				return literals([]ast.Expr{n.Value}, 0)
			}
		}
	case *ast.CompositeLit:
		if name := called(n.Type); name == "fault.Field" || name == "Field" {
			return fieldKey(n)
		}
	}
	return nil
}

func fieldKey(n *ast.CompositeLit) []*ast.BasicLit {
	for _, element := range n.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			return literals(n.Elts, 1)
		}
		if name, ok := pair.Key.(*ast.Ident); ok && name.Name == "Key" {
			return literals([]ast.Expr{pair.Value}, 0)
		}
	}
	return nil
}

func called(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if e.Sel.Name == "That" {
			return "That"
		}
		if of, ok := e.X.(*ast.Ident); ok {
			return of.Name + "." + e.Sel.Name
		}
		return e.Sel.Name
	}
	return ""
}

func literals(args []ast.Expr, at ...int) (found []*ast.BasicLit) {
	for _, i := range at {
		if i < len(args) {
			if lit, ok := args[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				found = append(found, lit)
			}
		}
	}
	return found
}

func walk(t *testing.T, dir, ext string, visit func(name string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(root, dir), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ext {
			return skipMissing(err)
		}
		text, err := os.ReadFile(name)
		if err == nil {
			visit(name, text)
		}
		return skipMissing(err)
	})
	require.NoError(t, err)
}

func skipMissing(err error) error {
	if os.IsNotExist(err) {
		return nil
	}
	return err
}
