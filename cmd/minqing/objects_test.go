package main

import (
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/files"
	"minqing/internal/files/s3test"
	"minqing/internal/tracing/tracetest"
)

// on moves a patient's attachments into a bucket.
func (p *patient) on(address string) *patient {
	p.environ = slices.DeleteFunc(p.environ, func(v string) bool { return strings.HasPrefix(v, "MINQING_BLOB_URL=") })
	p.environ = append(p.environ, "MINQING_BLOB_URL="+address)
	return p
}

func TestADoctorAndAStartNameWhatIsWrongWithABucket(t *testing.T) {
	at := s3test.New(t)
	p := newPatient(t, "").on(at.For(at.Bucket, "", ""))
	key := []string{"AWS_ACCESS_KEY_ID=" + at.Key, "AWS_SECRET_ACCESS_KEY=" + at.Secret}
	s := p.run(t, key, "doctor", "--verbose")
	require.Equal(t, 0, s.code, s.out+s.err)
	require.Regexp(t, "^ok ", s.line(t, "files"))
	require.NotContains(t, s.out, at.Secret)
	require.Empty(t, at.Objects())

	for address, want := range map[string]string{
		at.For("elsewhere", at.Key, at.Secret):           "there is no bucket elsewhere at " + at.URL,
		at.For(at.Bucket, at.Key, "another+secret/of42"): "the access key " + at.Key + " may not use the bucket " + at.Bucket,
	} {
		p.on(address)
		s = p.run(t, nil, "doctor")
		require.Equal(t, 1, s.code)
		require.Contains(t, s.line(t, "files"), want)
		require.Contains(t, s.line(t, "files"), "make the bucket")
		s = p.run(t, nil, "serve", "--listen", "127.0.0.1:0")
		require.Equal(t, 1, s.code, "a start is refused")
		require.Contains(t, s.err, "MINQING_BLOB_URL: "+want)
		require.NotContains(t, s.out+s.err, "of42")
	}
	at.Close()
	p.on(at.For(at.Bucket, at.Key, at.Secret))
	s = p.run(t, nil, "doctor")
	require.Equal(t, 1, s.code)
	require.Contains(t, s.line(t, "files"), "reach the bucket "+at.Bucket+" at "+at.URL)
}

func TestADoctorAsksTheCollector(t *testing.T) {
	c := tracetest.New(t)
	p := newPatient(t, "")
	require.NotContains(t, p.run(t, nil, "doctor").out, "traces")
	secret := "MINQING_OTEL_ENDPOINT=" + strings.Replace(c.URL, "://", "://user:hunter2@", 1)
	s := p.run(t, []string{secret}, "doctor", "--verbose")
	require.Regexp(t, "^ok +traces", s.line(t, "traces"))
	require.NotContains(t, s.out, "hunter2")
	c.Fail(http.StatusUnauthorized)
	s = p.run(t, []string{secret}, "doctor")
	require.Regexp(t, "^warn +traces .*it answers 401", s.line(t, "traces"))
	require.NotContains(t, s.out, "hunter2")
	c.Close()
	s = p.run(t, []string{secret}, "doctor")
	require.Regexp(t, "^warn +traces .*cannot be sent", s.line(t, "traces"))
	require.NotContains(t, s.out, "hunter2")
	require.Zero(t, s.code, "traces are no reason to fail")
}

func TestABackupCarriesAttachmentsFromBucketToBucket(t *testing.T) {
	eachPair(t, func(t *testing.T, p *patient, empty func() *patient) {
		from, to := s3test.New(t), s3test.New(t)
		p.on(from.Address())
		require.Zero(t, p.run(t, nil, "demo", "load", "--cases", "5").code)
		a := p.open(t)
		ctx := actor.AsSystem(t.Context(), "test")
		owner := files.Owner{Kind: files.Case, ID: db.NewID(a.Options.Now())}
		body := strings.Repeat("a plan of the street\n", 100_000)
		f, err := a.Files.Add(ctx, files.Upload{Owner: owner, Name: "plan.txt", Content: strings.NewReader(body), Size: int64(len(body))})
		require.NoError(t, err)
		require.Len(t, from.Objects(), 1)

		archive := filepath.Join(p.dir, "a.backup")
		s := p.run(t, nil, "backup", archive)
		require.Zero(t, s.code, s.err)
		require.Contains(t, s.out, "1 attachments")
		other := empty().keyed(t, p).on(to.Address())
		to.Spoil(func(w http.ResponseWriter, _ *http.Request) bool {
			s3test.Refuse(w, http.StatusInsufficientStorage, "XMinioStorageFull")
			return true
		})
		require.Equal(t, 1, other.run(t, nil, "restore", archive).code, "no room")
		to.Spoil(nil)
		s = other.run(t, nil, "restore", archive)
		require.Zero(t, s.code, "the database was left empty: %s", s.err)
		require.Equal(t, from.Objects(), to.Objects())
		c, err := other.open(t).Files.Open(ctx, owner, f.ID)
		require.NoError(t, err)
		defer c.Close()
		got := new(strings.Builder)
		_, err = io.Copy(got, c)
		require.NoError(t, err)
		require.True(t, got.String() == body)
	})
}
