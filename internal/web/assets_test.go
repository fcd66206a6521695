package web_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/web"
)

var (
	namesIcon  = regexp.MustCompile(`\bicon "([a-z0-9-]+)"|\bIcon:\s*"([a-z0-9-]+)"`)
	unpolicied = regexp.MustCompile(`<[^>]*\s(style|on[a-z]+)="|<script(?:>| [^>]*>)[^<]*\S[^<]*</script>|<style`)
)

func TestEveryIconThatIsNamedIsInTheSprite(t *testing.T) {
	sprite, err := os.ReadFile("../../static/dist/icons.svg")
	require.NoError(t, err)
	sources(t, func(name, text string) {
		for _, hit := range namesIcon.FindAllStringSubmatch(text, -1) {
			icon := hit[1] + hit[2]
			if !strings.Contains(string(sprite), `<symbol id="`+icon+`"`) {
				t.Errorf("%s: no icon %q; run make assets", name, icon)
			}
		}
	})
}

func TestNoTemplateBreaksTheContentSecurityPolicy(t *testing.T) {
	sources(t, func(name, text string) {
		if strings.HasSuffix(name, ".html") && !strings.Contains(name, "templates/mail/") && unpolicied.MatchString(text) {
			t.Errorf("%s has inline style or script: %s", name, unpolicied.FindString(text))
		}
	})
}

func TestTheStylesNameNoOneElsesFontOrEmblem(t *testing.T) {
	css, err := os.ReadFile("../../static/dist/app.css")
	require.NoError(t, err)
	for _, word := range []string{"GDS Transport", "crown", "@font-face", "url("} {
		require.False(t, strings.Contains(strings.ToLower(string(css)), strings.ToLower(word)), word)
	}
}

var styled = regexp.MustCompile(`(?m)^\.(mq-[a-z0-9_-]+)`)

// Two parts of the house once called different things by one name, and the
// later rule bent the page of the other.
func TestAClassIsStyledInOnePlace(t *testing.T) {
	files, err := filepath.Glob("../../static/src/scss/_*.scss")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	home := map[string]string{}
	for _, file := range files {
		name := filepath.Base(file)
		if name == "_print.scss" || name == "_large.scss" { // they change what is elsewhere
			continue
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, hit := range styled.FindAllStringSubmatch(string(text), -1) {
			if was := home[hit[1]]; was != "" && was != name {
				t.Errorf("%s is styled in %s and in %s", hit[1], was, name)
			}
			home[hit[1]] = name
		}
	}
}

// sources visits templates and the Go code that is not test code.
func sources(t *testing.T, visit func(name, text string)) {
	t.Helper()
	for _, dir := range []string{"../../templates", "../../internal"} {
		err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			wanted := strings.HasSuffix(name, ".html") || (strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"))
			if err != nil || d.IsDir() || !wanted {
				return err
			}
			text, err := os.ReadFile(name)
			visit(filepath.ToSlash(name), string(text))
			return err
		})
		require.NoError(t, err)
	}
}

// The worker of an inspection may reach no further than the cases of the desk, and no
// other file may become a worker of any page.
func TestOneWorkerAndItsReach(t *testing.T) {
	assets, err := web.NewAssets(os.DirFS("../.."))
	require.NoError(t, err)
	list, err := os.ReadDir("../../static/dist")
	require.NoError(t, err)
	for _, file := range list {
		name := file.Name()
		at, err := assets.URL(name)
		require.NoError(t, err)
		w := httptest.NewRecorder()
		assets.ServeHTTP(w, httptest.NewRequest(http.MethodHead, at, http.NoBody))
		want := ""
		if name == "inspection-worker.js" {
			want = "/desk/cases/"
		}
		require.Equal(t, want, w.Header().Get("Service-Worker-Allowed"), name)
	}
}
