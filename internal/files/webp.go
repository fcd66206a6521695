package files

import (
	"encoding/binary"
	"io"
)

// Bits of the VP8X header that announce metadata (RFC 9649, 2.7.1).
const webpMetadata = 0x08 | 0x04

type riffChunk struct {
	kind     string
	at, size int64 // of the payload, without padding
}

// stripWebP copies a picture without its EXIF, XMP and unknown chunks.
func stripWebP(w io.Writer, src io.ReaderAt, size int64) error {
	chunks, err := webpChunks(src, size)
	if err != nil {
		return err
	}
	total := int64(4)
	for _, c := range chunks {
		total += 8 + c.size + c.size&1
	}
	head := append([]byte("RIFF"), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(head[4:], uint32(total)) //nolint:gosec // below the size limit of a file
	if _, err := w.Write(append(head, "WEBP"...)); err != nil {
		return err
	}
	for _, c := range chunks {
		if err := writeChunk(w, src, c); err != nil {
			return err
		}
	}
	return nil
}

func webpChunks(src io.ReaderAt, size int64) ([]riffChunk, error) {
	var kept []riffChunk
	var head [8]byte
	if _, err := src.ReadAt(head[:], 0); err != nil {
		return nil, errBroken
	}
	end := min(size, 8+int64(binary.LittleEndian.Uint32(head[4:])))
	for at := int64(12); at+8 <= end; {
		if _, err := src.ReadAt(head[:], at); err != nil {
			return nil, errBroken
		}
		c := riffChunk{kind: string(head[:4]), at: at + 8, size: int64(binary.LittleEndian.Uint32(head[4:]))}
		if c.at+c.size > end {
			return nil, errBroken
		}
		switch c.kind {
		case "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP":
			kept = append(kept, c)
		}
		at = c.at + c.size + c.size&1
	}
	if len(kept) == 0 {
		return nil, errBroken
	}
	return kept, nil
}

func writeChunk(w io.Writer, src io.ReaderAt, c riffChunk) error {
	head := append([]byte(c.kind), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(head[4:], uint32(c.size)) //nolint:gosec // read from 32 bits
	if _, err := w.Write(head); err != nil {
		return err
	}
	from := c.at
	if c.kind == "VP8X" && c.size > 0 {
		var flags [1]byte
		if _, err := src.ReadAt(flags[:], from); err != nil {
			return errBroken
		}
		flags[0] &^= webpMetadata
		if _, err := w.Write(flags[:]); err != nil {
			return err
		}
		from++
	}
	if _, err := io.Copy(w, io.NewSectionReader(src, from, c.at+c.size-from)); err != nil {
		return err
	}
	if c.size&1 == 1 {
		_, err := w.Write([]byte{0})
		return err
	}
	return nil
}
