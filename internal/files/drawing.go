package files

import (
	"bytes"
	"io"
)

// Drawings by construction programs. They are taken where whoever calls allows
// them, and pass unchanged: who drew them stands in them, and is told.
var (
	dwgFormat = &format{"image/vnd.dwg", []string{".dwg"}, copyDrawing}
	dxfFormat = &format{"image/vnd.dxf", []string{".dxf"}, copyDrawing}
)

// recogniseDrawing knows DWG by its version ("AC1015" and later ones) and DXF in
// text by its first group.
func recogniseDrawing(src io.ReaderAt, size int64) *format {
	head := make([]byte, 64)
	n, err := src.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil
	}
	head = head[:n]
	if len(head) > 6 && string(head[:4]) == "AC10" && digit(head[4]) && digit(head[5]) && head[6] == 0 {
		return dwgFormat
	}
	group, rest, _ := bytes.Cut(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), []byte("\n"))
	value, _, whole := bytes.Cut(rest, []byte("\n"))
	code := string(bytes.TrimSpace(group))
	if whole && (code == "0" && string(bytes.TrimSpace(value)) == "SECTION" || code == "999") && isText(src, size) {
		return dxfFormat
	}
	return nil
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func copyDrawing(w io.Writer, src io.ReaderAt, size int64) error {
	if t, ok := w.(teller); ok {
		t.tell()
	}
	return copyAll(w, src, size)
}
