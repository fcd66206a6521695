package permits_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/permits"
)

func rows(t *testing.T, d *db.DB, where string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM "+where, args...).Scan(&n).Error)
	return n
}

func TestErasedPermitApplicationsKeepWhatWasDecidedAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, hua, handler, head := w.person("ming"), w.person("hua"), w.staff("handler", "handler", "CG03"), w.staff("head", "head", "CG03")
		id, no := w.apply(ming)
		_, err := w.Examine(handler, no, 0, permits.Examination{Verdicts: fine("plan", "lease")})
		require.NoError(t, err)
		decide(t, w, handler, head, no, true)
		draft, others := w.draft(ming).Application, w.draft(hua).Application
		p, err := w.Part(handler, no)
		require.NoError(t, err)
		material, file := p.Items[0].Now.ID, p.Items[0].Files[0].ID
		me := []string{actor.From(ming).ConstituentID}

		held, err := w.Held(ming, me)
		require.NoError(t, err)
		require.Len(t, held, 2)
		require.Equal(t, signed.Name, held[0].Signer)
		require.EqualValues(t, 20, held[0].Answers["seats"])
		require.Equal(t, "LJP-1", held[0].Decision.PermitNo)
		require.Len(t, held[0].Given, 2)
		require.Equal(t, "lease.txt", held[0].Given[0].Files[0].Name)
		require.Equal(t, permits.Draft, held[1].State)
		require.Nil(t, held[1].Decision)

		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error { return w.Erase(ctx, me) }))
		require.Zero(t, rows(t, d, "permit_applications WHERE id = ?", draft.ID), "a draft goes whole")
		require.Zero(t, rows(t, d, "permit_materials WHERE application_id = ?", draft.ID))
		require.Equal(t, 1, rows(t, d, `permit_applications a JOIN vault_keys k ON k.id = a.vault_key_id WHERE a.id = ? AND a.case_no = ? AND a.received_on IS NOT NULL
 AND a.state = 'granted' AND a.answers_cipher IS NULL AND a.signer_cipher IS NULL AND k.destroyed_at IS NOT NULL`, id, no))
		require.Equal(t, 2, rows(t, d, "permit_materials WHERE application_id = ? AND verdict = 'verified'", id))
		require.Equal(t, 1, rows(t, d, "permit_decisions WHERE application_id = ? AND permit_no = 'LJP-1'", id))
		require.Equal(t, 4, rows(t, d, "files f JOIN vault_keys k ON k.id = f.vault_key_id WHERE f.owner_kind = 'material' AND f.state = 'removed' AND k.destroyed_at IS NOT NULL"))
		require.Equal(t, 2, rows(t, d, "files WHERE owner_kind = 'material' AND state = 'stored'"), "those of somebody else stay")

		p, err = w.Part(handler, no)
		require.NoError(t, err, "the file can still be read")
		require.Empty(t, p.Application.Answers)
		require.Empty(t, p.Application.Signer)
		require.Empty(t, p.Items[0].Files)
		require.NotNil(t, p.Decision)
		_, err = w.File(handler, no, material, file)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "%v", err)
		require.EqualValues(t, 20, w.own(hua, others.ID).Application.Answers["seats"])
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error { return w.Erase(ctx, me) }), "twice is no error")
		_, err = w.cases.View(handler, no)
		require.NoError(t, err)
		require.Equal(t, cases.Concluded, p.Case.Status)
	})
}
