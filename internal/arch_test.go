// Package internal holds the guards of the house: who may import whom, who may
// ask which database runs, and how long a file may grow.
package internal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// rank places every package. Imports go strictly downward: a package may
// import only packages of a lower rank.
var rank = map[string]int{
	"fault": 0, "actor": 0, "config": 0, "i18n": 0, "calendar": 0, "idcode": 0, "stats": 0, "press": 0, "oidc": 0, "cookie": 0, "tracing": 0,
	"text": 1, // masks numbers in free text by idcode
	"db":   1, "document": 1,
	"audit": 2, "match": 2,
	"jobs": 3, "vault": 3,
	"files": 4, "limits": 4, "place": 4, "catalogue": 4, "notify": 4,
	"keys": 4, "access": 5, "backup": 5, "permittypes": 5,
	"constituents": 6, "routing": 6, "replies": 6,
	"identity": 7, "clocks": 7,
	"cases": 8, "enterprises": 8, "register": 8, "fees": 8,
	"permits": 9, "duties": 9, "satisfaction": 9, "supervision": 9, "voices": 9, "worklist": 9,
	"outreach": 10, "privacy": 10, "record": 10, "retention": 10,
	"outreach/campaign": 11, "outreach/offers": 11, "outreach/discover": 11, "nextstep": 11,
	"insight": 12, "insight/seven": 12,
	"exchange": 13, "mailroom": 13, "demo": 13,
	"web":        14,
	"web/portal": 15, "web/enterprise": 15, "web/desk": 15, "web/people": 15, "web/insight": 15, "web/admin": 15, "web/editor": 15,
	"web/api": 15, "web/open311": 15,
	"app": 16,
}

// part names folders that only keep one package readable. The whole may import
// its parts; nobody else may, and a part stands under the whole's rank.
var part = map[string]string{
	"demo/city": "demo", "demo/city/texts": "demo",
}

// support is for tests: only test files import it.
var support = []string{"db/dbtest", "i18n/i18ntest", "mailroom/dovecottest", "oidc/oidctest", "identity/passkeytest", "files/s3test", "tracing/tracetest", "document/documenttest"}

// fixture is what tests, but not code, may import from above: the city that
// every example lives in.
const fixture = "demo"

// outside says which packages may import a library, by the beginning of its
// path. "web" stands for web and everything below it.
var outside = map[string][]string{
	"github.com/gin-gonic/gin":            {"web", "app"},
	"github.com/danielgtaylor/huma":       {"web", "app"},
	"github.com/casbin/":                  {"access"},
	"github.com/riverqueue/river":         {"jobs"},
	"github.com/pressly/goose":            {"db"},
	"github.com/jackc/pgx":                {"db", "jobs", "exchange", "demo"},
	"modernc.org/sqlite":                  {"db", "jobs"},
	"gorm.io/driver/":                     {"db"},
	"gorm.io/plugin/":                     {"db"},
	"github.com/caarlos0/env":             {"config"},
	"github.com/wneessen/go-mail":         {"notify"},
	"github.com/emersion/go-imap":         {"mailroom"},
	"github.com/jhillyerd/enmime":         {"mailroom"},
	"github.com/inbucket/html2text":       {"mailroom"},
	"github.com/nicksnyder/go-i18n":       {"i18n"},
	"github.com/alexedwards/argon2id":     {"identity"},
	"github.com/coreos/go-oidc":           {"oidc"},
	"golang.org/x/oauth2":                 {"oidc"},
	"github.com/go-webauthn":              {"identity"},
	"github.com/prometheus/client_golang": {"web", "app"},
	"go.opentelemetry.io/":                {"tracing", "db"},
	"github.com/XSAM/otelsql":             {"db"},
	"github.com/piglig/go-qr":             {"document", "web"},
}

// mayAskEngine lists who may ask which database runs, and why. Everyone else
// writes SQL that both speak.
var mayAskEngine = map[string]string{
	"db":                  "opens, migrates, translates errors",
	"jobs":                "River has one driver for each",
	"insight":             "date arithmetic",
	"cases/search.go":     "full-text search: FTS5 and tsvector",
	"outreach/refresh.go": "one statement compares, removes and adds where WITH may write",
	"backup":              "an archive goes back into the engine that it came from",
}

const module = "minqing/internal/"

// source is one parsed Go file below internal.
type source struct {
	name string // "cases/file.go"
	pkg  string // "cases"
	test bool
	file *ast.File
	set  *token.FileSet
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || !strings.Contains(name, "/") {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		all = append(all, source{name: name, pkg: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), file: file, set: set})
		return err
	})
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

// imports gives the paths that a file imports.
func (s source) imports() (paths []string) {
	for _, spec := range s.file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		paths = append(paths, name)
	}
	return paths
}

// place is the rank of a package, its own or that of the whole it belongs to.
func place(pkg string) (int, bool) {
	if whole, ok := part[pkg]; ok {
		pkg = whole
	}
	r, ok := rank[pkg]
	return r, ok
}

func TestEveryPackageHasItsPlace(t *testing.T) {
	for _, s := range sources(t) {
		if _, ok := place(s.pkg); !ok && !slices.Contains(support, s.pkg) {
			t.Errorf("%s: give package %s a rank in arch_test.go, or put its code where it belongs", s.name, s.pkg)
		}
	}
}

func TestImportsGoDown(t *testing.T) {
	for _, s := range sources(t) {
		if slices.Contains(support, s.pkg) || strings.HasSuffix(s.file.Name.Name, "_test") {
			continue // tests from outside a package stand above it: they may load the demo city
		}
		for _, im := range s.imports() {
			to, ours := strings.CutPrefix(im, module)
			if !ours || to == s.pkg || part[to] == s.pkg || (part[to] != "" && part[to] == part[s.pkg]) {
				continue
			}
			if slices.Contains(support, to) {
				if !s.test {
					t.Errorf("%s imports %s, which is for tests", s.name, to)
				}
				continue
			}
			if s.test && to == fixture {
				continue
			}
			from, _ := place(s.pkg)
			if target, ok := place(to); part[to] != "" || !ok || target >= from {
				t.Errorf("%s (rank %d) imports %s (rank %d): imports go strictly downward", s.name, from, to, target)
			}
		}
	}
}

func TestLibrariesStayBehindTheirPackage(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || slices.Contains(support, s.pkg) {
			continue
		}
		for _, im := range s.imports() {
			for _, library := range slices.Sorted(maps.Keys(outside)) {
				if strings.HasPrefix(im, library) && !within(s.pkg, outside[library]) {
					t.Errorf("%s imports %s, which only %s may", s.name, im, strings.Join(outside[library], ", "))
				}
			}
		}
	}
}

// gorm belongs to the packages that own tables: not to pure code, nor to pages.
func TestPagesKnowNoTables(t *testing.T) {
	for _, s := range sources(t) {
		r, _ := place(s.pkg)
		if s.test || slices.Contains(support, s.pkg) || (r > rank["fault"] && r < rank["web"]) {
			continue
		}
		for _, im := range s.imports() {
			if strings.HasPrefix(im, "gorm.io/") || (im == "database/sql" && r >= rank["web"]) {
				t.Errorf("%s imports %s: ask the domain package instead", s.name, im)
			}
		}
	}
}

func TestFewAskWhichDatabaseRuns(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || slices.Contains(support, s.pkg) || mayAskEngine[s.pkg] != "" || mayAskEngine[s.name] != "" || !slices.Contains(s.imports(), module+"db") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, _ := sel.X.(*ast.Ident)
			constant := x != nil && x.Name == "db" && (sel.Sel.Name == "SQLite" || sel.Sel.Name == "PostgreSQL")
			if constant || sel.Sel.Name == "Engine" || sel.Sel.Name == "Dialector" {
				t.Errorf("%s asks which database runs; write SQL that both speak", s.set.Position(sel.Pos()))
			}
			return true
		})
	}
}

// within says whether a package is one of these or below one of them.
func within(pkg string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool {
		return pkg == root || strings.HasPrefix(pkg, root+"/") || part[pkg] == root
	})
}
