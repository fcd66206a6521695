package permits_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/files"
)

func TestAMaterialIsTakenInTheKindsThatItIsWantedIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.law.Materials[0].Kinds = []string{"pdf", "image"}
		ming := w.person("ming")
		a, err := w.Begin(ming, "food")
		require.NoError(t, err)
		give := func(name, text string) error {
			return w.Attach(ming, a.ID, "plan", files.Upload{Name: name, Content: bytes.NewReader([]byte(text)), Size: int64(len(text))})
		}
		err = give("plan.txt", "平面圖")
		kind(t, fault.Invalid, err, "files.wanted")
		f, _ := fault.As(err)
		require.Equal(t, files.KindWords([]files.Kind{files.Image, files.PDF}), f.Fields[0].Args["Kinds"])
		require.Nil(t, w.own(ming, a.ID).Items[0].Now, "nothing is begun for what is refused")
		require.NoError(t, give("plan.pdf", "%PDF-1.4\n%%EOF\n"))
		require.Len(t, w.own(ming, a.ID).Items[0].Files, 1)
		w.attach(ming, a.ID, "lease", "租約") // any kind
	})
}
