// Package backup writes everything that a city has into one archive and reads
// it back: the database at one moment, and the attachments that it speaks of.
// The archive is sealed under the key ring, whose keys are not in it: without
// the key file it says nothing but when it was made.
package backup

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/jobs"
	"minqing/internal/vault"
)

// magic begins an archive; the number is the form's.
const magic = "minqing-backup-1\n"

// Header stands in the clear before the sealed rest, which proves it.
type Header struct {
	MadeAt       time.Time         `json:"made_at"` // UTC
	Program      string            `json:"program"`
	Engine       db.Engine         `json:"engine"`
	Schema       int64             `json:"schema"` // version of the tables
	RingKey      string            `json:"ring_key"`
	Fingerprints map[string]string `json:"fingerprints"` // of every key that the database may need
}

// Summary counts what an archive holds.
type Summary struct {
	Header
	Parts    int
	Contents int   // attachments
	Missing  int   // attachments that were erased meanwhile
	Bytes    int64 // before compression
}

const (
	namePart    = "database/"
	nameContent = "contents/"
	chunk       = 4 << 20 // a part is cut into pieces of this size, for tar wants to know sizes
	segment     = 1 << 20 // of the sealed stream
	headerMost  = 1 << 20
)

func sealing(key []byte) (*subtle.AESGCMHKDF, error) {
	return subtle.NewAESGCMHKDF(key, "SHA256", 32, segment, 0)
}

// Source is what is backed up.
type Source struct {
	DB      *db.DB
	Files   *files.Service
	Store   files.Store
	Ring    *vault.Ring
	Program string
	Now     func() time.Time
	Folder  string // for a passing copy of an SQLite file
}

// Write makes an archive while work goes on. The attachments are read after the
// database, so that every one that it speaks of is there, but for those that
// were erased meanwhile.
func Write(ctx context.Context, s Source, out io.Writer) (sum Summary, err error) {
	id, key := s.Ring.BackupKey()
	schema, err := s.DB.SchemaVersion(ctx)
	if err != nil {
		return sum, err
	}
	sum.Header = Header{MadeAt: s.Now().UTC().Truncate(time.Second), Program: s.Program, Engine: s.DB.Engine(), Schema: schema,
		RingKey: id, Fingerprints: s.Ring.Fingerprints()}
	head, err := json.Marshal(sum.Header)
	if err != nil {
		return sum, err
	}
	head = append([]byte(magic), append(head, '\n')...)
	if _, err := out.Write(head); err != nil {
		return sum, err
	}
	aead, err := sealing(key)
	if err != nil {
		return sum, err
	}
	sealed, err := aead.NewEncryptingWriter(out, head)
	if err != nil {
		return sum, err
	}
	packed := gzip.NewWriter(sealed)
	t := tar.NewWriter(packed)
	version, err := s.DB.Snapshot(ctx, s.Folder, func(name string, r io.Reader) error {
		sum.Parts++
		return sum.cut(t, namePart+name, r)
	})
	if err == nil && version != schema {
		err = errors.New("the tables changed while the backup ran; run it again")
	}
	if err == nil {
		err = s.Files.Contents(ctx, func(key string) error { return sum.content(ctx, s.Store, t, key) })
	}
	return sum, errors.Join(err, t.Close(), packed.Close(), sealed.Close())
}

// cut writes a part in pieces of one name; the last is shorter than a chunk.
func (sum *Summary) cut(t *tar.Writer, name string, r io.Reader) error {
	buf := make([]byte, chunk)
	for {
		n, err := io.ReadFull(r, buf)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return err
		}
		if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(n), ModTime: sum.MadeAt}); err != nil {
			return err
		}
		if _, err := t.Write(buf[:n]); err != nil {
			return err
		}
		sum.Bytes += int64(n)
		if n < chunk {
			return nil
		}
	}
}

func (sum *Summary) content(ctx context.Context, store files.Store, t *tar.Writer, key string) error {
	r, err := store.Get(ctx, key)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		sum.Missing++
		return nil
	}
	if err != nil {
		return err
	}
	defer r.Close()
	sum.Contents++
	return sum.cut(t, nameContent+key, r)
}

// Archive is an opened archive, whose keys are there.
type Archive struct {
	Header
	tar  *tar.Reader
	head *tar.Header // read, and not yet given
	end  func() error
}

// Open reads the header and checks, before anything is written anywhere, that
// the ring holds every key that the archive and its database need.
func Open(in io.Reader, ring *vault.Ring) (*Archive, error) {
	r := bufio.NewReaderSize(in, 1<<16)
	first := make([]byte, len(magic))
	if _, err := io.ReadFull(r, first); err != nil || string(first) != magic {
		return nil, errors.New("this is no backup of Minqing, or one of another version")
	}
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) || len(line) > headerMost {
		return nil, errors.New("the header of the backup is damaged")
	}
	if err != nil {
		return nil, fmt.Errorf("read the header of the backup: %w", err)
	}
	head := append([]byte(magic), line...)
	a := &Archive{}
	if err := json.Unmarshal(line, &a.Header); err != nil {
		return nil, fmt.Errorf("read the header of the backup: %w", err)
	}
	if err := a.keys(ring); err != nil {
		return nil, err
	}
	aead, err := sealing(ring.BackupKeyOf(a.RingKey))
	if err != nil {
		return nil, err
	}
	opened, err := aead.NewDecryptingReader(r, head)
	if err != nil {
		return nil, fmt.Errorf("open the backup: %w", err)
	}
	packed, err := gzip.NewReader(opened)
	if err != nil {
		return nil, fmt.Errorf("the backup was damaged or changed: %w", err)
	}
	a.tar = tar.NewReader(packed)
	a.end = func() error { // reads to the last seal, which proves that nothing was cut off
		_, err := io.Copy(io.Discard, packed)
		return err
	}
	return a, nil
}

func (a *Archive) keys(ring *vault.Ring) error {
	held := ring.Fingerprints()
	var wrong []string
	for _, id := range slices.Sorted(maps.Keys(a.Fingerprints)) {
		switch {
		case ring.Covers(id, a.Fingerprints[id]):
		case held[id] == "":
			wrong = append(wrong, fmt.Sprintf("%s (fingerprint %s) is missing", id, a.Fingerprints[id]))
		default:
			wrong = append(wrong, fmt.Sprintf("%s is another key: fingerprint %s, wanted %s", id, held[id], a.Fingerprints[id]))
		}
	}
	if len(wrong) > 0 || ring.BackupKeyOf(a.RingKey) == nil {
		return fmt.Errorf("the key file does not open this backup: %s; nothing was changed", strings.Join(wrong, ", "))
	}
	return nil
}

// next gives the next entry whose name begins so; io.EOF when another follows.
func (a *Archive) next(begins string) (*tar.Header, error) {
	if a.head == nil {
		h, err := a.tar.Next()
		if err == io.EOF {
			if err := a.end(); err != nil {
				return nil, fmt.Errorf("the backup was damaged or cut off: %w", err)
			}
			return nil, io.EOF
		}
		if err != nil {
			return nil, fmt.Errorf("the backup was damaged or changed: %w", err)
		}
		a.head = h
	}
	if !strings.HasPrefix(a.head.Name, begins) {
		return nil, io.EOF
	}
	return a.head, nil
}

// whole reads the pieces of one part.
type whole struct {
	a    *Archive
	name string
	left int64
	last bool
}

func (w *whole) Read(p []byte) (int, error) {
	for w.left == 0 {
		if w.last {
			return 0, io.EOF
		}
		h, err := w.a.next("")
		if err == io.EOF || err == nil && h.Name != w.name {
			return 0, fmt.Errorf("the backup lacks the end of %s", w.name)
		}
		if err != nil {
			return 0, err
		}
		w.left, w.last = h.Size, h.Size < chunk
		w.a.head = nil
	}
	n, err := w.a.tar.Read(p[:min(int64(len(p)), w.left)])
	w.left -= int64(n)
	if err == io.EOF {
		err = nil
		if n == 0 && w.left > 0 {
			err = io.ErrUnexpectedEOF
		}
	}
	return n, err
}

// Part gives the next part of the database; io.EOF after the last.
func (a *Archive) Part() (name string, r io.Reader, err error) {
	h, err := a.next(namePart)
	if err != nil {
		return "", nil, err
	}
	return strings.TrimPrefix(h.Name, namePart), &whole{a: a, name: h.Name}, nil
}

// Contents puts the attachments into a store, after the last part.
func (a *Archive) Contents(ctx context.Context, store files.Store) (n int, err error) {
	for {
		h, err := a.next(nameContent)
		if err == io.EOF && a.head == nil {
			return n, nil
		}
		if err == io.EOF {
			return n, fmt.Errorf("the backup holds %q, which nobody asked for", a.head.Name)
		}
		if err != nil {
			return n, err
		}
		body := &whole{a: a, name: h.Name}
		key := strings.TrimPrefix(h.Name, nameContent)
		if err := store.Put(ctx, key, func(w io.Writer) error { _, err := io.Copy(w, body); return err }); err != nil {
			return n, err
		}
		n++
	}
}

// Verify reads an archive to its end and keeps nothing: what was damaged, changed
// or cut off is found before anything is written.
func (a *Archive) Verify() error {
	for {
		_, err := a.next("")
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		a.head = nil
	}
}

// Restore reads the database of the archive into an empty one, all of it or
// nothing; then is what has to succeed before it stays.
func (a *Archive) Restore(ctx context.Context, address string, then func() error) error {
	lite := strings.HasPrefix(address, "sqlite:")
	if lite != (a.Engine == db.SQLite) {
		return fmt.Errorf("the backup holds a database of %s: name one of the same kind in MINQING_DATABASE_URL", a.Engine)
	}
	if lite {
		return db.RestoreFile(ctx, address, a.Part, then)
	}
	d, err := db.Open(ctx, address, db.Options{})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := a.tables(ctx, d); err != nil {
		return err
	}
	return d.RestoreTables(ctx, a.Part, then)
}

// tables makes the schema as it was when the backup was made.
func (a *Archive) tables(ctx context.Context, d *db.DB) error {
	if err := d.Empty(ctx); err != nil {
		return err
	}
	if err := d.MigrateTo(ctx, a.Schema); err != nil {
		return err
	}
	return jobs.Migrate(ctx, d)
}

// Prints lists the keys by their fingerprints.
func (h Header) Prints() string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(h.Fingerprints)) {
		out = append(out, id+" "+h.Fingerprints[id])
	}
	return strings.Join(out, ", ")
}
