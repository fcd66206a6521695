package cases_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/vault"
)

// pad is a keeper of drafts whose clock a test moves.
type pad struct {
	*cases.Drafts
	files *files.Service
	now   time.Time
}

func newPad(t testing.TB, d *db.DB) *pad {
	t.Helper()
	p := &pad{now: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return p.now }
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	v := vault.New(d, ring, clock)
	blobs, err := files.OpenStore("file:" + t.TempDir())
	require.NoError(t, err)
	p.files = files.New(files.Deps{DB: d, Vault: v, Audit: audit.New(d, clock), Store: blobs, Now: clock})
	p.Drafts = cases.NewDrafts(d, v, p.files, clock)
	return p
}

func (p *pad) lost(t *testing.T, token string) {
	t.Helper()
	_, err := p.Load(t.Context(), token)
	require.Equal(t, fault.NotFound, fault.KindOf(err))
}

func TestADraftIsSealedAndForgottenAfterItsLife(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p, ctx := newPad(t, d), t.Context()
		token := p.NewToken()
		p.lost(t, token)
		require.NoError(t, p.Save(ctx, token, "what", []byte(`路燈不亮`)))
		p.now = p.now.Add(time.Hour)
		require.NoError(t, p.Save(ctx, token, "where", []byte(`路燈不亮三天`)))
		got, err := p.Load(ctx, token)
		require.NoError(t, err)
		require.Equal(t, "where", got.Step)
		require.Equal(t, `路燈不亮三天`, string(got.Data))
		require.Equal(t, p.ID(token), got.ID)
		var row struct {
			ID     string
			Cipher []byte
		}
		require.NoError(t, d.From(ctx).Table("drafts").Select("id, cipher").Take(&row).Error)
		require.NotContains(t, row.ID, token)
		require.NotContains(t, string(row.Cipher), "路燈")

		p.now = p.now.Add(cases.DraftLife)
		p.lost(t, token)
		require.NoError(t, p.Purge(ctx))
		var left, keys int64
		require.NoError(t, d.From(ctx).Table("drafts").Count(&left).Error)
		require.NoError(t, d.From(ctx).Table("vault_keys").Where("wrapped IS NOT NULL").Count(&keys).Error)
		require.Zero(t, left)
		require.Zero(t, keys, "what was typed opens in no backup either")
	})
}

func TestAStrangeTokenFindsNoDraft(t *testing.T) {
	p := newPad(t, dbtest.New(t))
	for _, token := range []string{"", "x", "' OR 1=1 --", strings.Repeat("A", 44), strings.Repeat("A", 5000)} {
		p.lost(t, token)
		require.Equal(t, fault.NotFound, fault.KindOf(p.Save(t.Context(), token, "what", nil)))
		require.NoError(t, p.Delete(t.Context(), token))
	}
	require.Equal(t, fault.Invalid, fault.KindOf(p.Save(t.Context(), p.NewToken(), "what", make([]byte, 1<<20))))
}

func TestADeletedDraftTakesTheFilesThatAreStillItsOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p, ctx := newPad(t, d), t.Context()
		token := p.NewToken()
		require.NoError(t, p.Save(ctx, token, "what", []byte("x")))
		own := files.Owner{Kind: files.Draft, ID: p.ID(token)}
		attach := func() {
			_, err := p.files.Add(ctx, files.Upload{Owner: own, Name: "a.txt", Content: strings.NewReader("abc"), Size: 3})
			require.NoError(t, err)
		}
		attach()
		require.NoError(t, p.files.Adopt(ctx, "draft", own.ID, "case", "c1"))
		attach()
		require.NoError(t, p.Delete(ctx, token))
		p.lost(t, token)
		gone, err := p.files.List(ctx, own)
		require.NoError(t, err)
		require.Empty(t, gone)
		kept, err := p.files.List(ctx, files.Owner{Kind: files.Case, ID: "c1"})
		require.NoError(t, err)
		require.Len(t, kept, 1)
	})
}
