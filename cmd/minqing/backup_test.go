package main

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/config"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/files"
)

// open opens the product of a patient.
func (p *patient) open(t *testing.T) *app.App {
	t.Helper()
	c, err := config.Load(p.environ)
	require.NoError(t, err)
	a, err := app.New(t.Context(), c, app.Options{Log: io.Discard})
	require.NoError(t, err)
	t.Cleanup(func() { a.Close() })
	return a
}

// keyed gives a patient the key file of another.
func (p *patient) keyed(t *testing.T, of *patient) *patient {
	t.Helper()
	body, err := os.ReadFile(of.keys)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(p.keys, body, 0o600))
	return p
}

// eachPair runs a test with an installation and makes of empty ones of its engine.
func eachPair(t *testing.T, test func(t *testing.T, p *patient, empty func() *patient)) {
	t.Run("sqlite", func(t *testing.T) {
		test(t, newPatient(t, ""), func() *patient { return newPatient(t, "") })
	})
	t.Run("postgres", func(t *testing.T) {
		test(t, newPatient(t, dbtest.Postgres(t).URL()), func() *patient { return newPatient(t, dbtest.Postgres(t).URL()) })
	})
}

func TestABackupThatIsMadeWhilePeopleWorkRestoresToTheSameFigures(t *testing.T) {
	eachPair(t, func(t *testing.T, p *patient, empty func() *patient) {
		require.Zero(t, p.run(t, nil, "demo", "load", "--cases", "60").code)
		a := p.open(t)
		ctx := actor.AsSystem(t.Context(), "test")
		var drawn bytes.Buffer
		require.NoError(t, png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 2, 2))))
		picture := drawn.Bytes()
		owner := files.Owner{Kind: files.Case, ID: db.NewID(a.Options.Now())}
		_, err := a.Files.Add(ctx, files.Upload{Owner: owner, Name: "secret-name.png", Content: bytes.NewReader(picture), Size: int64(len(picture))})
		require.NoError(t, err)
		require.NoError(t, a.Insight.Rebuild(ctx))

		archive := filepath.Join(p.dir, "a.backup")
		more := make(chan said, 1)
		go func() { more <- p.run(t, nil, "demo", "load", "--cases", "300", "--seed", "7") }()
		s := p.run(t, nil, "backup", archive)
		require.Zero(t, s.code, s.err)
		require.Contains(t, s.out, "1 attachments")
		require.Zero(t, (<-more).code)
		busy := empty().keyed(t, p)
		s = busy.run(t, nil, "restore", archive)
		require.Zero(t, s.code, s.err)
		require.Contains(t, s.out, "The audit trail holds")
		require.Zero(t, busy.run(t, nil, "audit", "verify").code)

		quiet := filepath.Join(p.dir, "b.backup")
		require.Zero(t, p.run(t, nil, "backup", quiet).code)
		other := empty().keyed(t, p)
		s = other.run(t, nil, "restore", quiet)
		require.Zero(t, s.code, s.err)
		require.Regexp(t, "^ok ", other.run(t, nil, "doctor").line(t, "triggers"), "each runs again as it did")
		for _, of := range []string{"cases", "evaluations", "constituents"} {
			was, is := p.run(t, nil, "export", of, "--format", "jsonl"), other.run(t, nil, "export", of, "--format", "jsonl")
			require.Zero(t, is.code, is.err)
			require.NotEmpty(t, was.out)
			require.Equal(t, was.out, is.out, of)
		}
		b := other.open(t)
		list, err := b.Files.List(ctx, owner)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, "secret-name.png", list[0].Name)
		for _, table := range []string{"audit_entries", "figures_day"} {
			var was, is int
			require.NoError(t, a.DB.SQL().QueryRow("SELECT count(*) FROM "+table).Scan(&was))
			require.NoError(t, b.DB.SQL().QueryRow("SELECT count(*) FROM "+table).Scan(&is))
			if table == "audit_entries" {
				was++ // the restoring itself
			}
			require.Equal(t, was, is, table)
		}
		body, err := os.ReadFile(quiet)
		require.NoError(t, err)
		head, sealed, found := bytes.Cut(body[len("minqing-backup-1\n"):], []byte("\n"))
		require.True(t, found)
		require.NotContains(t, string(head), "secret")
		for _, word := range []string{"SQLite format", "audit_entries", "secret-name", "demo.test", "constituents", "ustar"} {
			require.NotContains(t, string(sealed), word, "the archive reveals nothing")
		}
		info, err := os.Stat(quiet)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		require.Equal(t, 1, p.run(t, nil, "backup", quiet).code, "an archive is not written over")
	})
}

func TestARestoreThatCannotSucceedChangesNothing(t *testing.T) {
	eachPair(t, func(t *testing.T, p *patient, empty func() *patient) {
		require.Zero(t, p.run(t, nil, "demo", "load", "--cases", "20").code)
		archive := filepath.Join(p.dir, "a.backup")
		require.Zero(t, p.run(t, nil, "backup", archive).code)
		body, err := os.ReadFile(archive)
		require.NoError(t, err)
		change := func(name string, body []byte) string {
			path := filepath.Join(p.dir, name)
			require.NoError(t, os.WriteFile(path, body, 0o600))
			return path
		}
		flipped := bytes.Clone(body)
		flipped[len(flipped)/2] ^= 1
		relabelled := bytes.Replace(body, []byte(`"schema":`), []byte(`"schema":1`), 1)

		target := empty()
		s := target.run(t, nil, "restore", archive)
		require.Equal(t, 1, s.code)
		require.Contains(t, s.err, "there is no key file")
		require.NoFileExists(t, target.keys, "no new key in its place")
		stranger := newPatient(t, "")
		require.Zero(t, stranger.run(t, nil, "migrate", "up").code)
		target.keyed(t, stranger)
		s = target.run(t, nil, "restore", archive)
		require.Equal(t, 1, s.code)
		require.Contains(t, s.err, "k1 is another key: fingerprint ")

		target.keyed(t, p)
		for name, c := range map[string]struct{ path, says string }{
			"a flipped bit":        {change("flipped", flipped), "damaged"},
			"a cut end":            {change("cut", body[:len(body)-100]), "damaged"},
			"another label":        {change("label", relabelled), "damaged"},
			"the head alone":       {change("head", body[:len("minqing-backup-1\n")+20]), "header"},
			"another file":         {change("other", []byte("PK\x03\x04 something else entirely")), "no backup of Minqing"},
			"an empty file":        {change("empty", nil), "no backup of Minqing"},
			"a header without end": {change("long", append([]byte("minqing-backup-1\n"), bytes.Repeat([]byte("x"), 1<<17)...)), "damaged"},
		} {
			s := target.run(t, nil, "restore", c.path)
			require.Equal(t, 1, s.code, name)
			require.Contains(t, s.err, c.says, name)
			require.Equal(t, 1, strings.Count(s.err, "minqing:"), name)
		}
		used := p.run(t, nil, "restore", archive)
		require.Equal(t, 1, used.code)
		require.Contains(t, used.err, "is not empty")
		require.NotContains(t, used.err, "password")
		s = target.run(t, nil, "restore", archive)
		require.Zero(t, s.code, "after all of that the database was still empty: %s", s.err)
	})
}
