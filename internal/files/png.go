package files

import (
	"encoding/binary"
	"io"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// pngKept are the chunks that decide how a picture looks (PNG, third edition,
// 4.7). Text, time, Exif and private chunks are not among them.
var pngKept = map[string]bool{
	"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true, "tRNS": true, "gAMA": true, "cHRM": true, "sRGB": true,
	"iCCP": true, "cICP": true, "mDCV": true, "cLLI": true, "sBIT": true, "bKGD": true, "pHYs": true,
	"acTL": true, "fcTL": true, "fdAT": true,
}

// stripPNG copies the chunks that matter, with their checksums, and nothing
// after the end.
func stripPNG(w io.Writer, src io.ReaderAt, size int64) error {
	if _, err := io.WriteString(w, pngSignature); err != nil {
		return err
	}
	at := int64(len(pngSignature))
	for {
		var head [8]byte
		if _, err := src.ReadAt(head[:], at); err != nil {
			return errBroken
		}
		length := int64(binary.BigEndian.Uint32(head[:4])) + 12
		if at+length > size {
			return errBroken
		}
		kind := string(head[4:])
		if pngKept[kind] {
			if _, err := io.Copy(w, io.NewSectionReader(src, at, length)); err != nil {
				return err
			}
		}
		if kind == "IEND" {
			return nil
		}
		at += length
	}
}
