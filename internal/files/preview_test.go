package files_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
)

func packed(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	return b.Bytes()
}

func near(t testing.TB, img image.Image, x, y int, want color.RGBA, what string) {
	t.Helper()
	r, g, b, _ := img.At(x, y).RGBA()
	for i, got := range []uint32{r >> 8, g >> 8, b >> 8} {
		require.InDelta(t, []uint8{want.R, want.G, want.B}[i], got, 12, "%s at %d,%d", what, x, y)
	}
}

func TestAPreviewIsMadeOnceAndShowsThePicture(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d, nil)
		big := image.NewNRGBA(image.Rect(0, 0, 1600, 400)) // red on the left, clear on the right
		for y := range 400 {
			for x := range 800 {
				big.Set(x, y, color.NRGBA{R: 255, A: 255})
			}
		}
		f := b.attach(t, "a.png", packed(t, big))
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				_, err := b.Preview(t.Context(), ofCase, f.ID)
				require.NoError(t, err)
			})
		}
		group.Wait()
		small, err := b.Preview(t.Context(), ofCase, f.ID)
		require.NoError(t, err)
		img, err := jpeg.Decode(bytes.NewReader(small))
		require.NoError(t, err)
		require.Equal(t, image.Rect(0, 0, 2*files.PreviewWidth, 2*files.PreviewHeight), img.Bounds())
		ground := color.RGBA{0xf4, 0xf6, 0xf7, 0xff}
		near(t, img, 80, 120, color.RGBA{R: 255}, "the picture")
		near(t, img, 240, 120, ground, "what is clear")
		near(t, img, 80, 10, ground, "above it")
		var rows, entries int
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM file_previews").Scan(&rows).Error)
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM audit_entries WHERE action = 'file.preview_made'").Scan(&entries).Error)
		require.Equal(t, []int{1, 1}, []int{rows, entries})
		var sealed []byte
		require.NoError(t, d.From(t.Context()).Raw("SELECT sealed FROM file_previews").Row().Scan(&sealed))
		require.NotContains(t, string(sealed), "JFIF")
		require.NotContains(t, string(sealed), string(small[20:60]))

		require.NoError(t, d.From(t.Context()).Exec("UPDATE file_previews SET sealed = ?", append(sealed[:len(sealed)-1], sealed[len(sealed)-1]^1)).Error)
		_, err = b.Preview(t.Context(), ofCase, f.ID)
		require.Error(t, err, "what was tampered with is not shown")

		require.NoError(t, b.Remove(t.Context(), ofCase, f.ID))
		_, err = b.Preview(t.Context(), ofCase, f.ID)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		require.NoError(t, b.Sweep(t.Context()))
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM file_previews").Scan(&rows).Error)
		require.Zero(t, rows)
	})
}

func TestAPreviewTellsNothingButPixels(t *testing.T) {
	b := newBench(t, dbtest.New(t), nil)
	f := b.attach(t, "a.png", packed(t, halves()))
	small, err := b.Preview(t.Context(), ofCase, f.ID)
	require.NoError(t, err)
	require.NotContains(t, string(small), "Exif")
	img, err := jpeg.Decode(bytes.NewReader(small))
	require.NoError(t, err)
	near(t, img, 160+20, 120-17, color.RGBA{R: 255}, "a small one is not blown up")
	near(t, img, 160-20, 120-17, color.RGBA{255, 255, 255, 255}, "its left")
	_, err = b.Preview(t.Context(), files.Owner{Kind: files.Case, ID: "c2"}, f.ID)
	require.Equal(t, fault.NotFound, fault.KindOf(err), "of another case")
	text := b.attach(t, "a.txt", []byte("hello"))
	_, err = b.Preview(t.Context(), ofCase, text.ID)
	require.Equal(t, fault.NotFound, fault.KindOf(err), "no picture")
}

// bomb says in its header that it is larger than it is.
func bomb(t testing.TB, w, h uint32) []byte {
	raw := packed(t, halves())
	binary.BigEndian.PutUint32(raw[16:], w)
	binary.BigEndian.PutUint32(raw[20:], h)
	binary.BigEndian.PutUint32(raw[29:], crc32.ChecksumIEEE(raw[12:29]))
	return raw
}

func TestAPictureThatIsTooLargeIsNeverUnpacked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d, nil)
		for _, raw := range [][]byte{bomb(t, 60_000, 60_000), bomb(t, 7_100, 7_100), bomb(t, 90, 50)} {
			f := b.attach(t, "a.png", raw)
			for range 2 {
				_, err := b.Preview(t.Context(), ofCase, f.ID)
				require.Equal(t, fault.NotFound, fault.KindOf(err))
			}
			var sealed []byte
			require.NoError(t, d.From(t.Context()).Raw("SELECT sealed FROM file_previews WHERE file_id = ?", f.ID).Row().Scan(&sealed))
			require.Empty(t, sealed, "that it has none is kept")
		}
	})
}
