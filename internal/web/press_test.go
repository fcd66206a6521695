package web

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
)

// Every template can be shown, and is quick: a construct that press does not know
// would send its page, and all that call it, to the slow way without a word.
func TestNoTemplateIsLeftToTheSlowWay(t *testing.T) {
	views := everyView(t)
	for _, name := range names(t, views) {
		for _, l := range i18n.Langs {
			set, err := views.set(l, name)
			require.NoError(t, err)
			require.Empty(t, set.Left(), name)
		}
	}
}

// The first reader of a page in a language waits for this.
func BenchmarkMakingEveryTemplate(b *testing.B) {
	views := everyView(b)
	all := names(b, views)
	for b.Loop() {
		for _, name := range all {
			_, err := views.bind(i18n.ZhHant, name)
			require.NoError(b, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(all)), "µs/template")
}

func everyView(t testing.TB) *Views {
	files := os.DirFS("../..")
	words, err := i18ntest.Words()
	require.NoError(t, err)
	assets, err := NewAssets(files)
	require.NoError(t, err)
	return newViews(Options{Files: files, Bundle: words, Default: i18n.En}, assets)
}

// names are those of all templates of pages and of their parts.
func names(t testing.TB, v *Views) (all []string) {
	require.NoError(t, fs.WalkDir(v.files, "templates", func(file string, d fs.DirEntry, err error) error {
		if err == nil && path.Ext(file) == ".html" && !strings.HasPrefix(file, "templates/mail/") {
			name := strings.TrimPrefix(strings.TrimSuffix(strings.TrimPrefix(file, "templates/"), ".html"), "layout/")
			require.Equal(t, file, viewFile(name))
			all = append(all, name)
		}
		return err
	}))
	return all
}
