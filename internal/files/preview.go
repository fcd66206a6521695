package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"io"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// A preview is a picture of one size, whatever the shape of the file's: it stands
// in the middle of a quiet ground, so that pages do not jump while it comes.
const (
	PreviewWidth  = 160 // CSS pixels; the picture has twice as many each way
	PreviewHeight = 120

	previewDense   = 2
	previewQuality = 80
	previewSamples = 3 // each way, for one pixel
	previewSeal    = "/preview"
)

var previewGround = color.RGBA{0xf4, 0xf6, 0xf7, 0xff} // the panel of LOOK

// PreviewFor is Preview for staff: a small picture shows what the large one does, so
// their look goes into the log of reads before it is sent, once for all pictures
// that a page shows of a thing.
func (s *Service) PreviewFor(ctx context.Context, b Belongs, o Owner, id string) ([]byte, error) {
	small, err := s.Preview(ctx, o, id)
	if err != nil {
		return nil, err
	}
	return small, s.audit.ReadOnce(ctx, b.Kind, b.No, "preview")
}

// Preview gives the small picture of an attached one, as JPEG that holds nothing
// but pixels. It is made the first time that somebody asks and kept sealed. What
// is no picture, or cannot be unpacked, has none.
func (s *Service) Preview(ctx context.Context, o Owner, id string) ([]byte, error) {
	r, err := s.find(ctx, o, id)
	if err != nil {
		return nil, err
	}
	if !Paints(r.MediaType) {
		return nil, errNoPreview
	}
	if small, there, err := s.preview(ctx, r); err != nil || there {
		return small, err
	}
	select { // one picture is unpacked at a time
	case s.paints <- struct{}{}:
		defer func() { <-s.paints }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if small, there, err := s.preview(ctx, r); err != nil || there {
		return small, err
	}
	return s.makePreview(ctx, o, r)
}

var errNoPreview = fault.New(fault.NotFound, "files.missing")

// preview opens the one that is kept; there says whether it was tried at all.
func (s *Service) preview(ctx context.Context, r *row) (small []byte, there bool, err error) {
	var kept []struct {
		Suite  string
		Sealed []byte
	}
	if err := s.db.From(ctx).Raw("SELECT suite, sealed FROM file_previews WHERE file_id = ?", r.ID).Scan(&kept).Error; err != nil {
		return nil, false, fmt.Errorf("look for a preview: %w", db.Fault(err, "", ""))
	}
	if len(kept) == 0 {
		return nil, false, nil
	}
	if len(kept[0].Sealed) == 0 {
		return nil, true, errNoPreview
	}
	key, err := s.vault.Open(ctx, purposeKey, r.KeyCipher)
	if err != nil {
		return nil, true, fmt.Errorf("unwrap the file's key: %w", err)
	}
	plain, err := unseal(bytes.NewReader(kept[0].Sealed), kept[0].Suite, key, r.ID+previewSeal)
	if err != nil {
		return nil, true, err
	}
	small, err = io.ReadAll(plain)
	if err != nil {
		return nil, true, fmt.Errorf("open the preview: %w", err)
	}
	return small, true, nil
}

// makePreview unpacks the picture once, and keeps also that it could not.
func (s *Service) makePreview(ctx context.Context, o Owner, r *row) ([]byte, error) {
	c, err := s.Open(ctx, o, r.ID)
	if err != nil {
		return nil, err
	}
	raw, err := readAll(c)
	_ = c.Close()
	if err != nil {
		return nil, fmt.Errorf("read the picture: %w", err)
	}
	small, err := reduce(r.MediaType, raw)
	var sealed bytes.Buffer
	if _, ours := fault.As(err); err != nil && !ours {
		return nil, err
	}
	if err == nil {
		key, bad := s.vault.Open(ctx, purposeKey, r.KeyCipher)
		if bad != nil {
			return nil, fmt.Errorf("unwrap the file's key: %w", bad)
		}
		if bad := seal(&sealed, key, r.ID+previewSeal, func(w io.Writer) error { _, err := w.Write(small); return err }); bad != nil {
			return nil, bad
		}
	}
	kept := s.db.Tx(ctx, func(ctx context.Context) error {
		res := s.db.From(ctx).Exec("INSERT INTO file_previews (file_id, suite, sealed, made_at) VALUES (?, ?, ?, ?) ON CONFLICT (file_id) DO NOTHING",
			r.ID, suite, sealed.Bytes(), s.now().UTC())
		if res.Error != nil || res.RowsAffected == 0 {
			return res.Error
		}
		return s.audit.Record(ctx, audit.Entry{Action: "file.preview_made", Kind: "file", ID: r.ID})
	})
	if kept != nil {
		return nil, fmt.Errorf("keep the preview: %w", db.Fault(kept, "", ""))
	}
	if err != nil {
		return nil, errNoPreview
	}
	return small, nil
}

// fits looks at what a picture says of its size before anything is unpacked.
func fits(media string, raw []byte) (turn uint16, most int64, err error) {
	turn, heavy := uint16(1), false
	if media == jpegFormat.media {
		turn, heavy = jpegTurn(raw)
	}
	shape, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return turn, 0, refuse("files.type.broken")
	}
	if shape.ColorModel == color.NRGBA64Model || shape.ColorModel == color.RGBA64Model || shape.ColorModel == color.Gray16Model {
		heavy = true
	}
	most = mostPixels
	if heavy {
		most /= 2
	}
	if int64(shape.Width)*int64(shape.Height) > most {
		return turn, most, errPixels
	}
	return turn, most, nil
}

var errPixels = errors.New("files: too many pixels")

// reduce makes the small picture, as it is looked at.
func reduce(media string, raw []byte) ([]byte, error) {
	turn, _, err := fits(media, raw)
	if err != nil {
		return nil, refuse("files.type.broken")
	}
	src, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil || src.Bounds().Empty() {
		return nil, refuse("files.type.broken")
	}
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	if turn >= 5 && turn <= 8 {
		w, h = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, PreviewWidth*previewDense, PreviewHeight*previewDense))
	draw.Draw(out, out.Bounds(), image.NewUniform(previewGround), image.Point{}, draw.Src)
	one := shrinking{src, turn, w, h, centred(w, h, out.Bounds())}
	for y := one.at.Min.Y; y < one.at.Max.Y; y++ {
		for x := one.at.Min.X; x < one.at.Max.X; x++ {
			out.SetRGBA(x, y, one.mean(x-one.at.Min.X, y-one.at.Min.Y))
		}
	}
	var small bytes.Buffer
	if err := jpeg.Encode(&small, out, &jpeg.Options{Quality: previewQuality}); err != nil {
		return nil, fmt.Errorf("pack the preview: %w", err)
	}
	return small.Bytes(), nil
}

// centred is where a picture stands in a frame: whole, and not larger than it is.
func centred(w, h int, frame image.Rectangle) image.Rectangle {
	wide, high := w, h
	if wide > frame.Dx() || high > frame.Dy() {
		wide, high = frame.Dx(), max(1, h*frame.Dx()/w)
		if high > frame.Dy() {
			wide, high = max(1, w*frame.Dy()/h), frame.Dy()
		}
	}
	left, top := (frame.Dx()-wide)/2, (frame.Dy()-high)/2
	return image.Rect(left, top, left+wide, top+high)
}

// shrinking is a picture, how it is turned, its sides when it is upright, and
// where it will stand.
type shrinking struct {
	src  image.Image
	turn uint16
	w, h int
	at   image.Rectangle
}

// mean is the colour of one pixel of the preview: of a few of the picture's that
// it covers, on the ground where they are clear.
func (p shrinking) mean(x, y int) color.RGBA {
	const n = previewSamples
	b := p.src.Bounds()
	var sum [4]uint32
	for j := range n {
		for i := range n {
			px, py := (x*n+i)*p.w/(p.at.Dx()*n), (y*n+j)*p.h/(p.at.Dy()*n)
			sx, sy := whence(p.turn, px, py, p.w-1, p.h-1)
			r, g, bl, a := p.src.At(b.Min.X+sx, b.Min.Y+sy).RGBA()
			for k, v := range [4]uint32{r, g, bl, a} {
				sum[k] += v
			}
		}
	}
	over := func(k int, ground uint8) uint8 {
		clear := 0xffff - sum[3]/(n*n)
		return uint8(min(0xff, (sum[k]/(n*n)+clear*uint32(ground)/0xff)>>8)) //nolint:gosec // at most 255
	}
	return color.RGBA{over(0, previewGround.R), over(1, previewGround.G), over(2, previewGround.B), 0xff}
}
