package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
)

// Anchor is the end of the chain at some moment, kept outside of the database:
// whoever rewrites the whole chain, so that it holds again, cannot make it agree
// with an anchor that was carried elsewhere.
type Anchor struct {
	At   time.Time // UTC
	Seq  int64
	Link []byte
}

// anchorEvery is how far anchors lie apart: so much of the chain's end could be
// cut off unseen.
const anchorEvery = time.Hour

// anchorLate is how far the chain may run ahead of its newest anchor.
const anchorLate = 25 * time.Hour

func (a Anchor) line() string {
	return fmt.Sprintf("%s %d %x\n", a.At.UTC().Format(time.RFC3339), a.Seq, a.Link)
}

func parseAnchor(line string) (a Anchor, err error) {
	f := strings.Fields(line)
	if len(f) != 3 {
		return a, errors.New("want time, number and link")
	}
	if a.At, err = time.Parse(time.RFC3339, f[0]); err != nil {
		return a, err
	}
	if a.Seq, err = strconv.ParseInt(f[1], 10, 64); err != nil {
		return a, err
	}
	a.Link, err = hex.DecodeString(f[2])
	return a, err
}

// ReadAnchors reads an anchor file; one that is not there has none. A line that
// a crash left half written at the end is passed over, any other is an error.
func ReadAnchors(path string) (list []Anchor, err error) {
	body, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the anchors of the audit trail: %w", err)
	}
	whole := body[:bytes.LastIndexByte(body, '\n')+1]
	for lines := bufio.NewScanner(bytes.NewReader(whole)); lines.Scan(); {
		a, err := parseAnchor(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path, len(list)+1, err)
		}
		list = append(list, a)
	}
	return list, nil
}

// Anchor adds the end of the chain to the file when an hour has passed since its
// last line and the chain has grown. Several processes may do so; a line more
// harms nothing.
func (s *Service) Anchor(ctx context.Context, path string) error {
	list, err := ReadAnchors(path)
	if err != nil {
		return err
	}
	var newest Anchor
	if len(list) > 0 {
		newest = list[len(list)-1]
	}
	now := s.now().UTC()
	if now.Sub(newest.At) < anchorEvery {
		return nil
	}
	var last seal
	err = s.db.From(ctx).Order("seq DESC").Take(&last).Error
	if errors.Is(err, gorm.ErrRecordNotFound) || err == nil && last.Seq == newest.Seq {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the last seal: %w", err)
	}
	return appendLine(path, Anchor{At: now, Seq: last.Seq, Link: last.Link}.line())
}

// appendLine waits until the line is on the disk. It adds nothing behind half a
// line.
func appendLine(path, line string) (err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the anchors of the audit trail: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if info, err := f.Stat(); err == nil && info.Size() > 0 {
		end := make([]byte, 1)
		if _, err := f.ReadAt(end, info.Size()-1); err != nil {
			return fmt.Errorf("read the anchors of the audit trail: %w", err)
		}
		if end[0] != '\n' {
			return fmt.Errorf("%s ends in half a line, which a crash left: remove that line", path)
		}
	}
	if _, err := f.WriteString(line); err != nil {
		return fmt.Errorf("write an anchor of the audit trail: %w", err)
	}
	return f.Sync()
}

// ErrUnanchored says that the chain's end is proven by nothing outside of the
// database: the anchors are gone, or stopped more than a day before it.
var ErrUnanchored = errors.New("no anchor proves the end of the audit trail")

// CheckAnchors compares anchors with the chain as it stands: a *Broken error
// "anchor" names the first that disagrees.
func (s *Service) CheckAnchors(ctx context.Context, list []Anchor) error {
	reader := s.db.Reader(ctx)
	var first, last seal
	err := reader.Order("seq DESC").Take(&last).Error
	if err == nil {
		err = reader.Order("seq").Take(&first).Error
	}
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return fmt.Errorf("read the ends of the chain: %w", err)
	}
	newest := first.SealedAt // a young chain needs none yet
	if len(list) > 0 {
		newest = list[len(list)-1].At
	}
	if err == nil && last.SealedAt.Sub(newest) > anchorLate {
		return ErrUnanchored
	}
	for _, a := range list {
		var x seal
		err = reader.Where("seq = ?", a.Seq).Take(&x).Error
		if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
			return fmt.Errorf("read a seal: %w", err)
		}
		if err != nil || !bytes.Equal(x.Link, a.Link) {
			return &Broken{Seq: a.Seq, EntryID: x.EntryID, Why: "anchor"}
		}
	}
	return nil
}
