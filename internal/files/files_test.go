package files_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/vault"
)

type bench struct {
	*files.Service
	db    *db.DB
	dir   string
	store files.Store
	now   time.Time
}

func newBench(t *testing.T, d *db.DB, change func(*files.Deps)) *bench {
	t.Helper()
	b := &bench{db: d, dir: filepath.Join(t.TempDir(), "blobs"), now: time.Now()}
	clock := func() time.Time { return b.now }
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	b.store, err = files.OpenStore("file:" + b.dir)
	require.NoError(t, err)
	deps := files.Deps{DB: d, Vault: vault.New(d, ring, clock), Audit: audit.New(d, clock), Store: b.store, Now: clock}
	if change != nil {
		change(&deps)
	}
	b.Service = files.New(deps)
	return b
}

var owner = files.Owner{Kind: files.Draft, ID: "7d0f"}

func text(name, body string) files.Upload {
	return files.Upload{Owner: owner, Name: name, Content: strings.NewReader(body), Size: int64(len(body))}
}

// blobs lists the files of the store, temporary ones too.
func (b *bench) blobs(t *testing.T) []string {
	t.Helper()
	var names []string
	require.NoError(t, filepath.WalkDir(b.dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, path)
		}
		return err
	}))
	return names
}

func (b *bench) rows(t *testing.T) int64 {
	t.Helper()
	var n int64
	require.NoError(t, b.db.From(t.Context()).Table("files").Count(&n).Error)
	return n
}

func TestAFileComesBackAsItWasAndLiesEncrypted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d, nil)
		body := strings.Repeat("路燈不亮三天了。", 20_000) // several segments
		f, err := b.Add(t.Context(), text(`C:\照片\我家 門口.txt`, body))
		require.NoError(t, err)
		require.Equal(t, "我家 門口.txt", f.Name)
		require.EqualValues(t, len(body), f.Size)
		require.False(t, f.Scanned)

		blobs := b.blobs(t)
		require.Len(t, blobs, 1)
		raw, err := os.ReadFile(blobs[0])
		require.NoError(t, err)
		require.NotContains(t, string(raw), "路燈")
		var name []byte
		require.NoError(t, d.From(t.Context()).Raw("SELECT name_cipher FROM files").Row().Scan(&name))
		require.NotContains(t, string(name), "門口")

		list, err := b.List(t.Context(), owner)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, f.ID, list[0].ID)
		c, err := b.Open(t.Context(), owner, f.ID)
		require.NoError(t, err)
		defer c.Close()
		w := httptest.NewRecorder()
		require.NoError(t, files.Serve(w, c))
		require.Equal(t, body, w.Body.String())
		h := w.Header()
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"))
		require.Equal(t, "text/plain", h.Get("Content-Type"))
		require.Equal(t, "attachment; filename*=utf-8''%E6%88%91%E5%AE%B6%20%E9%96%80%E5%8F%A3.txt", h.Get("Content-Disposition"))
		require.Contains(t, h.Get("Content-Security-Policy"), "sandbox")
		require.Contains(t, h.Get("Cache-Control"), "no-store")
	})
}

func TestAFileIsFoundOnlyUnderItsOwner(t *testing.T) {
	b := newBench(t, dbtest.New(t), nil)
	f, err := b.Add(t.Context(), text("a.txt", "abc"))
	require.NoError(t, err)
	_, err = b.Open(t.Context(), files.Owner{Kind: files.Case, ID: owner.ID}, f.ID)
	require.Equal(t, fault.NotFound, fault.KindOf(err))
	require.NoError(t, b.Adopt(t.Context(), "draft", owner.ID, "case", "c1"))
	list, err := b.List(t.Context(), owner)
	require.NoError(t, err)
	require.Empty(t, list)
	list, err = b.List(t.Context(), files.Owner{Kind: files.Case, ID: "c1"})
	require.NoError(t, err)
	require.Len(t, list, 1)
}

func TestATamperedFileDoesNotOpen(t *testing.T) {
	b := newBench(t, dbtest.New(t), nil)
	f, err := b.Add(t.Context(), text("a.txt", strings.Repeat("x", 200_000)))
	require.NoError(t, err)
	path := b.blobs(t)[0]
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	for name, bad := range map[string][]byte{"changed": append(bytes.Clone(raw[:len(raw)-1]), raw[len(raw)-1]^1), "cut": raw[:len(raw)-70_000]} {
		require.NoError(t, os.WriteFile(path, bad, 0o600))
		c, err := b.Open(t.Context(), owner, f.ID)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, c)
		require.Error(t, err, name)
		c.Close()
	}
}

func TestWhatIsTooMuchIsRefused(t *testing.T) {
	b := newBench(t, dbtest.New(t), nil)
	key := func(err error) string {
		f, ok := fault.As(err)
		require.True(t, ok, "%v", err)
		require.Equal(t, fault.Invalid, f.Kind)
		require.Equal(t, "file", f.Fields[0].Name)
		return f.Fields[0].Key
	}
	_, err := b.Add(t.Context(), text("a.txt", ""))
	require.Equal(t, "files.empty", key(err))
	_, err = b.Add(t.Context(), files.Upload{Owner: owner, Name: "a.txt", Content: strings.NewReader(""), Size: files.MaxSize + 1})
	require.Equal(t, "files.too_large", key(err))
	_, err = b.Add(t.Context(), text(" ", "abc"))
	require.Equal(t, "files.name", key(err))
	_, err = b.Add(t.Context(), text("a.png", "\x89PNG\r\n\x1a\n and no chunk"))
	require.Equal(t, "files.type.broken", key(err))
	require.Zero(t, b.rows(t))
	require.Empty(t, b.blobs(t))
	for range files.MaxFiles {
		_, err = b.Add(t.Context(), text("a.txt", "abc"))
		require.NoError(t, err)
	}
	_, err = b.Add(t.Context(), text("a.txt", "abc"))
	require.Equal(t, "files.too_many", key(err))
	require.Len(t, b.blobs(t), files.MaxFiles)
}

// fullDisk lets some bytes through and then has no space, as a disk does.
type fullDisk struct {
	files.Store
	left int
}

func (f *fullDisk) Put(ctx context.Context, key string, fill func(io.Writer) error) error {
	return f.Store.Put(ctx, key, func(w io.Writer) error { return fill(&fullWriter{w, f.left}) })
}

type fullWriter struct {
	w    io.Writer
	left int
}

func (f *fullWriter) Write(p []byte) (int, error) {
	if len(p) > f.left {
		n, _ := f.w.Write(p[:f.left])
		f.left = 0
		return n, &os.PathError{Op: "write", Path: "blob", Err: syscall.ENOSPC}
	}
	f.left -= len(p)
	return f.w.Write(p)
}

func TestAFullDiskIsSaidClearlyAndLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, left := range []int{0, 10, 100_000} {
			b := newBench(t, d, func(deps *files.Deps) { deps.Store = &fullDisk{deps.Store, left} })
			photo, _ := jpegPicture(t, 1)
			for name, body := range map[string][]byte{"a.txt": bytes.Repeat([]byte("x"), 300_000), "a.jpg": photo} {
				if len(body) < left {
					continue
				}
				_, err := b.Add(t.Context(), files.Upload{Owner: owner, Name: name, Content: bytes.NewReader(body), Size: int64(len(body))})
				f, ok := fault.As(err)
				require.True(t, ok, "%s: %v", name, err)
				require.Equal(t, fault.Unavailable, f.Kind)
				require.Equal(t, "files.no_space", f.Key)
			}
			require.Zero(t, b.rows(t))
			require.Empty(t, b.blobs(t))
		}
	})
}

func TestARemovedFileIsUnreadableAtOnceAndGoneAfterTheSweep(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d, nil)
		f, err := b.Add(t.Context(), text("a.txt", "abc"))
		require.NoError(t, err)
		_, err = b.Add(t.Context(), text("b.txt", "abc"))
		require.NoError(t, err)
		require.NoError(t, b.Remove(t.Context(), owner, f.ID))
		_, err = b.Open(t.Context(), owner, f.ID)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		require.Equal(t, fault.NotFound, fault.KindOf(b.Remove(t.Context(), owner, f.ID)))
		require.NoError(t, b.Sweep(t.Context()))
		require.Len(t, b.blobs(t), 1)
		require.NoError(t, b.RemoveAll(t.Context(), owner))
		require.NoError(t, b.Sweep(t.Context()))
		require.Empty(t, b.blobs(t))
		require.Zero(t, b.rows(t))
		var alive int64
		require.NoError(t, d.From(t.Context()).Table("vault_keys").Where("wrapped IS NOT NULL").Count(&alive).Error)
		require.Zero(t, alive)
	})
}

// crash loses the process between the content and its confirmation.
type crash struct{ files.Store }

var errCrash = errors.New("the process died here")

func (c crash) Put(ctx context.Context, key string, fill func(io.Writer) error) error {
	if err := c.Store.Put(ctx, key, fill); err != nil {
		return err
	}
	return errCrash
}

func (c crash) Delete(context.Context, string) error { return errCrash }

func TestWhatACrashLeavesIsSweptAwayLater(t *testing.T) {
	b := newBench(t, dbtest.New(t), func(deps *files.Deps) { deps.Store = crash{deps.Store} })
	_, err := b.Add(t.Context(), text("a.txt", "abc"))
	require.ErrorIs(t, err, errCrash)
	require.Len(t, b.blobs(t), 1)
	list, err := b.List(t.Context(), owner)
	require.NoError(t, err)
	require.Empty(t, list, "a file that is not confirmed is not there")

	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	clock := func() time.Time { return b.now }
	next := files.New(files.Deps{DB: b.db, Vault: vault.New(b.db, ring, clock), Audit: audit.New(b.db, clock), Store: b.store, Now: clock})
	require.NoError(t, next.Sweep(t.Context()))
	require.Len(t, b.blobs(t), 1, "it may still be coming in")
	b.now = b.now.Add(files.Abandoned + time.Second)
	require.NoError(t, next.Sweep(t.Context()))
	require.Empty(t, b.blobs(t))
	require.Zero(t, b.rows(t))
}

type scanner struct{ err error }

func (s scanner) Scan(_ context.Context, r io.Reader) (string, error) {
	body, err := io.ReadAll(r)
	if err != nil || s.err != nil {
		return "", errors.Join(err, s.err)
	}
	if bytes.Contains(body, []byte("EICAR")) {
		return "Eicar-Test", nil
	}
	return "", nil
}

func TestAScannerDecides(t *testing.T) {
	d := dbtest.New(t)
	b := newBench(t, d, func(deps *files.Deps) { deps.Scanner = scanner{} })
	f, err := b.Add(t.Context(), text("a.txt", "abc"))
	require.NoError(t, err)
	require.True(t, f.Scanned)
	_, err = b.Add(t.Context(), text("a.txt", "EICAR"))
	require.Equal(t, fault.Invalid, fault.KindOf(err))
	b = newBench(t, d, func(deps *files.Deps) { deps.Scanner = scanner{errors.New("no route")} })
	_, err = b.Add(t.Context(), text("a.txt", "abc"))
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
	require.EqualValues(t, 1, b.rows(t))
}

func TestAStoreElsewhereIsRefusedInPlainWords(t *testing.T) {
	_, err := files.OpenStore("gs://bucket")
	require.ErrorContains(t, err, `"gs" is not supported; use file:DIRECTORY or s3://BUCKET/PREFIX`)
	_, err = files.OpenStore("file:")
	require.Error(t, err)
	s, err := files.OpenStore("file://" + filepath.Join(t.TempDir(), "deep", "er"))
	require.NoError(t, err)
	require.NoError(t, s.Check(t.Context()))
	_, err = s.Get(t.Context(), "nothing")
	require.Equal(t, fault.NotFound, fault.KindOf(err))
	require.NoError(t, s.Delete(t.Context(), "nothing"))
}
