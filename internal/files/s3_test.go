package files_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/files/s3test"
)

func open(t *testing.T, address string) files.Store {
	t.Helper()
	s, err := files.OpenStore(address)
	require.NoError(t, err)
	return s
}

func says(body string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, body); return err }
}

func onS3(d *files.Deps, s files.Store) { d.Store = s }

// The example that Amazon publishes: "Example: GET Object" of
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
func TestARequestIsSignedAsAmazonShows(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "https://examplebucket.s3.amazonaws.com/test.txt", nil)
	r.Header.Set("Range", "bytes=0-9")
	files.Sign(r, "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1", time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC))
	require.Equal(t, "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "+
		"SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
		r.Header.Get("Authorization"))
}

func TestABucketKeepsWhatADirectoryKeeps(t *testing.T) {
	at := s3test.New(t)
	s := open(t, at.Address())
	require.NoError(t, s.Check(t.Context()))
	require.Empty(t, at.Objects(), "the check leaves nothing behind")

	_, err := s.Get(t.Context(), "ab/nothing")
	require.Equal(t, fault.NotFound, fault.KindOf(err))
	require.NoError(t, s.Delete(t.Context(), "ab/nothing"))
	for _, body := range []string{"short", "", strings.Repeat("0123456789", 400_000), "written over"} {
		require.NoError(t, s.Put(t.Context(), "ab/cd", says(body)))
		r, err := s.Get(t.Context(), "ab/cd")
		require.NoError(t, err)
		got, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		require.True(t, body == string(got), "%d bytes came back as %d", len(body), len(got))
	}
	require.Equal(t, []string{"ab/cd"}, at.Objects())
	require.NoError(t, s.Delete(t.Context(), "ab/cd"))
	require.NoError(t, s.Delete(t.Context(), "ab/cd"))
	require.Empty(t, at.Objects())

	broken := errors.New("broken picture")
	err = s.Put(t.Context(), "ab/cd", func(w io.Writer) error { _, _ = io.WriteString(w, "half"); return broken })
	require.ErrorIs(t, err, broken)
	require.Empty(t, at.Objects())
}

func TestAFileLiesInABucketAndGoesFromIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		at := s3test.New(t)
		b := newBench(t, d, func(deps *files.Deps) { onS3(deps, open(t, at.Address())) })
		body := strings.Repeat("路燈不亮三天了。", 20_000)
		f, err := b.Add(t.Context(), text("a.txt", body))
		require.NoError(t, err)
		require.Len(t, at.Objects(), 1)
		c, err := b.Open(t.Context(), owner, f.ID)
		require.NoError(t, err)
		got, err := io.ReadAll(c)
		require.NoError(t, err)
		require.NoError(t, c.Close())
		require.True(t, body == string(got))
		require.NoError(t, b.Remove(t.Context(), owner, f.ID))
		require.NoError(t, b.Sweep(t.Context()))
		require.Empty(t, at.Objects())
		require.Zero(t, b.rows(t))
	})
}

func TestAWrongKeyOrBucketIsNamed(t *testing.T) {
	at := s3test.New(t)
	for _, c := range []struct{ address, want string }{
		{at.For("elsewhere", at.Key, at.Secret), "there is no bucket elsewhere at " + at.URL},
		{at.For(at.Bucket, at.Key, "another secret"), "the access key " + at.Key + " may not use the bucket " + at.Bucket},
		{at.For(at.Bucket, "NOBODY", at.Secret), "access key"},
	} {
		s := open(t, c.address)
		err := s.Check(t.Context())
		require.ErrorContains(t, err, c.want)
		require.Equal(t, fault.Unavailable, fault.KindOf(err))
		require.True(t, files.Misplaced(err))
		require.NotContains(t, err.Error(), at.Secret)
		_, err = s.Get(t.Context(), "ab/cd")
		require.Equal(t, fault.Unavailable, fault.KindOf(err), "not to be read is not missing")
		require.Equal(t, fault.Unavailable, fault.KindOf(s.Delete(t.Context(), "ab/cd")))
	}
	_, err := files.OpenStore("s3://bucket?endpoint=" + at.URL)
	require.ErrorContains(t, err, "access key")
	_, err = files.OpenStore("s3:")
	require.ErrorContains(t, err, "s3://BUCKET/PREFIX")
}

func TestAStoreThatDiesInTheMiddleKeepsNoHalf(t *testing.T) {
	at := s3test.New(t)
	b := newBench(t, dbtest.New(t), func(deps *files.Deps) { onS3(deps, open(t, at.Address())) })
	at.Spoil(func(w http.ResponseWriter, r *http.Request) bool {
		_, _ = io.CopyN(io.Discard, r.Body, 100_000)
		panic(http.ErrAbortHandler) // the connection breaks, in the middle of the content
	})
	at.Config.ErrorLog = nil
	_, err := b.Add(t.Context(), text("a.txt", strings.Repeat("x", 1<<20)))
	f, ok := fault.As(err)
	require.True(t, ok)
	require.Equal(t, fault.Unavailable, f.Kind)
	require.Equal(t, "files.store_down", f.Key)
	require.False(t, files.Misplaced(err))
	require.ErrorContains(t, err, at.URL)

	at.Spoil(nil)
	require.Empty(t, at.Objects())
	list, err := b.List(t.Context(), owner)
	require.NoError(t, err)
	require.Empty(t, list)
	b.now = b.now.Add(2 * files.Abandoned)
	require.NoError(t, b.Sweep(t.Context()))
	require.Zero(t, b.rows(t), "what was announced is taken back")
	_, err = b.Add(t.Context(), text("a.txt", "abc"))
	require.NoError(t, err)
}

func TestAnAnswerThatGotLostIsAskedForAgain(t *testing.T) {
	at := s3test.New(t)
	s := open(t, at.Address())
	failed := 0
	at.Spoil(func(w http.ResponseWriter, r *http.Request) bool {
		if failed++; failed > 2 {
			return false
		}
		s3test.Refuse(w, http.StatusServiceUnavailable, "SlowDown")
		return true
	})
	require.NoError(t, s.Put(t.Context(), "ab/cd", says("whole")))
	require.Equal(t, []string{"ab/cd"}, at.Objects())
	at.Spoil(func(w http.ResponseWriter, r *http.Request) bool {
		s3test.Refuse(w, http.StatusInternalServerError, "InternalError")
		return true
	})
	before := at.Asked()
	err := s.Put(t.Context(), "ab/cd", says("whole"))
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
	require.False(t, files.Misplaced(err))
	require.Equal(t, 3, at.Asked()-before)
}

func TestAFullBucketSaysSo(t *testing.T) {
	at := s3test.New(t)
	b := newBench(t, dbtest.New(t), func(deps *files.Deps) { onS3(deps, open(t, at.Address())) })
	for code, status := range map[string]int{"XMinioStorageFull": http.StatusInsufficientStorage, "QuotaExceeded": http.StatusForbidden} {
		at.Spoil(func(w http.ResponseWriter, r *http.Request) bool {
			s3test.Refuse(w, status, code)
			return true
		})
		_, err := b.Add(t.Context(), text("a.txt", "abc"))
		f, ok := fault.As(err)
		require.True(t, ok)
		require.Equal(t, "files.no_space", f.Key)
		require.Equal(t, fault.Unavailable, f.Kind)
		require.False(t, files.Misplaced(err), "room can be made")
	}
	at.Spoil(nil)
	err := open(t, at.Address()).Put(t.Context(), "ab/cd", func(io.Writer) error { return syscall.ENOSPC }) // of the passing file
	f, _ := fault.As(err)
	require.Equal(t, "files.no_space", f.Key)
	require.Empty(t, at.Objects())
}

func TestNoPassingFileStays(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	at := s3test.New(t)
	s := open(t, at.Address())
	require.NoError(t, s.Put(t.Context(), "ab/cd", says("whole")))
	require.Error(t, s.Put(t.Context(), "ab/cd", func(io.Writer) error { return errors.New("half") }))
	left, err := filepath.Glob(filepath.Join(folder, "*"))
	require.NoError(t, err)
	require.Empty(t, left)
	require.NoError(t, os.Remove(folder))
	err = s.Put(t.Context(), "ab/cd", says("whole"))
	require.Equal(t, fault.Unavailable, fault.KindOf(err), "a folder that is missing is no missing file: %v", err)
}
