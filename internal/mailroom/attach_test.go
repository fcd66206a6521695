package mailroom

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
)

// A file that cannot be taken is named to staff; in a secret case not as its sender
// named it.
func TestWhatIsLeftOutOfASecretCaseIsNotCalledAfterItsSender(t *testing.T) {
	words, err := i18ntest.Words()
	require.NoError(t, err)
	s := &Service{Deps: Deps{Words: words}}
	letter := func(secret bool) *letter {
		return &letter{Lang: "zh-Hant", Secret: secret, Files: []attached{{Name: "王小明.EXE"}}}
	}
	why := words.T("zh-Hant", "files.too_many", i18n.Args{"Count": files.MaxFiles})
	for secret, name := range map[bool]string{false: "王小明.EXE", true: "附件 1.exe"} {
		notes, err := s.attach(t.Context(), nil, letter(secret), 0)
		require.NoError(t, err)
		require.Equal(t, []string{words.T("zh-Hant", "mailroom.left_out", i18n.Args{"Name": name, "Why": why})}, notes)
	}
}
