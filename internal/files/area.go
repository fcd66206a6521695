package files

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"slices"
	"strings"

	"minqing/internal/fault"
)

// Whole is the side of a picture in the unit of an Area: hundredths of a percent.
const Whole = 100_00

// MaxAreas is how many parts of one picture are blacked out at once.
const MaxAreas = 50

// Area is a part of a picture as it is looked at, in hundredths of a percent of
// its width and height.
type Area struct{ Left, Top, Width, Height int }

// Check says what is wrong with an area by its side, "" for nothing.
func (a Area) Check() (side, key string) {
	switch {
	case a.Left < 0 || a.Left >= Whole:
		return "left", "files.black.outside"
	case a.Top < 0 || a.Top >= Whole:
		return "top", "files.black.outside"
	case a.Width <= 0:
		return "width", "files.black.nothing"
	case a.Height <= 0:
		return "height", "files.black.nothing"
	case a.Width > Whole-a.Left:
		return "width", "files.black.outside"
	case a.Height > Whole-a.Top:
		return "height", "files.black.outside"
	}
	return "", ""
}

// in gives the pixels that an area touches.
func (a Area) in(b image.Rectangle) image.Rectangle {
	down := func(part, side int) int { return part * side / Whole }
	up := func(part, side int) int { return (part*side + Whole - 1) / Whole }
	return image.Rect(down(a.Left, b.Dx()), down(a.Top, b.Dy()), up(a.Left+a.Width, b.Dx()), up(a.Top+a.Height, b.Dy())).Add(b.Min)
}

// checkAreas is the last look before anything is made; pages say more about
// which field is wrong.
func checkAreas(areas []Area) error {
	switch {
	case len(areas) == 0:
		return fault.InvalidInput(fault.Field{Name: "areas", Key: "files.black.none"})
	case len(areas) > MaxAreas:
		return fault.InvalidInput(fault.Field{Name: "areas", Key: "files.black.many", Args: map[string]any{"Count": MaxAreas}})
	}
	for _, a := range areas {
		if _, key := a.Check(); key != "" {
			return fault.InvalidInput(fault.Field{Name: "areas", Key: key})
		}
	}
	return nil
}

// sumOf names a set of areas, in whatever order they were drawn.
func sumOf(areas []Area) string {
	lines := make([]string, 0, len(areas))
	for _, a := range areas {
		lines = append(lines, fmt.Sprint(a.Left, a.Top, a.Width, a.Height))
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(lines), "\n")))
	return hex.EncodeToString(sum[:])
}
