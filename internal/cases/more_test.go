package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// Nothing that waits for somebody is left out of a list without a word.
func TestAListThatIsCutSaysThatThereIsMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		w.do(r.CaseNo, path(w, cases.Handling, w.handler())...)
		w.copies(3 * 204)
		const few = " WHERE id NOT IN (SELECT id FROM cases ORDER BY id LIMIT ?)"

		w.sql("UPDATE cases SET extension_asked = '2wd'")
		items, more, err := w.Asked(w.system())
		require.NoError(t, err)
		require.True(t, more)
		require.Len(t, items, cases.AskedMost)
		w.sql("UPDATE cases SET extension_asked = ''"+few, cases.AskedMost)
		items, more, err = w.Asked(w.system())
		require.NoError(t, err)
		require.False(t, more, "just as many as are shown")
		require.Len(t, items, cases.AskedMost)

		w.sql("UPDATE cases SET voice = 'agreed', concluded_at = ?", w.clock())
		list, more, err := w.ToPublish(w.system())
		require.NoError(t, err)
		require.True(t, more)
		require.Len(t, list, cases.VoicesMost)
		w.sql("UPDATE cases SET voice = ''"+few, cases.VoicesMost)
		list, more, err = w.ToPublish(w.system())
		require.NoError(t, err)
		require.False(t, more)
		require.Len(t, list, cases.VoicesMost)

		lead, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		w.sql("UPDATE cases SET merged_into_id = ?, status = 'merged' WHERE id <> ?", lead.ID, lead.ID)
		w.sql("UPDATE cases SET merged_count = 204 WHERE id = ?", lead.ID)
		lead, err = w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		bond, err := w.BondOf(w.system(), &lead.Case)
		require.NoError(t, err)
		require.Len(t, bond.Followers, 200)
		require.Equal(t, 4, bond.Rest)
		require.Zero(t, bond.Hidden)
		bond, err = w.BondOf(w.as(w.member("handler", "HB")), &lead.Case)
		require.NoError(t, err)
		require.Empty(t, bond.Followers)
		require.Equal(t, 200, bond.Hidden, "of another bureau")
	})
}
