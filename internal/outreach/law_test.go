package outreach

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// The law is written in one language at least, and is not too long in any.
func TestTheLawIsWrittenInOneLanguageAtLeast(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 0)
		owner := c.staff("outreach_officer", "LJ")
		dr := draft(Notice, leaf("kind", "is", "person"))
		for name, law := range map[string]i18n.Text{"basis_text": {i18n.En: " "}, "basis_text.zh-Hans": {i18n.En: "Act 3", i18n.ZhHans: strings.Repeat("法", basisMost+1)}} {
			dr.BasisText = law
			_, err := c.Create(as(owner), dr)
			e, invalid := fault.As(err)
			require.True(t, invalid)
			require.Len(t, e.Fields, 1)
			require.Equal(t, name, e.Fields[0].Name)
		}
		dr.BasisText = i18n.Text{i18n.En: "Act 3", i18n.ZhHans: "某法第3条"}
		require.Equal(t, dr.BasisText, c.segment(owner, c.create(owner, dr)).BasisText)
	})
}

// What was written before there were languages is in the one that its characters say.
func TestALawFromBeforeIsKeptInItsLanguage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d, 0)
		owner := c.staff("outreach_officer", "LJ")
		var ids []string
		for _, law := range []i18n.Text{{i18n.ZhHans: "某法第3条", i18n.En: "Act 3"}, {i18n.En: "Act 4"}, {i18n.En: "Act 5"}} {
			dr := draft(Notice, leaf("kind", "is", "person"))
			dr.BasisText = law
			ids = append(ids, c.create(owner, dr))
		}
		for {
			steps, err := d.Steps(t.Context())
			require.NoError(t, err)
			var last db.Step
			for _, s := range steps {
				if !s.At.IsZero() {
					last = s
				}
			}
			if last.Version < 210 {
				break
			}
			require.NoError(t, d.MigrateDown(t.Context()))
		}
		require.Equal(t, []string{"某法第3条", "Act 4", "Act 5"}, c.list("SELECT basis_text FROM segments WHERE id IN ? ORDER BY id", ids))
		c.exec("UPDATE segments SET basis_text = '' WHERE id = ?", ids[2])
		require.NoError(t, d.Migrate(t.Context()))
		want := []i18n.Text{{i18n.ZhHant: "某法第3条"}, {i18n.En: "Act 4"}, {}}
		for i, id := range ids {
			var law i18n.Text
			require.NoError(t, d.From(t.Context()).Raw("SELECT g.basis_text FROM segments g WHERE g.id = ?", id).Row().Scan(&law))
			require.Equal(t, want[i], law)
		}
	})
}
