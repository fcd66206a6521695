package files_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
)

// sender is an account that sends files in parts to the case c1.
type sender struct {
	*bench
	id string
}

func newSender(t *testing.T, b *bench) sender {
	t.Helper()
	id, key := db.NewID(b.now), db.NewID(b.now)
	tx := b.db.From(t.Context())
	require.NoError(t, tx.Exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'account', 'aes256gcm', 'k1', ?)", key, b.now).Error)
	require.NoError(t, tx.Exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, link_key, created_at)
 VALUES (?, 'citizen', ?, ?, ?, 'en', 'active', 'k1', ?)`, id, []byte(id), key, []byte{1}, b.now).Error)
	return sender{b, id}
}

func (s sender) begin(t *testing.T, name string, raw []byte, digest bool) *files.Partial {
	t.Helper()
	b := files.Beginning{AccountID: s.id, OwnerID: "c1", Place: "plan", Name: name, Size: int64(len(raw))}
	if digest {
		sum := sha256.Sum256(raw)
		b.Digest = hex.EncodeToString(sum[:])
	}
	p, err := s.Begin(t.Context(), b)
	require.NoError(t, err)
	return p
}

// add attaches to the case.
func (s sender) add(ctx context.Context, u files.Upload) error {
	u.Owner = ofCase
	_, err := s.Add(ctx, u)
	return err
}

// large is text of more than two parts.
func large(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	raw := make([]byte, n)
	for i := range raw {
		raw[i] = 'a' + byte(r.IntN(26))
	}
	return raw
}

func (s sender) number(t *testing.T, table string) (n int64) {
	t.Helper()
	require.NoError(t, s.db.From(t.Context()).Table(table).Count(&n).Error)
	return n
}

func TestAFileThatWasCutOffGoesOnAndBecomesOneFile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSender(t, newBench(t, d, nil))
		raw := large(1, files.PartSize*2+100)
		p := s.begin(t, "plan.txt", raw, true)
		require.NoError(t, s.Append(t.Context(), p, 0, raw[:700_000]))
		require.NoError(t, s.Append(t.Context(), p, 700_000, raw[700_000:1_500_000]), "over the end of a part")
		err := s.Append(t.Context(), p, 700_000, raw[700_000:1_500_000])
		require.Equal(t, fault.Conflict, fault.KindOf(err))
		require.EqualValues(t, 1_500_000, p.Received, "the right offset is told")
		require.Equal(t, fault.Invalid, fault.KindOf(s.Append(t.Context(), p, 1_500_000, make([]byte, files.PartSize))), "past the end")
		require.Equal(t, fault.Conflict, fault.KindOf(s.Finish(t.Context(), p, s.add)), "not whole yet")
		var sealed [][]byte
		require.NoError(t, d.From(t.Context()).Raw("SELECT cipher FROM file_upload_parts").Scan(&sealed).Error)
		require.NotContains(t, string(bytes.Join(sealed, nil)), string(raw[:40]))

		again := s.begin(t, "plan.txt", raw, true)
		require.Equal(t, p.ID, again.ID, "the same file goes on")
		require.EqualValues(t, 1_500_000, again.Received)
		require.NotEqual(t, p.ID, s.begin(t, "plan.txt", large(2, len(raw)), true).ID, "another does not")
		_, err = s.Partial(t.Context(), p.ID, db.NewID(s.now), "c1")
		require.Equal(t, fault.NotFound, fault.KindOf(err), "of another account")
		_, err = s.Partial(t.Context(), p.ID, s.id, "c2")
		require.Equal(t, fault.NotFound, fault.KindOf(err), "of another owner")
		require.NoError(t, s.Append(t.Context(), again, again.Received, raw[1_500_000:]))

		down := errors.New("the store is away")
		require.ErrorIs(t, s.Finish(t.Context(), again, func(context.Context, files.Upload) error { return down }), down)
		var all sync.WaitGroup
		for range 3 { // of several that end it at once one does
			one := *again
			all.Go(func() {
				if err := s.Finish(context.Background(), &one, s.add); err != nil && fault.KindOf(err) != fault.Conflict {
					t.Error(err)
				}
			})
		}
		all.Wait()
		require.NoError(t, s.Finish(t.Context(), again, s.add), "asked for again, it is done")
		require.True(t, again.Done())
		list, err := s.List(t.Context(), ofCase)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, "plan.txt", list[0].Name)
		require.Equal(t, raw, s.content(t, list[0].ID))
		require.Zero(t, s.number(t, "file_upload_parts"))
		s.now = s.now.Add(files.PartialLife)
		require.NoError(t, s.Sweep(t.Context()))
		require.Zero(t, s.number(t, "file_uploads"))
		require.Equal(t, raw, s.content(t, list[0].ID), "the file stays")
	})
}

func TestAFileInPartsIsLimitedLikeAnyOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSender(t, newBench(t, d, nil))
		begin := func(name string, size int64, digest string, kinds ...files.Kind) string {
			_, err := s.Begin(t.Context(), files.Beginning{AccountID: s.id, OwnerID: "c1", Place: "plan", Name: name, Size: size, Digest: digest, Kinds: kinds})
			if err == nil {
				return ""
			}
			f, _ := fault.As(err)
			require.Equal(t, fault.Invalid, f.Kind)
			if len(f.Fields) == 0 {
				return f.Key
			}
			return f.Fields[0].Key
		}
		require.Equal(t, "files.too_large", begin("a.txt", files.MaxSize+1, ""))
		require.Equal(t, "files.empty", begin("a.txt", 0, ""))
		require.Equal(t, "files.wanted", begin("a.txt", 10, "", files.PDF))
		require.Equal(t, "fault.malformed", begin("a.txt", 10, "ab"))

		raw := []byte("MZ\x00\x01 no kind that is taken")
		p := s.begin(t, "a.txt", raw, false)
		require.NoError(t, s.Append(t.Context(), p, 0, raw))
		require.Equal(t, fault.Invalid, fault.KindOf(s.Finish(t.Context(), p, s.add)))
		_, err := s.Partial(t.Context(), p.ID, s.id, "c1")
		require.Equal(t, fault.NotFound, fault.KindOf(err), "what is refused is thrown away")

		p = s.begin(t, "a.txt", []byte("abc"), true)
		require.NoError(t, s.Append(t.Context(), p, 0, []byte("abd")))
		f, _ := fault.As(s.Finish(t.Context(), p, s.add))
		require.Equal(t, "files.upload.broken", f.Fields[0].Key)
		require.Zero(t, s.rows(t))

		for range files.MaxPartial {
			require.Empty(t, begin("a.txt", 10, ""))
		}
		require.Equal(t, "files.upload.many", begin("a.txt", 10, ""))
		s.now = s.now.Add(files.PartialLife + time.Second)
		require.Empty(t, begin("a.txt", 10, ""))
		require.NoError(t, s.Sweep(t.Context()))
		require.EqualValues(t, 1, s.number(t, "file_uploads"))
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error { return s.Forget(ctx, "c1") }))
		require.Zero(t, s.number(t, "file_uploads"))
	})
}

// However a file is cut, the same bytes arrive.
func FuzzAnySplitGivesTheSameBytes(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Add(uint64(7), uint64(11))
	f.Fuzz(func(t *testing.T, seed, cuts uint64) {
		s := newSender(t, newBench(t, dbtest.New(t), nil))
		r := rand.New(rand.NewPCG(seed, cuts))
		raw := large(seed, 1+r.IntN(3*files.PartSize))
		p := s.begin(t, "a.txt", raw, true)
		for at := 0; at < len(raw); {
			n := min(len(raw)-at, 1+r.IntN(files.PartSize))
			if r.IntN(4) == 0 { // one that does not fit changes nothing
				require.Error(t, s.Append(t.Context(), p, int64(at+1), raw[at : at+n][:max(0, n-1)]))
				require.EqualValues(t, at, p.Received)
			}
			require.NoError(t, s.Append(t.Context(), p, int64(at), raw[at:at+n]))
			at += n
		}
		var got []byte
		require.NoError(t, s.Finish(t.Context(), p, func(_ context.Context, u files.Upload) error {
			var err error
			got, err = io.ReadAll(io.NewSectionReader(u.Content, 0, u.Size))
			return err
		}))
		require.True(t, bytes.Equal(raw, got))
	})
}
