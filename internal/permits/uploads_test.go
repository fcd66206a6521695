package permits_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
)

func TestAMaterialInPartsIsAttachedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ming, hua := w.person("ming"), w.person("hua")
		a, err := w.Begin(ming, "food")
		require.NoError(t, err)
		raw := []byte("平面圖在這裡")
		begin := files.Beginning{Name: "plan.txt", Size: int64(len(raw))}
		_, err = w.BeginUpload(hua, a.ID, "plan", begin)
		kind(t, fault.NotFound, err)
		_, err = w.BeginUpload(ming, a.ID, "no-such", begin)
		kind(t, fault.NotFound, err)
		up, err := w.BeginUpload(ming, a.ID, "plan", begin)
		require.NoError(t, err)
		_, err = w.Append(hua, a.ID, up.ID, 0, raw)
		kind(t, fault.NotFound, err)
		_, err = w.Append(ming, a.ID, up.ID, 0, raw[:5])
		require.NoError(t, err)
		now, err := w.Append(ming, a.ID, up.ID, 3, raw[3:])
		kind(t, fault.Conflict, err)
		require.EqualValues(t, 5, now.Received)
		require.Empty(t, w.own(ming, a.ID).Items[0].Files)
		for range 2 { // the answer to the last part may be lost: sent again, it is the same file
			now, err = w.Append(ming, a.ID, up.ID, 5, raw[5:])
			require.NoError(t, err)
			require.True(t, now.Done())
		}
		o := w.own(ming, a.ID)
		require.Len(t, o.Items[0].Files, 1)
		require.Equal(t, "plan.txt", o.Items[0].Files[0].Name)

		up, err = w.BeginUpload(ming, a.ID, "lease", begin)
		require.NoError(t, err)
		_, err = w.Append(ming, a.ID, up.ID, 0, raw[:5])
		require.NoError(t, err)
		require.NoError(t, w.Drop(ming, a.ID, w.own(ming, a.ID).Application.Version))
		require.Zero(t, rows(t, d, "file_uploads WHERE file_id IS NULL"), "it goes with its draft")
	})
}
