package idcode

import (
	"slices"
	"strings"
	"unicode"
)

// areaEnds are the last characters of the names of provinces, cities,
// districts, townships and villages, in both scripts.
const areaEnds = "省市州盟區区縣县旗鄉乡鎮镇村里"

// streetEnds are the characters from which an address is more precise than a
// mask may show.
const streetEnds = "路街巷弄號号段棟栋樓楼室"

// MaskAddress keeps an address down to district, township or village and hides
// the rest: 臨江市東山區***. Of an address in Latin letters only the names
// of areas stay: ***, Dongshan District.
func MaskAddress(address string) string {
	runes := []rune(strings.TrimSpace(address))
	if len(runes) == 0 {
		return ""
	}
	end := 0
	for i, r := range runes {
		if strings.ContainsRune("街", r) && i+1 < len(runes) && runes[i+1] == '道' {
			end = i + 2 // 街道 is an area, 街 alone a street
			break
		}
		if unicode.IsDigit(r) || strings.ContainsRune(streetEnds, r) {
			break
		}
		if i > 0 && strings.ContainsRune(areaEnds, r) {
			end = i + 1
		}
	}
	switch {
	case end == len(runes):
		return string(runes)
	case end > 0:
		return string(runes[:end]) + hidden
	}
	return maskLatinAddress(string(runes))
}

var latinAreas = []string{"district", "county", "city", "province", "town", "township", "village", "borough"}

// maskLatinAddress keeps the parts between commas that end in the name of a
// kind of area and hold no digit.
func maskLatinAddress(address string) string {
	var kept []string
	for part := range strings.SplitSeq(address, ",") {
		words := strings.Fields(strings.ToLower(part))
		if len(words) > 0 && slices.Contains(latinAreas, words[len(words)-1]) && !strings.ContainsFunc(part, unicode.IsDigit) {
			kept = append(kept, strings.TrimSpace(part))
		}
	}
	if len(kept) == 0 {
		return hidden
	}
	return hidden + ", " + strings.Join(kept, ", ")
}
