package files

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"minqing/internal/fault"
)

// format is one kind of file that people may attach, known by its content.
type format struct {
	media      string
	extensions []string
	strip      func(w io.Writer, src io.ReaderAt, size int64) error
}

const officeMedia = "application/vnd.openxmlformats-officedocument."

var (
	jpegFormat = &format{"image/jpeg", []string{".jpg", ".jpeg"}, stripJPEG}
	pngFormat  = &format{"image/png", []string{".png"}, stripPNG}
	webpFormat = &format{"image/webp", []string{".webp"}, stripWebP}
	pdfFormat  = &format{"application/pdf", []string{".pdf"}, stripPDF}
	textFormat = &format{"text/plain", []string{".txt", ".text", ".log", ".csv", ".md"}, copyAll}
	docxFormat = &format{officeMedia + "wordprocessingml.document", []string{".docx"}, stripOffice}
	xlsxFormat = &format{officeMedia + "spreadsheetml.sheet", []string{".xlsx"}, stripOffice}
)

// Accept is the value for a file input's accept attribute.
const Accept = ".jpg,.jpeg,.png,.webp,.pdf,.txt,.docx,.xlsx"

// sniff recognises a file by its content and refuses what is not allowed, what is
// of no kind that is wanted, and what claims by its name to be something else.
func sniff(name string, src io.ReaderAt, size int64, kinds []Kind) (*format, error) {
	var f *format
	if slices.Contains(kinds, Drawing) {
		f = recogniseDrawing(src, size)
	}
	if f == nil {
		f = recognise(src, size)
	}
	if len(kinds) > 0 && (f == nil || !f.allowed(kinds)) {
		return nil, fault.InvalidInput(fault.Field{Name: "file", Key: "files.wanted", Args: map[string]any{"Kinds": KindWords(kinds)}})
	}
	if f == nil {
		return nil, refuse("files.type.refused")
	}
	if !slices.Contains(f.extensions, strings.ToLower(path.Ext(name))) {
		return nil, refuse("files.type.mismatch")
	}
	if (f == docxFormat || f == xlsxFormat) && swells(src, size) {
		return nil, refuseSwollen(mostUnpacked)
	}
	return f, nil
}

// What a Word or Excel file may become where it is opened: a few packed bytes can
// fill a disk there. 20 MB of honest tables stay below.
const (
	mostUnpacked = 400 << 20
	mostParts    = 10_000
)

// swells says whether an archive holds too much by what it says of its parts,
// which whoever unpacks it goes by.
func swells(src io.ReaderAt, size int64) bool {
	archive, err := zip.NewReader(src, size)
	if err != nil || len(archive.File) > mostParts {
		return true
	}
	left := uint64(mostUnpacked)
	for _, f := range archive.File {
		if f.UncompressedSize64 > left {
			return true
		}
		left -= f.UncompressedSize64
	}
	return false
}

func refuse(key string) error {
	return fault.InvalidInput(fault.Field{Name: "file", Key: key})
}

func recognise(src io.ReaderAt, size int64) *format {
	head := make([]byte, 12)
	n, err := src.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil
	}
	head = head[:n]
	if f := recognisePicture(head); f != nil {
		return f
	}
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return pdfFormat
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return recogniseOffice(src, size)
	case isText(src, size):
		return textFormat
	}
	return nil
}

// recognisePicture knows pictures by their first twelve bytes.
func recognisePicture(head []byte) *format {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return jpegFormat
	case bytes.HasPrefix(head, []byte(pngSignature)):
		return pngFormat
	case len(head) == 12 && string(head[:4]) == "RIFF" && string(head[8:]) == "WEBP":
		return webpFormat
	}
	return nil
}

// recogniseOffice tells Word and Excel files from other archives.
func recogniseOffice(src io.ReaderAt, size int64) *format {
	switch word, sheet := officeParts(src, size); {
	case word && !sheet:
		return docxFormat
	case sheet && !word:
		return xlsxFormat
	}
	return nil
}

// officeParts says what an archive is a document of: of nothing when it is none,
// or has a macro, which is none of ours.
func officeParts(src io.ReaderAt, size int64) (word, sheet bool) {
	archive, err := zip.NewReader(src, size)
	if err != nil {
		return false, false
	}
	types := false
	for _, f := range archive.File {
		switch strings.ToLower(f.Name) {
		case "[content_types].xml":
			types = true
		case "word/document.xml":
			word = true
		case "xl/workbook.xml":
			sheet = true
		}
		if strings.HasSuffix(strings.ToLower(f.Name), "vbaproject.bin") || strings.Contains(f.Name, "..") {
			return false, false
		}
	}
	return types && word, types && sheet
}

// isText accepts UTF-8 and the two older Chinese encodings, without control
// characters, and nothing that a browser or a shell might run.
func isText(src io.ReaderAt, size int64) bool {
	if size == 0 {
		return false
	}
	raw := make([]byte, min(size, 64<<10))
	if _, err := src.ReadAt(raw, 0); err != nil && err != io.EOF {
		return false
	}
	for _, c := range raw {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' || c == 0x7f {
			return false
		}
	}
	start := strings.ToLower(string(bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")))))
	for _, sign := range []string{"#!", "<!doctype", "<html", "<script", "<svg", "<?xml", "<?php"} {
		if strings.HasPrefix(start, sign) {
			return false
		}
	}
	return utf8.Valid(trimRune(raw, size)) || readable(simplifiedchinese.GB18030.NewDecoder().Bytes(raw)) ||
		readable(traditionalchinese.Big5.NewDecoder().Bytes(raw))
}

// trimRune drops a rune that the end of the sample cut in two.
func trimRune(raw []byte, size int64) []byte {
	if int64(len(raw)) == size {
		return raw
	}
	for back := 1; back <= min(utf8.UTFMax, len(raw)); back++ {
		if at := len(raw) - back; utf8.RuneStart(raw[at]) {
			return raw[:at]
		}
	}
	return raw
}

func readable(decoded []byte, err error) bool {
	return err == nil && bytes.Count(decoded, []byte("\uFFFD")) <= 1 // one may be cut at the end
}

func copyAll(w io.Writer, src io.ReaderAt, size int64) error {
	_, err := io.Copy(w, io.NewSectionReader(src, 0, size))
	return err
}
