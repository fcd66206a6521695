package files_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/fault"
	"minqing/internal/files"
)

const secret = "GPS 25.0330N 121.5654E Wang Xiaoming"

func picture() image.Image {
	img := image.NewRGBA(image.Rect(0, 0, 40, 30))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = byte(r.UintN(256))
	}
	img.Set(0, 0, color.RGBA{R: 255, A: 255})
	return img
}

// exif is an Exif body with an orientation and a description.
func exif(turn uint16) []byte {
	b := []byte("Exif\x00\x00II\x2a\x00\x08\x00\x00\x00\x02\x00")
	b = append(b, "\x0e\x01\x02\x00"...) // ImageDescription
	b = binary.LittleEndian.AppendUint32(b, uint32(len(secret)))
	b = binary.LittleEndian.AppendUint32(b, 38)
	b = append(b, "\x12\x01\x03\x00\x01\x00\x00\x00"...) // Orientation
	b = binary.LittleEndian.AppendUint16(b, turn)
	b = append(b, 0, 0, 0, 0, 0, 0)
	return append(b, secret...)
}

// jpegPicture has segments of every kind that tells something.
func jpegPicture(t testing.TB, turn uint16) (raw, clean []byte) {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, picture(), nil))
	clean = b.Bytes()
	segment := func(marker byte, body []byte) []byte {
		out := []byte{0xff, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}
		return append(out, body...)
	}
	raw = append(raw, clean[:2]...)
	raw = append(raw, segment(0xe1, exif(turn))...)
	raw = append(raw, segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00"+secret))...)
	raw = append(raw, segment(0xed, []byte("Photoshop 3.0\x00"+secret))...)
	raw = append(raw, segment(0xfe, []byte(secret))...)
	raw = append(raw, segment(0xe2, []byte("MPF\x00"+secret))...)
	raw = append(raw, segment(0xe2, []byte("ICC_PROFILE\x00colours"))...)
	raw = append(raw, clean[2:]...)
	return append(raw, secret...), clean // a hidden film after the end
}

func strip(t testing.TB, name string, raw []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, files.Strip(&out, name, bytes.NewReader(raw), int64(len(raw))))
	return out.Bytes()
}

func TestAJPEGKeepsItsPixelsAndLosesWhatItTells(t *testing.T) {
	raw, clean := jpegPicture(t, 1)
	got := strip(t, "a.JPG", raw)
	require.NotContains(t, string(got), "Wang")
	require.NotContains(t, string(got), "Exif")
	require.Contains(t, string(got), "ICC_PROFILE")
	want, err := jpeg.Decode(bytes.NewReader(clean))
	require.NoError(t, err)
	have, err := jpeg.Decode(bytes.NewReader(got))
	require.NoError(t, err)
	require.Equal(t, want, have)
	require.Equal(t, got, strip(t, "a.jpg", got), "stripping twice changes nothing more")
}

func TestAJPEGKeepsHowTheCameraWasHeld(t *testing.T) {
	raw, _ := jpegPicture(t, 6)
	got := strip(t, "a.jpg", raw)
	require.NotContains(t, string(got), "Wang")
	at := bytes.Index(got, []byte("Exif\x00\x00MM"))
	require.Positive(t, at)
	require.Equal(t, []byte{0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6}, got[at+16:at+26])
	_, err := jpeg.Decode(bytes.NewReader(got))
	require.NoError(t, err)
	require.Equal(t, got, strip(t, "a.jpg", got))
}

func pngChunk(kind string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, kind...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

func TestAPNGKeepsItsPixelsAndLosesWhatItTells(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, picture()))
	clean := b.Bytes()
	head := 8 + 25
	var raw []byte
	raw = append(raw, clean[:head]...)
	for _, kind := range []string{"tEXt", "iTXt", "zTXt", "eXIf", "tIME", "prVt"} {
		raw = append(raw, pngChunk(kind, []byte(secret))...)
	}
	raw = append(append(raw, clean[head:]...), secret...)
	require.Equal(t, clean, strip(t, "a.png", raw))
}

func TestAWebPLosesWhatItTells(t *testing.T) {
	chunk := func(kind string, body []byte) []byte {
		out := binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(body)))
		out = append(out, body...)
		return append(out, make([]byte, len(body)&1)...)
	}
	riff := func(chunks ...[]byte) []byte {
		body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
		return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
	}
	header := func(flags byte) []byte { return chunk("VP8X", []byte{flags, 0, 0, 0, 39, 0, 0, 29, 0, 0}) }
	data := chunk("VP8L", []byte("pixels!"))
	raw := riff(header(0x10|0x08|0x04), chunk("ICCP", []byte("icc")), data, chunk("EXIF", []byte(secret)),
		chunk("XMP ", []byte(secret)), chunk("own ", []byte(secret)))
	require.Equal(t, riff(header(0x10), chunk("ICCP", []byte("icc")), data), strip(t, "a.webp", append(raw, secret...)))
}

func office(t testing.TB, main string, more map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	parts := map[string]string{"[Content_Types].xml": "<Types/>", main: "<document>路燈不亮</document>",
		"docProps/core.xml": "<dc:creator>" + secret + "</dc:creator>", "docProps/app.xml": "<Company>" + secret + "</Company>"}
	for name, body := range more {
		parts[name] = body
	}
	for name, body := range parts {
		f, err := w.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(f, body)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestAWordFileLosesItsAuthor(t *testing.T) {
	raw := office(t, "word/document.xml", nil)
	got := strip(t, "a.docx", raw)
	archive, err := zip.NewReader(bytes.NewReader(got), int64(len(got)))
	require.NoError(t, err)
	for _, f := range archive.File {
		r, err := f.Open()
		require.NoError(t, err)
		body, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NotContains(t, string(body), "Wang", f.Name)
		if f.Name == "word/document.xml" {
			require.Contains(t, string(body), "路燈不亮")
		}
	}
	require.Len(t, archive.File, 4)
}

// swelling is a Word file whose parts say that they unpack to a size.
func swelling(t testing.TB, parts int, size uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "word/document.xml"} {
		_, err := w.Create(name)
		require.NoError(t, err)
	}
	for i := range parts {
		_, err := w.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("word/%d.xml", i), Method: zip.Deflate, UncompressedSize64: size})
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestAFileIsKnownByItsContent(t *testing.T) {
	photo, _ := jpegPicture(t, 1)
	cases := []struct {
		what, name string
		body       []byte
		want       string // media type, or the message of the refusal
	}{
		{"photo", "燈.jpeg", photo, "image/jpeg"},
		{"PDF", "a.pdf", []byte("%PDF-1.7\n"), "application/pdf"},
		{"text", "a.txt", []byte("路燈不亮了。\r\n"), "text/plain"},
		{"text in GB18030", "a.txt", []byte("\xc2\xb7\xb5\xc6\xb2\xbb\xc1\xc1"), "text/plain"},
		{"long text cut in a rune", "a.txt", bytes.Repeat([]byte("路燈"), 20_000), "text/plain"},
		{"Word", "a.docx", office(t, "word/document.xml", nil), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"Excel", "a.xlsx", office(t, "xl/workbook.xml", nil), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"photo that says PDF", "a.pdf", photo, "files.type.mismatch"},
		{"PDF that says photo", "a.jpg", []byte("%PDF-1.7\n"), "files.type.mismatch"},
		{"no extension", "photo", photo, "files.type.mismatch"},
		{"Windows program", "a.jpg", []byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00"), "files.type.refused"},
		{"Linux program", "a.txt", []byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00"), "files.type.refused"},
		{"script", "a.txt", []byte("#!/bin/sh\nrm -rf /\n"), "files.type.refused"},
		{"page", "a.txt", []byte(" \n<!DOCTYPE html><script>alert(1)</script>"), "files.type.refused"},
		{"SVG", "a.svg", []byte("<svg onload='alert(1)'/>"), "files.type.refused"},
		{"plain archive", "a.zip", office(t, "readme", nil), "files.type.refused"},
		{"Word with a macro", "a.docx", office(t, "word/document.xml", map[string]string{"word/vbaProject.bin": "x"}), "files.type.refused"},
		{"Word that climbs", "a.docx", office(t, "word/document.xml", map[string]string{"../../etc/cron.d/x": "x"}), "files.type.refused"},
		{"Word that fills a disk", "a.docx", swelling(t, 1, 401<<20), "files.type.swells"},
		{"Word that fills it by many parts", "a.docx", swelling(t, 201, 2<<20), "files.type.swells"},
		{"Word of countless parts", "a.docx", swelling(t, 10_001, 0), "files.type.swells"},
		{"Word with much in it", "a.docx", swelling(t, 90, 4<<20), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"broken archive", "a.docx", []byte("PK\x03\x04 and nothing"), "files.type.refused"},
		{"old Word", "a.doc", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00\x00\x00"), "files.type.refused"},
	}
	for _, c := range cases {
		t.Run(c.what, func(t *testing.T) {
			media, err := files.Sniff(c.name, bytes.NewReader(c.body), int64(len(c.body)))
			if err == nil {
				require.Equal(t, c.want, media)
				return
			}
			f, ok := fault.As(err)
			require.True(t, ok)
			require.Equal(t, fault.Invalid, f.Kind)
			require.Equal(t, c.want, f.Fields[0].Key)
		})
	}
}

// A broken picture is refused or copied, never a crash.
func TestBrokenPicturesNeverCrash(t *testing.T) {
	photo, _ := jpegPicture(t, 6)
	var p bytes.Buffer
	require.NoError(t, png.Encode(&p, picture()))
	webp := []byte("RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x08\x00\x00\x00\x27\x00\x00\x1d\x00\x00VP8L\x02\x00\x00\x00ab")
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.IntRange(0, 2).Draw(t, "format")
		raw := bytes.Clone([][]byte{photo, p.Bytes(), webp}[one])
		for range rapid.IntRange(1, 5).Draw(t, "changes") {
			raw[rapid.IntRange(4, len(raw)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		}
		raw = raw[:rapid.IntRange(3, len(raw)).Draw(t, "length")]
		_ = files.Strip(io.Discard, []string{"a.jpg", "a.png", "a.webp"}[one], bytes.NewReader(raw), int64(len(raw)))
	})
}

func FuzzStrip(f *testing.F) {
	photo, _ := jpegPicture(f, 6)
	f.Add("a.jpg", photo)
	f.Add("a.webp", []byte("RIFF\x0c\x00\x00\x00WEBPVP8L"))
	f.Add("a.docx", office(f, "word/document.xml", nil))
	f.Fuzz(func(_ *testing.T, name string, raw []byte) {
		_ = files.Strip(io.Discard, name, bytes.NewReader(raw), int64(len(raw)))
	})
}
