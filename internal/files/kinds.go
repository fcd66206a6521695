package files

import (
	"slices"
	"strings"

	"minqing/internal/i18n"
)

// Kind is a group of formats that a paper may be wanted in.
type Kind string

// The kinds.
const (
	PDF     Kind = "pdf"
	Image   Kind = "image"
	Drawing Kind = "drawing"
)

// Kinds are all of them, in the order in which they are named to people.
var Kinds = []Kind{PDF, Image, Drawing}

var kindFormats = map[Kind][]*format{
	PDF:     {pdfFormat},
	Image:   {jpegFormat, pngFormat, webpFormat},
	Drawing: {dwgFormat, dxfFormat},
}

// AcceptOf is the value for the accept attribute of an input for these kinds, of
// one for any where there are none.
func AcceptOf(kinds []Kind) string {
	if len(kinds) == 0 {
		return Accept
	}
	var all []string
	for _, k := range Kinds {
		if slices.Contains(kinds, k) {
			for _, f := range kindFormats[k] {
				all = append(all, f.extensions...)
			}
		}
	}
	return strings.Join(all, ",")
}

// allowed says whether a format is among the kinds that are wanted; where none are
// named, any is.
func (f *format) allowed(kinds []Kind) bool {
	return len(kinds) == 0 || slices.ContainsFunc(kinds, func(k Kind) bool { return slices.Contains(kindFormats[k], f) })
}

// KindWords name some kinds.
func KindWords(kinds []Kind) i18n.Phrase {
	key := "files.kinds"
	for _, k := range Kinds {
		if slices.Contains(kinds, k) {
			key += "." + string(k)
		}
	}
	return i18n.Phrase{Key: key}
}
