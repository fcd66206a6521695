package document

import (
	"bytes"
	"fmt"

	qr "github.com/piglig/go-qr"
)

const (
	codeSide   = 108.0 // of the square with its quiet zone, at least
	codeModule = 1.6   // of a module, at least: 0.56 mm, which a phone reads from paper
	codeQuiet  = 4     // modules around the code, as ISO/IEC 18004 asks
	codeLong   = 200   // bytes, from which a code mends less, so that its modules stay few
)

// sideOf is how wide a code is drawn, with its quiet zone.
func sideOf(code *qr.QrCode) float64 {
	return max(codeSide, codeModule*float64(code.Size()+2*codeQuiet))
}

// Code draws a QR code at the left with words beside it. It is drawn, not a
// picture: it stays sharp at any size, and the file holds no second copy.
func (p *PDF) Code(content, words string) error {
	mends := qr.Medium
	if len(content) >= codeLong {
		mends = qr.Low
	}
	code, err := qr.EncodeText(content, mends)
	if err != nil {
		return fmt.Errorf("draw a QR code: %w", err)
	}
	wide := sideOf(code)
	rows := p.rows(words, look{size: 10.5}, wide+12, textWidth-wide-12)
	tall := 0.0
	for i := range rows {
		tall += rows[i].height
	}
	rows[0].above, rows[0].code = 10, code
	if rest := wide - tall; rest > 0 {
		rows = append(rows, row{height: rest})
	}
	p.place(rows, len(rows))
	return nil
}

// drawCode paints the dark modules, each run of a line as one rectangle, on white.
func drawCode(w *bytes.Buffer, code *qr.QrCode, top float64) {
	n := code.Size()
	wide := sideOf(code)
	side := wide / float64(n+2*codeQuiet)
	fmt.Fprintf(w, "1 g %s %s %s %s re f\n0 g\n", num(margin), num(top-wide), num(wide), num(wide))
	for y := range n {
		for x := 0; x < n; x++ {
			from := x
			for x < n && code.Module(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(w, "%s %s %s %s re\n", fine(margin+side*float64(from+codeQuiet)), fine(top-side*float64(y+1+codeQuiet)), fine(side*float64(x-from)), fine(side))
			}
		}
	}
	w.WriteString("f\n")
}

// fine is num for edges that must meet.
func fine(x float64) string { return fmt.Sprintf("%.4f", x) }
