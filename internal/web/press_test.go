package web

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/i18n"
)

// Every template is quick: a construct that press does not know would send its
// page, and all that call it, back to the slow way without a word.
func TestNoTemplateIsLeftToTheSlowWay(t *testing.T) {
	files := os.DirFS("../..")
	words, err := i18n.Load(files)
	require.NoError(t, err)
	assets, err := NewAssets(files)
	require.NoError(t, err)
	views, err := newViews(Options{Files: files, Bundle: words, Default: i18n.En}, assets)
	require.NoError(t, err)
	for l, set := range views.sets {
		require.Empty(t, set.Left(), l)
	}
}

// The start of a server waits for this.
func BenchmarkParsingEveryTemplate(b *testing.B) {
	files := os.DirFS("../..")
	words, err := i18n.Load(files)
	require.NoError(b, err)
	assets, err := NewAssets(files)
	require.NoError(b, err)
	for b.Loop() {
		_, err := newViews(Options{Files: files, Bundle: words, Default: i18n.En}, assets)
		require.NoError(b, err)
	}
}
