package files

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

var errBroken = errors.New("files: the file ends early or is malformed")

// Markers of ITU-T T.81 (JPEG), table B.1.
const (
	jpegSOF2 = 0xc2
	jpegSOI  = 0xd8
	jpegEOI  = 0xd9
	jpegSOS  = 0xda
	jpegCOM  = 0xfe
	jpegAPP0 = 0xe0
)

// stripJPEG copies a picture without what tells who took it where: Exif, XMP,
// IPTC, comments, maker notes and anything after the picture's end. Pixels stay
// as they are. How the camera was held is kept, or the picture would lie down.
func stripJPEG(w io.Writer, src io.ReaderAt, size int64) error {
	in := bufio.NewReader(io.NewSectionReader(src, 0, size))
	out := bufio.NewWriter(w)
	defer out.Flush() // of a damaged picture what is whole
	marker, err := nextMarker(in)
	if err != nil || marker != jpegSOI {
		return errBroken
	}
	out.Write([]byte{0xff, jpegSOI})
	oriented := false
	if marker, err = nextMarker(in); err != nil {
		return err
	}
	for marker != jpegEOI {
		body, err := segment(in)
		if err != nil {
			return err
		}
		if turn := orientation(body); marker == jpegAPP0+1 && turn > 1 && !oriented {
			oriented = true
			writeSegment(out, marker, orientationOnly(turn))
		}
		if keepSegment(marker, body) {
			writeSegment(out, marker, body)
		}
		if marker == jpegSOS {
			marker, err = copyScan(out, in)
		} else {
			marker, err = nextMarker(in)
		}
		if err != nil {
			return err
		}
	}
	out.Write([]byte{0xff, jpegEOI})
	return out.Flush()
}

// keepSegment keeps what a decoder needs: tables, frames, scans, the JFIF
// header, the colour profile and Adobe's colour transform.
func keepSegment(marker byte, body []byte) bool {
	if marker == jpegCOM {
		return false
	}
	if marker < jpegAPP0 || marker > jpegAPP0+15 {
		return true
	}
	switch marker {
	case jpegAPP0:
		return hasPrefix(body, "JFIF\x00")
	case jpegAPP0 + 2:
		return hasPrefix(body, "ICC_PROFILE\x00")
	case jpegAPP0 + 14:
		return hasPrefix(body, "Adobe")
	}
	return false
}

func hasPrefix(b []byte, s string) bool { return len(b) >= len(s) && string(b[:len(s)]) == s }

func nextMarker(in *bufio.Reader) (byte, error) {
	c, err := in.ReadByte()
	if err != nil || c != 0xff {
		return 0, errBroken
	}
	for c == 0xff { // fill bytes
		if c, err = in.ReadByte(); err != nil {
			return 0, errBroken
		}
	}
	return c, nil
}

func segment(in *bufio.Reader) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(in, length[:]); err != nil {
		return nil, errBroken
	}
	n := int(binary.BigEndian.Uint16(length[:])) - 2
	if n < 0 {
		return nil, errBroken
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(in, body); err != nil {
		return nil, errBroken
	}
	return body, nil
}

func writeSegment(out *bufio.Writer, marker byte, body []byte) {
	length := uint16(len(body) + 2) //nolint:gosec // a body came from, or is far below, 65,533 bytes
	out.Write([]byte{0xff, marker, byte(length >> 8), byte(length)})
	out.Write(body)
}

// copyScan copies coded data and gives the marker that ends it.
func copyScan(out *bufio.Writer, in *bufio.Reader) (byte, error) {
	for {
		coded, err := in.ReadSlice(0xff)
		if err == bufio.ErrBufferFull { //nolint:errorlint // returned as it is
			out.Write(coded)
			continue
		}
		if err != nil {
			return 0, errBroken
		}
		out.Write(coded[:len(coded)-1])
		c := byte(0xff)
		for c == 0xff { // fill bytes
			if c, err = in.ReadByte(); err != nil {
				return 0, errBroken
			}
		}
		if c != 0 && (c < 0xd0 || c > 0xd7) {
			return c, nil
		}
		out.Write([]byte{0xff, c}) // a stuffed zero or a restart
	}
}

const exifHeader = "Exif\x00\x00"

// orientation reads tag 0x0112 of an Exif segment: 1 to 8, or 0 for none.
func orientation(body []byte) uint16 {
	if !hasPrefix(body, exifHeader) {
		return 0
	}
	tiff := body[len(exifHeader):]
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder
	switch string(tiff[:2]) {
	case "II":
		order = binary.LittleEndian
	case "MM":
		order = binary.BigEndian
	default:
		return 0
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 0
	}
	count := uint64(order.Uint16(tiff[at:]))
	for i := range count {
		entry := at + 2 + 12*i
		if entry+12 > uint64(len(tiff)) {
			return 0
		}
		if order.Uint16(tiff[entry:]) == 0x0112 {
			if v := order.Uint16(tiff[entry+8:]); v >= 1 && v <= 8 {
				return v
			}
			return 0
		}
	}
	return 0
}

// orientationOnly is an Exif segment that says nothing but the orientation.
func orientationOnly(turn uint16) []byte {
	b := append([]byte(exifHeader), "MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01"...)
	b = binary.BigEndian.AppendUint16(b, turn)
	return append(b, 0, 0, 0, 0, 0, 0)
}
