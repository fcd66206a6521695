package files

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"minqing/internal/fault"
)

// Store keeps encrypted contents under keys. It is the seam to the blob store:
// a directory, or an object store of another host.
type Store interface {
	// Put writes what fill gives, all of it or nothing, and durably.
	Put(ctx context.Context, key string, fill func(io.Writer) error) error
	// Get fails with fault.NotFound when there is nothing.
	Get(ctx context.Context, key string) (io.ReadCloser, error)
	// Delete succeeds when there is nothing.
	Delete(ctx context.Context, key string) error
	// Check says whether the store can be written, for the doctor.
	Check(ctx context.Context) error
}

// OpenStore opens the store of a URL: "file:var/blobs", "file:///srv/blobs",
// "s3://KEY:SECRET@BUCKET/PREFIX". The directory is made when it is missing, a
// bucket is not.
func OpenStore(url string) (Store, error) {
	if strings.HasPrefix(url, "s3:") {
		return openS3(url)
	}
	dir, ok := strings.CutPrefix(url, "file:")
	if !ok {
		scheme, _, _ := strings.Cut(url, ":")
		return nil, fmt.Errorf("the blob store %q is not supported; use file:DIRECTORY or s3://BUCKET/PREFIX", scheme)
	}
	if rest, ok := strings.CutPrefix(dir, "//"); ok {
		dir = rest
	}
	if dir == "" {
		return nil, errors.New("the blob store needs a directory: file:DIRECTORY")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the blob store %s: %w", dir, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the blob store %s: %w", dir, err)
	}
	return &directory{root}, nil
}

// directory keeps each content in a file of its own. A key is a path with
// slashes; no key and no link leads out of the directory.
type directory struct{ root *os.Root }

// Put writes beside the key's place and moves what is whole there: a crash
// leaves a part under another name, never under the key. What was acknowledged
// survives a power cut.
func (d *directory) Put(ctx context.Context, key string, fill func(io.Writer) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.root.MkdirAll(path.Dir(key), 0o700); err != nil {
		return storeFault(err)
	}
	part := path.Join(path.Dir(key), ".part-"+rand.Text())
	if err := d.write(part, fill); err != nil {
		_ = d.root.Remove(part) // what stays behind is in nobody's way
		return storeFault(err)
	}
	if err := d.root.Rename(part, key); err != nil {
		_ = d.root.Remove(part)
		return storeFault(err)
	}
	for _, dir := range []string{path.Dir(key), "."} { // the second for the first file of a folder
		if err := d.settle(dir); err != nil {
			return storeFault(err)
		}
	}
	return nil
}

// write makes a file and waits until its content is on the disk.
func (d *directory) write(name string, fill func(io.Writer) error) error {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = fill(f)
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

// settle waits until the names in a folder are on the disk.
func (d *directory) settle(dir string) error {
	f, err := d.root.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

func (d *directory) Get(_ context.Context, key string) (io.ReadCloser, error) {
	f, err := d.root.Open(key)
	if err != nil {
		return nil, storeFault(err)
	}
	return f, nil
}

func (d *directory) Delete(_ context.Context, key string) error {
	if err := d.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return storeFault(err)
	}
	return nil
}

func (d *directory) Check(ctx context.Context) error { return probe(ctx, d) }

// probe puts a content into a store and takes it away again.
func probe(ctx context.Context, s Store) error {
	const name = "probe"
	if err := s.Put(ctx, name, func(w io.Writer) error { _, err := io.WriteString(w, name); return err }); err != nil {
		return err
	}
	return s.Delete(ctx, name)
}

// storeFault turns what the store says into what people can do: a full disk is
// theirs to mend, and until then filing without attachments still works.
func storeFault(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.New(fault.Unavailable, "files.no_space").Because(err)
	case errors.Is(err, fs.ErrNotExist):
		return fault.New(fault.NotFound, "files.missing").Because(err)
	}
	if _, ok := fault.As(err); ok {
		return err
	}
	return fmt.Errorf("blob store: %w", err)
}
