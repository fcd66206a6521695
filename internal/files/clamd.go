package files

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"
)

const (
	scanPatience = time.Minute // for one file, unless the request has less
	scanPiece    = 64 << 10
	scanAnswer   = 4096 // most bytes of an answer
)

// Clamd is a scanner that speaks ClamAV's protocol: whatever answers INSTREAM.
type Clamd struct{ network, address string }

// OpenScanner reads tcp://HOST:PORT or unix:/PATH and connects only when a file
// comes in.
func OpenScanner(at string) (*Clamd, error) {
	u, err := url.Parse(at)
	switch {
	case err == nil && u.Scheme == "tcp" && u.Hostname() != "" && u.Port() != "":
		return &Clamd{"tcp", u.Host}, nil
	case err == nil && u.Scheme == "unix" && u.Host == "" && u.Path+u.Opaque != "":
		return &Clamd{"unix", u.Path + u.Opaque}, nil
	}
	return nil, errors.New("the address of the scanner is tcp://HOST:PORT or unix:/PATH")
}

// Check asks whether anybody scans there.
func (s *Clamd) Check(ctx context.Context) error {
	answer, err := s.ask(ctx, "zPING\x00", nil)
	if err == nil && answer != "PONG" {
		err = fmt.Errorf("the scanner answered %q to PING", answer)
	}
	return err
}

// Scan sends a content and says what the scanner found. Anything but a clear
// answer is an error: a file that nobody looked at is not taken for clean.
func (s *Clamd) Scan(ctx context.Context, content io.Reader) (string, error) {
	answer, err := s.ask(ctx, "zINSTREAM\x00", content)
	if err != nil {
		return "", err
	}
	said, ok := strings.CutPrefix(answer, "stream: ")
	if ok && said == "OK" {
		return "", nil
	}
	if name, found := strings.CutSuffix(said, " FOUND"); ok && found {
		return name, nil
	}
	return "", fmt.Errorf("the scanner answered %q", answer)
}

// ask sends a command and what belongs to it, and reads one answer.
func (s *Clamd) ask(ctx context.Context, command string, content io.Reader) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, scanPatience)
	defer cancel()
	var dial net.Dialer
	c, err := dial.DialContext(ctx, s.network, s.address)
	if err != nil {
		return "", fmt.Errorf("the scanner does not answer: %w", err)
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Now()) })
	defer stop()
	_, sent := io.WriteString(c, command)
	if sent == nil && content != nil {
		sent = stream(c, content)
	}
	// Who finds a file too large says so and hangs up: the answer explains more
	// than the pipe that broke.
	raw, err := io.ReadAll(io.LimitReader(c, scanAnswer))
	answer, _, whole := bytes.Cut(raw, []byte{0})
	switch {
	case whole:
		return string(answer), nil
	case sent != nil:
		return "", fmt.Errorf("send to the scanner: %w", sent)
	case err != nil:
		return "", fmt.Errorf("hear the scanner: %w", err)
	}
	return "", errors.New("the scanner hung up without an answer")
}

// stream sends a content in pieces, each after its length, and an empty one.
func stream(w io.Writer, content io.Reader) error {
	piece := make([]byte, 4+scanPiece)
	for {
		n, err := io.ReadFull(content, piece[4:])
		if n > 0 {
			binary.BigEndian.PutUint32(piece, uint32(n)) //nolint:gosec // at most scanPiece
			if _, err := w.Write(piece[:4+n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			_, err := w.Write(make([]byte, 4))
			return err
		}
		if err != nil {
			return err
		}
	}
}
