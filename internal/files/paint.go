package files

import (
	"bufio"
	"bytes"
	"errors"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"

	"minqing/internal/fault"
)

// mostPixels is the largest picture that is unpacked, at four bytes a pixel and
// what the decoder needs; one that needs twice as much may have half of them.
const mostPixels = 50_000_000

// blackQuality is that of a photo that is packed once more.
const blackQuality = 92

// Paints says whether parts of a kind of file can be blacked out.
func Paints(media string) bool { return media == jpegFormat.media || media == pngFormat.media }

// blacken gives a picture whose areas are black in its pixels and that holds
// nothing else than pixels. It stands as it is looked at, so that the areas are
// meant as they were drawn.
func blacken(media string, raw []byte, areas []Area) ([]byte, error) {
	turn, most, err := fits(media, raw)
	if errors.Is(err, errPixels) {
		return nil, fault.InvalidInput(fault.Field{Name: "areas", Key: "files.black.pixels", Args: map[string]any{"Count": most / 1_000_000}})
	}
	if err != nil {
		return nil, err
	}
	seen, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, refuse("files.type.broken")
	}
	out := upright(seen, turn)
	for _, a := range areas {
		draw.Draw(out, a.in(out.Bounds()), image.Black, image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if media == jpegFormat.media {
		err = jpeg.Encode(&b, out, &jpeg.Options{Quality: blackQuality})
	} else {
		err = png.Encode(&b, out)
	}
	return b.Bytes(), err
}

// upright copies a picture to pixels of its own, turned as its camera was held
// (Exif 2.3, tag 0x0112).
func upright(src image.Image, turn uint16) draw.Image {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	if turn <= 1 || turn > 8 {
		return flat(src)
	}
	if turn >= 5 {
		w, h = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			sx, sy := whence(turn, x, y, w-1, h-1)
			out.Set(x, y, src.At(b.Min.X+sx, b.Min.Y+sy))
		}
	}
	return out
}

// whence is where the pixel x, y of the upright picture lies in the stored one;
// right and bottom are the last of the upright one.
func whence(turn uint16, x, y, right, bottom int) (sx, sy int) {
	switch turn {
	case 2:
		return right - x, y
	case 3:
		return right - x, bottom - y
	case 4:
		return x, bottom - y
	case 5:
		return y, x
	case 6:
		return y, right - x
	case 7:
		return bottom - y, right - x
	case 8:
		return bottom - y, x
	}
	return x, y
}

// flat gives pixels that can be painted on.
func flat(src image.Image) draw.Image {
	switch own := src.(type) {
	case *image.NRGBA:
		return own
	case *image.RGBA:
		return own
	}
	b := src.Bounds()
	var out draw.Image = image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	if solid, ok := src.(interface{ Opaque() bool }); ok && solid.Opaque() {
		out = image.NewRGBA(out.Bounds())
	}
	draw.Draw(out, out.Bounds(), src, b.Min, draw.Src)
	return out
}

// jpegTurn tells how the camera was held, and whether the picture is unpacked
// as a whole before its pixels are made (progressive).
func jpegTurn(raw []byte) (turn uint16, whole bool) {
	in := bufio.NewReader(bytes.NewReader(raw))
	marker, err := nextMarker(in)
	for err == nil && marker != jpegSOS && marker != jpegEOI {
		if marker == jpegSOI {
			marker, err = nextMarker(in)
			continue
		}
		var body []byte
		if body, err = segment(in); err != nil {
			break
		}
		if marker == jpegAPP0+1 && turn == 0 {
			turn = orientation(body)
		}
		whole = whole || marker == jpegSOF2
		marker, err = nextMarker(in)
	}
	return turn, whole
}

// readAll reads a content of ours, which is never larger than what was taken in.
func readAll(c *Content) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(min(max(c.Size, 0), MaxSize)))
	_, err := io.Copy(&b, c)
	return b.Bytes(), err
}
