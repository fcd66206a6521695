package identity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// FuzzTokens gives whatever comes in links, cookies and headers to what reads it:
// nothing that we did not make opens anything, and every refusal is a plain one.
func FuzzTokens(f *testing.F) {
	h := open(f, dbtest.New(f))
	require.NoError(f, h.s.RegisterCitizen(visitor(""), lin))
	link := h.link()
	step, err := h.s.AskCode(visitor("192.0.2.1"), lin.Email)
	require.NoError(f, err)
	for _, token := range []string{link, step, "", "..", link + "A", link[:len(link)-1], "00000000-0000-7000-8000-000000000000." + link, "mqp_" + step} {
		f.Add(token, "12345678")
	}
	f.Fuzz(func(t *testing.T, token, typed string) {
		if token == link || typed == lin.Password {
			return
		}
		ctx := visitor("")
		_, _, confirm := h.s.Confirm(ctx, token, typed)
		_, reset := h.s.Reset(ctx, token, typed)
		_, _, bearer := h.s.ResolveToken(ctx, token)
		_, _, session := h.s.Resolve(ctx, token)
		_, _, code := h.s.SignInCode(ctx, token, typed)
		for what, err := range map[string]error{"confirm": confirm, "reset": reset, "bearer": bearer, "session": session, "code": code} {
			if err == nil || fault.KindOf(err) == fault.Internal {
				t.Fatalf("%s of %q: %v", what, token, err)
			}
		}
	})
}
