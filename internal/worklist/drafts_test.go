package worklist_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/worklist"
)

func typed(text string) url.Values { return url.Values{"text": {text}} }

func TestWhatWasTypedIsKeptForItsWriterOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		me, no := w.as(w.handler), "LJ20260000123N"
		texts := func() (all []string) {
			list, err := w.Drafts(me, no)
			require.NoError(t, err)
			for _, one := range list {
				all = append(all, string(one.Action)+" "+one.Fields.Get("text"))
			}
			return all
		}
		require.NoError(t, w.KeepDraft(me, no, cases.ActReply, typed("已派員")))
		require.NoError(t, w.KeepDraft(me, no, cases.ActReply, typed("已派員查看")))
		require.NoError(t, w.KeepDraft(w.as(w.dispatcher), no, cases.ActReply, typed("別人的")))
		require.Equal(t, []string{"reply 已派員查看"}, texts())
		require.Equal(t, 2, w.count("vault_keys WHERE owner_kind = 'draft' AND destroyed_at IS NULL"), "one text, one key")
		require.Zero(t, w.count("act_drafts WHERE cipher = ?", []byte("已派員查看")))
		require.Error(t, w.KeepDraft(me, no, cases.ActReply, typed(strings.Repeat("長", 2*cases.TextMost+1))))
		require.NoError(t, w.KeepDraft(me, no, cases.ActNote, typed("x")))
		require.NoError(t, w.KeepDraft(me, no, cases.ActNote, nil))
		require.NoError(t, w.DropDraft(me, no, cases.ActConclude))
		require.Equal(t, []string{"reply 已派員查看"}, texts())
		w.at = w.at.Add(worklist.DraftLife)
		require.Empty(t, texts())
		require.NoError(t, w.Purge(w.system()))
		require.Zero(t, w.count("act_drafts"))
		require.Zero(t, w.count("vault_keys WHERE owner_kind = 'draft' AND destroyed_at IS NULL"))
	})
}
