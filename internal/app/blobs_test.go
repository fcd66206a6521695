package app_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/files"
	"minqing/internal/files/s3test"
)

func TestARecordThatGoesTakesItsObjectsAlong(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		at := s3test.New(t)
		h := open(t, d, true, "MINQING_BLOB_URL="+at.Address())
		h.serve(t, app.ServeOptions{Web: true})
		system := actor.AsSystem(t.Context(), "test")
		city := len(at.Objects())
		old, _ := file(visit(t, h.url))
		current, _ := file(visit(t, h.url))
		for _, no := range []string{old, current} {
			_, err := h.Files.Add(system, files.Upload{Owner: files.Owner{Kind: files.Case, ID: h.idOf(t, d, no)}, Name: "a.txt", Content: strings.NewReader("abc"), Size: 3})
			require.NoError(t, err)
		}
		require.Len(t, at.Objects(), city+2)
		h.concluded(t, d, old)
		h.Retention.Now = func() time.Time { return time.Now().AddDate(11, 0, 0) }
		_, err := h.Retention.Run(system, 100_000)
		require.NoError(t, err)

		at.Spoil(func(w http.ResponseWriter, _ *http.Request) bool {
			s3test.Refuse(w, http.StatusServiceUnavailable, "SlowDown")
			return true
		})
		require.Error(t, h.Files.Sweep(system), "what cannot be deleted now")
		at.Spoil(nil)
		require.NoError(t, h.Files.Sweep(system), "is deleted later")
		require.Len(t, at.Objects(), city+1)
		list, err := h.Files.List(system, files.Owner{Kind: files.Case, ID: h.idOf(t, d, current)})
		require.NoError(t, err)
		require.Len(t, list, 1)
		c, err := h.Files.Open(system, list[0].Owner, list[0].ID)
		require.NoError(t, err)
		defer c.Close()
		body, err := io.ReadAll(c)
		require.NoError(t, err)
		require.Equal(t, "abc", string(body))
	})
}

func TestAStartGoesOnWithoutAStoreThatIsDown(t *testing.T) {
	at := s3test.New(t)
	at.Spoil(func(w http.ResponseWriter, _ *http.Request) bool { panic(http.ErrAbortHandler) })
	h := open(t, oneCity(t), true, "MINQING_BLOB_URL="+at.Address())
	h.serve(t, app.ServeOptions{Web: true})
	require.Contains(t, h.log.String(), "attachments cannot be kept for the moment")
	require.NotContains(t, h.log.String(), at.Secret)
	no, code := file(visit(t, h.url))
	_, err := h.Cases.Track(t.Context(), cases.Key{CaseNo: no, QueryCode: code})
	require.NoError(t, err, "people file without")
}
