package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db/dbtest"
	"minqing/internal/files/s3test"
)

func TestAStoreThatDiesTakesNothingThatWasTyped(t *testing.T) {
	at := s3test.New(t)
	w := newTownWith(t, dbtest.New(t), at.Address())
	typed := []string{"kind", "complaint", "title", theTitle, "description", theText}
	at.Spoil(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
	w.upload("經過.txt", strings.Repeat("昨晚九點開始漏水", 1000), typed...)
	require.Equal(t, 422, w.code)
	require.Contains(t, w.body, "「經過.txt」沒有附上：目前無法存取檔案。")
	require.Contains(t, w.body, theTitle)
	at.Spoil(nil)
	require.Empty(t, at.Objects())
	w.upload("經過.txt", "昨晚九點開始漏水", append(typed, "do", "attach")...)
	require.Equal(t, 200, w.code)
	require.Len(t, at.Objects(), 1)
}
