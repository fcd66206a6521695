package notify

import (
	"strings"
	"unicode/utf16"
)

// How many units a text message has: alone, and in each part of a longer one,
// which carries a header (3GPP TS 23.040). Carriers count and bill the parts.
const (
	sevenAlone, sevenPart = 160, 153
	wideAlone, widePart   = 70, 67
)

// The letters of the alphabet of seven bits (3GPP TS 23.038); those of the second
// row take two places.
const (
	seven       = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	sevenEscape = "^{}\\[~]|€\f"
)

// Segments says how many characters a text message has and in how many parts it
// travels. One character outside the alphabet of seven bits makes all of them
// wide.
func Segments(text string) (characters, parts int) {
	units, wide := 0, false
	for _, r := range text {
		characters++
		switch {
		case strings.ContainsRune(seven, r):
			units++
		case strings.ContainsRune(sevenEscape, r):
			units += 2
		default:
			wide = true
		}
	}
	alone, part := sevenAlone, sevenPart
	if wide {
		units, alone, part = len(utf16.Encode([]rune(text))), wideAlone, widePart
	}
	if units <= alone {
		return characters, min(units, 1)
	}
	return characters, (units + part - 1) / part
}
