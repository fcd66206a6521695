package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"

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

// OpenStore opens the store of a URL: "file:var/blobs", "file:///srv/blobs".
// The directory is made when it is missing.
func OpenStore(url string) (Store, error) {
	dir, ok := strings.CutPrefix(url, "file:")
	if !ok {
		scheme, _, _ := strings.Cut(url, ":")
		return nil, fmt.Errorf("the blob store %q is not supported; use file:DIRECTORY", scheme)
	}
	if rest, ok := strings.CutPrefix(dir, "//"); ok {
		dir = rest
	}
	if dir == "" {
		return nil, errors.New("the blob store needs a directory: file:DIRECTORY")
	}
	bucket, err := fileblob.OpenBucket(dir, &fileblob.Options{
		CreateDir: true, DirFileMode: 0o700, NoTempDir: true, Metadata: fileblob.MetadataDontWrite,
	})
	if err != nil {
		return nil, fmt.Errorf("open the blob store %s: %w", dir, err)
	}
	return &directory{bucket: bucket, dir: dir}, nil
}

type directory struct {
	bucket *blob.Bucket
	dir    string
}

func (d *directory) Put(ctx context.Context, key string, fill func(io.Writer) error) error {
	writing, giveUp := context.WithCancel(ctx)
	defer giveUp()
	w, err := d.bucket.NewWriter(writing, key, &blob.WriterOptions{ContentType: "application/octet-stream", DisableContentTypeDetection: true})
	if err != nil {
		return storeFault(err)
	}
	if err := fill(w); err != nil {
		giveUp() // closing a writer whose context has ended throws the part away
		_ = w.Close()
		return storeFault(err)
	}
	if err := w.Close(); err != nil {
		return storeFault(err)
	}
	return storeFault(d.settle(key))
}

// settle waits until the file and its name are on the disk, so that a file
// which was acknowledged survives a power cut.
func (d *directory) settle(key string) error {
	name := filepath.Join(d.dir, filepath.FromSlash(key))
	for _, path := range []string{name, filepath.Dir(name)} {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		err = f.Sync()
		if closing := f.Close(); err == nil {
			err = closing
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *directory) Get(ctx context.Context, key string) (io.ReadCloser, error) {
	r, err := d.bucket.NewReader(ctx, key, nil)
	if err != nil {
		return nil, storeFault(err)
	}
	return r, nil
}

func (d *directory) Delete(ctx context.Context, key string) error {
	if err := d.bucket.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return storeFault(err)
	}
	return nil
}

func (d *directory) Check(ctx context.Context) error {
	const probe = "probe"
	if err := d.Put(ctx, probe, func(w io.Writer) error { _, err := io.WriteString(w, probe); return err }); err != nil {
		return err
	}
	return d.Delete(ctx, probe)
}

// storeFault turns what the store says into what people can do: a full disk is
// theirs to mend, and until then filing without attachments still works.
func storeFault(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.New(fault.Unavailable, "files.no_space").Because(err)
	case gcerrors.Code(err) == gcerrors.NotFound:
		return fault.New(fault.NotFound, "files.missing").Because(err)
	}
	if _, ok := fault.As(err); ok {
		return err
	}
	return fmt.Errorf("blob store: %w", err)
}
