package files

import (
	"path"
	"strings"

	"minqing/internal/i18n"
)

// Neutral names the file that came as the number-th of its case, counted from
// one, where its own name might tell who sent it. Only the extension is kept.
func Neutral(words *i18n.Bundle, lang i18n.Lang, number int, name string) string {
	return words.T(lang, "files.neutral", i18n.Args{"Number": number}) + strings.ToLower(path.Ext(name))
}
