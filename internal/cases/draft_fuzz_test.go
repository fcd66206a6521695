package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// FuzzDraftToken looks for drafts by tokens that browsers made up.
func FuzzDraftToken(f *testing.F) {
	p := newPad(f, dbtest.New(f))
	ours := p.NewToken()
	require.NoError(f, p.Save(f.Context(), ours, "what", []byte("x")))
	f.Add(ours)
	f.Add(ours[:42])
	f.Add(ours[:42] + "\x00")
	f.Add("' OR 1=1 --aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	f.Fuzz(func(t *testing.T, token string) {
		got, err := p.Load(t.Context(), token)
		switch {
		case token == ours && err != nil:
			t.Fatal(err)
		case token != ours && (got != nil || fault.KindOf(err) != fault.NotFound):
			t.Fatalf("%q opened %v: %v", token, got, err)
		}
	})
}
