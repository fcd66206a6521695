package files_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
)

var (
	ofCase = files.Owner{Kind: files.Case, ID: "c1"}
	corner = files.Area{Left: 50_00, Top: 0, Width: 50_00, Height: 25_00} // top right
)

func marked(stem string, n int) string {
	if n > 1 {
		return fmt.Sprintf("%s (black %d)", stem, n)
	}
	return stem + " (black)"
}

// halves is a picture that is white, and red in its top right corner.
func halves() *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 80, 40))
	for y := range 40 {
		for x := range 80 {
			img.Set(x, y, color.White)
			if x >= 40 && y < 10 {
				img.Set(x, y, color.NRGBA{R: 255, A: 255})
			}
		}
	}
	return img
}

func (b *bench) attach(t *testing.T, name string, raw []byte) *files.File {
	t.Helper()
	f, err := b.Add(t.Context(), files.Upload{Owner: ofCase, Name: name, Content: bytes.NewReader(raw), Size: int64(len(raw))})
	require.NoError(t, err)
	return f
}

func (b *bench) content(t *testing.T, id string) []byte {
	t.Helper()
	c, err := b.Open(t.Context(), ofCase, id)
	require.NoError(t, err)
	defer c.Close()
	raw, err := io.ReadAll(c)
	require.NoError(t, err)
	return raw
}

func (b *bench) blacken(t *testing.T, id string, areas ...files.Area) (*files.File, error) {
	t.Helper()
	return b.BlackOut(t.Context(), files.Black{Owner: ofCase, ID: id, Areas: areas, Name: marked})
}

// dark says whether a pixel is black; a photo comes near.
func dark(img image.Image, x, y int) bool {
	r, g, b, a := img.At(x, y).RGBA()
	return max(r, g, b) < 0x0800 && a == 0xffff
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	return b.Bytes()
}

func TestPartsOfAPictureBecomeBlackInANewFile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d, nil)
		was := b.attach(t, "門牌.png", pngOf(t, halves()))
		before := b.content(t, was.ID)
		b.now = b.now.Add(time.Second)
		var told []string
		f, err := b.BlackOut(t.Context(), files.Black{Owner: ofCase, ID: was.ID, Areas: []files.Area{corner}, Name: marked,
			Then: func(_ context.Context, from, made *files.File) error {
				told = append(told, from.Name+" → "+made.Name)
				return nil
			}})
		require.NoError(t, err)
		require.Equal(t, []string{"門牌.png → 門牌 (black).png"}, told)
		require.Equal(t, was.ID, f.MadeFrom)

		img, err := png.Decode(bytes.NewReader(b.content(t, f.ID)))
		require.NoError(t, err)
		require.Equal(t, image.Rect(0, 0, 80, 40), img.Bounds())
		for y := range 40 {
			for x := range 80 {
				require.Equal(t, x >= 40 && y < 10, dark(img, x, y), "%d, %d", x, y)
			}
		}
		require.Equal(t, before, b.content(t, was.ID), "the original stays")
		list, err := b.List(t.Context(), ofCase)
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.Empty(t, list[0].MadeFrom)
		require.Equal(t, was.ID, list[1].MadeFrom)
		var fields string
		require.NoError(t, d.From(t.Context()).Raw("SELECT changes FROM audit_entries WHERE action = 'file.blacked_out' AND object_id = ?", f.ID).Row().Scan(&fields))
		require.Contains(t, fields, was.ID)
	})
}

func TestAPhotoIsBlackWhereItIsLookedAt(t *testing.T) {
	b := newBench(t, dbtest.New(t), nil)
	for turn := uint16(1); turn <= 8; turn++ {
		upright := image.NewNRGBA(image.Rect(0, 0, 80, 48))
		for y := range 48 {
			for x := range 80 {
				upright.Set(x, y, color.White)
				if x >= 48 && y < 16 {
					upright.Set(x, y, color.NRGBA{R: 255, A: 255})
				}
			}
		}
		var coded bytes.Buffer
		require.NoError(t, jpeg.Encode(&coded, stored(upright, turn), &jpeg.Options{Quality: 100}))
		clean := coded.Bytes()
		body := exif(turn)
		raw := append([]byte{0xff, 0xd8, 0xff, 0xe1, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
		was := b.attachTo(t, fmt.Sprint("c", turn), append(raw, clean[2:]...))

		o := files.Owner{Kind: files.Case, ID: fmt.Sprint("c", turn)}
		f, err := b.BlackOut(t.Context(), files.Black{Owner: o, ID: was.ID, Areas: []files.Area{{Left: 60_00, Top: 0, Width: 40_00, Height: 34_00}}, Name: marked})
		require.NoError(t, err)
		c, err := b.Open(t.Context(), o, f.ID)
		require.NoError(t, err)
		made, err := io.ReadAll(c)
		c.Close()
		require.NoError(t, err)
		require.NotContains(t, string(made), "Exif", "turn %d", turn)
		img, err := jpeg.Decode(bytes.NewReader(made))
		require.NoError(t, err)
		require.Equal(t, upright.Bounds(), img.Bounds(), "turn %d", turn)
		for y := range 48 {
			for x := range 80 {
				r, _, bl, _ := img.At(x, y).RGBA()
				require.False(t, r > 0x8000 && bl < 0x6000, "red is left at %d, %d of turn %d", x, y, turn)
			}
		}
		require.True(t, dark(img, 75, 4), "turn %d", turn)
		require.False(t, dark(img, 10, 40), "turn %d", turn)
	}
}

// stored turns a picture into how a camera that was held so keeps it, by the
// words of Exif: which side the first row and the first column show.
func stored(up *image.NRGBA, turn uint16) image.Image {
	w, h := up.Bounds().Dx(), up.Bounds().Dy()
	size := image.Rect(0, 0, w, h)
	if turn >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewNRGBA(size)
	for row := range size.Dy() {
		for col := range size.Dx() {
			at := map[uint16][2]int{ // the first row is, the first column is
				1: {col, row}, 2: {w - 1 - col, row}, // top, left; top, right
				3: {w - 1 - col, h - 1 - row}, 4: {col, h - 1 - row}, // bottom, right; bottom, left
				5: {row, col}, 6: {w - 1 - row, col}, // left, top; right, top
				7: {w - 1 - row, h - 1 - col}, 8: {row, h - 1 - col}, // right, bottom; left, bottom
			}[turn]
			out.Set(col, row, up.At(at[0], at[1]))
		}
	}
	return out
}

func (b *bench) attachTo(t *testing.T, id string, raw []byte) *files.File {
	t.Helper()
	f, err := b.Add(t.Context(), files.Upload{Owner: files.Owner{Kind: files.Case, ID: id}, Name: "照片.jpg", Content: bytes.NewReader(raw), Size: int64(len(raw))})
	require.NoError(t, err)
	return f
}

func TestTheSameAreasAreOneFile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d, nil)
		was := b.attach(t, "a.png", pngOf(t, halves()))
		other := files.Area{Left: 0, Top: 0, Width: 1, Height: 1}
		got := make([]*files.File, 4)
		errs := make([]error, len(got))
		var all sync.WaitGroup
		for i := range got {
			all.Go(func() {
				areas := []files.Area{corner, other}
				if i%2 == 1 {
					areas = []files.Area{other, corner}
				}
				got[i], errs[i] = b.BlackOut(context.Background(), files.Black{Owner: ofCase, ID: was.ID, Areas: areas, Name: marked})
			})
		}
		all.Wait()
		for i := range got {
			require.NoError(t, errs[i])
			require.Equal(t, got[0].ID, got[i].ID)
		}
		require.Len(t, b.blobs(t), 2)
		require.EqualValues(t, 2, b.rows(t))

		next, err := b.blacken(t, was.ID, other)
		require.NoError(t, err)
		require.Equal(t, "a (black 2).png", next.Name)
		again, err := b.blacken(t, next.ID, corner)
		require.NoError(t, err)
		require.Equal(t, "a (black 3).png", again.Name, "named after the first picture")
		require.Equal(t, next.ID, again.MadeFrom)
	})
}

func TestWhatCannotBeBlackedOutIsRefused(t *testing.T) {
	b := newBench(t, dbtest.New(t), nil)
	was := b.attach(t, "a.png", pngOf(t, halves()))
	note := b.attach(t, "a.txt", []byte("abc"))
	_, err := b.blacken(t, note.ID, corner)
	require.Equal(t, fault.NotFound, fault.KindOf(err))
	_, err = b.BlackOut(t.Context(), files.Black{Owner: owner, ID: was.ID, Areas: []files.Area{corner}, Name: marked})
	require.Equal(t, fault.NotFound, fault.KindOf(err), "of another owner")
	key := func(areas ...files.Area) string {
		_, err := b.blacken(t, was.ID, areas...)
		f, ok := fault.As(err)
		require.True(t, ok, "%v", err)
		require.Equal(t, fault.Invalid, f.Kind)
		return f.Fields[0].Key
	}
	require.Equal(t, "files.black.none", key())
	require.Equal(t, "files.black.many", key(make([]files.Area, files.MaxAreas+1)...))
	require.Equal(t, "files.black.nothing", key(files.Area{}))
	require.Equal(t, "files.black.outside", key(files.Area{Left: 60_00, Width: 40_01, Height: 1}))
	require.Equal(t, "files.black.outside", key(files.Area{Top: -1, Width: 1, Height: 1}))

	huge := pngOf(t, image.NewPaletted(image.Rect(0, 0, 10_000, 5_001), color.Palette{color.White}))
	require.Less(t, len(huge), files.MaxSize)
	big := b.attach(t, "big.png", huge)
	_, err = b.blacken(t, big.ID, corner)
	require.Equal(t, fault.Invalid, fault.KindOf(err))
	require.EqualValues(t, 3, b.rows(t), "nothing was made")
	require.Len(t, b.blobs(t), 3)
}

func TestMadeFilesCountApart(t *testing.T) {
	b := newBench(t, dbtest.New(t), nil)
	was := b.attach(t, "a.png", pngOf(t, halves()))
	for i := range files.MaxMade {
		_, err := b.blacken(t, was.ID, files.Area{Left: i, Width: 1, Height: 1})
		require.NoError(t, err)
	}
	_, err := b.blacken(t, was.ID, corner)
	f, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, "files.black.too_many", f.Fields[0].Key)
	for range files.MaxFiles - 1 {
		b.attach(t, "a.txt", []byte("abc"))
	}
	list, err := b.List(t.Context(), ofCase)
	require.NoError(t, err)
	require.Len(t, list, files.MaxFiles+files.MaxMade)
}

func TestNothingIsMadeWithoutItsEntry(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d, nil)
		was := b.attach(t, "a.png", pngOf(t, halves()))
		wrong := errors.New("no")
		_, err := b.BlackOut(t.Context(), files.Black{Owner: ofCase, ID: was.ID, Areas: []files.Area{corner}, Name: marked,
			Then: func(context.Context, *files.File, *files.File) error { return wrong }})
		require.ErrorIs(t, err, wrong)
		require.EqualValues(t, 1, b.rows(t))
		require.Len(t, b.blobs(t), 1)
		_, err = b.blacken(t, was.ID, corner)
		require.NoError(t, err, "it can be asked for again")
	})
}
