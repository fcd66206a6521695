package desk

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"minqing/internal/fault"
	"minqing/internal/files"
)

// sides are the four numbers of a part, in the order in which they are asked for.
var sides = [4]string{"left", "top", "width", "height"}

// typedPart is a part of a picture as it was typed, in percent.
type typedPart [4]string

func (p typedPart) empty() bool { return p == typedPart{} }

var (
	partName = regexp.MustCompile(`^(left|top|width|height)-([1-9][0-9]{0,2})$`)
	percent  = regexp.MustCompile(`^([0-9]{1,3})(?:[.,]([0-9]{1,2}))?%?$`)
)

// readParts takes the parts from a form, in the order of their numbers and
// without those that were left empty.
func readParts(form url.Values) []typedPart {
	rows := map[int]typedPart{}
	for name, values := range form {
		m := partName.FindStringSubmatch(name)
		if m == nil || len(values) == 0 {
			continue
		}
		no, err := strconv.Atoi(m[2])
		if err != nil {
			continue
		}
		row := rows[no]
		row[slices.Index(sides[:], m[1])] = strings.TrimSpace(strings.ToValidUTF8(values[0], ""))
		rows[no] = row
	}
	var out []typedPart
	for no := range 1000 {
		if row := rows[no]; !row.empty() {
			out = append(out, row)
		}
	}
	return out
}

// areasOf turns what was typed into areas. Errors name the field of the part,
// which is the how-manieth that is not empty.
func areasOf(parts []typedPart) (areas []files.Area, err error) {
	var wrong []fault.Field
	for i, p := range parts {
		a, bad := p.area()
		for _, f := range bad {
			f.Name = sideName(f.Name, i+1)
			wrong = append(wrong, f)
		}
		areas = append(areas, a)
	}
	if len(parts) > files.MaxAreas {
		wrong = append(wrong, fault.Field{Name: sideName("left", files.MaxAreas+1), Key: "files.black.many", Args: map[string]any{"Count": files.MaxAreas}})
	}
	if len(parts) == 0 {
		wrong = append(wrong, fault.Field{Name: sideName("left", 1), Key: "files.black.none"})
	}
	if len(wrong) > 0 {
		return nil, fault.InvalidInput(wrong...)
	}
	return areas, nil
}

func sideName(side string, no int) string { return side + "-" + strconv.Itoa(no) }

// area reads the four numbers of a part.
func (p typedPart) area() (files.Area, []fault.Field) {
	var n [4]int
	var wrong []fault.Field
	for i, s := range p {
		var ok bool
		switch n[i], ok = hundredths(s); {
		case s == "":
			wrong = append(wrong, fault.Field{Name: sides[i], Key: "desk.black.number.required"})
		case !ok:
			wrong = append(wrong, fault.Field{Name: sides[i], Key: "desk.black.number"})
		}
	}
	a := files.Area{Left: n[0], Top: n[1], Width: n[2], Height: n[3]}
	if len(wrong) > 0 {
		return a, wrong
	}
	if side, key := a.Check(); key != "" {
		wrong = append(wrong, fault.Field{Name: side, Key: key})
	}
	return a, wrong
}

// hundredths reads a percentage, also one in full-width digits.
func hundredths(s string) (int, bool) {
	m := percent.FindStringSubmatch(norm.NFKC.String(s))
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1] + (m[2] + "00")[:2])
	return n, err == nil && n <= files.Whole
}
