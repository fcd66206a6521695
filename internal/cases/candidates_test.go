package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestCandidatesAreOfTheMatterOrThePerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		asks := func(f *cases.Filing) {}
		other := func(f *cases.Filing) { f.Title, f.Description = "公車誤點", "首班車經常晚到。" }
		one, alike, both, theirs, over, else1 := w.file(asks), w.file(asks), w.file(asks), w.file(other), w.file(other), w.file(other)
		far, unlike, hidden := w.file(asks), w.file(other), w.file(func(f *cases.Filing) { f.Confidentiality = cases.IdentityHidden })
		tx := d.From(t.Context())
		for _, no := range []string{both.CaseNo, theirs.CaseNo, over.CaseNo, hidden.CaseNo} { // whom the first one belongs to
			require.NoError(t, tx.Exec(`UPDATE case_parties SET constituent_id = (SELECT p.constituent_id FROM case_parties p JOIN cases c ON c.id = p.case_id
 WHERE c.case_no = ? AND p.role = 'requester') WHERE role = 'requester' AND case_id = (SELECT id FROM cases WHERE case_no = ?)`, one.CaseNo, no).Error)
		}
		for _, no := range []string{theirs.CaseNo, over.CaseNo, else1.CaseNo} {
			require.NoError(t, tx.Exec("UPDATE cases SET matter_id = (SELECT id FROM matters WHERE code <> 'street-light' ORDER BY code LIMIT 1) WHERE case_no = ?", no).Error)
		}
		require.NoError(t, tx.Exec("UPDATE cases SET received_at = ? WHERE case_no = ?", w.clock().AddDate(0, -4, 0), far.CaseNo).Error)
		w.do(over.CaseNo, cases.NotAccept{Reason: cases.NotAcceptReasons[0], Explanation: "請循訴訟途徑。"})
		v, err := w.View(w.system(), one.CaseNo)
		require.NoError(t, err)
		found, err := w.Candidates(w.system(), &v.Case)
		require.NoError(t, err)
		got := map[string]bool{}
		for _, k := range found {
			got[k.CaseNo] = k.SamePerson
		}
		require.Equal(t, map[string]bool{both.CaseNo: true, theirs.CaseNo: true, alike.CaseNo: false}, got,
			"each once; not what is over, long ago, hidden, or of somebody else about something else: %s", unlike.CaseNo)
		require.Equal(t, both.CaseNo, found[0].CaseNo, "the likest first")

		require.NoError(t, tx.Exec("UPDATE cases SET matter_id = NULL WHERE case_no = ?", one.CaseNo).Error)
		v, err = w.View(w.system(), one.CaseNo)
		require.NoError(t, err)
		found, err = w.Candidates(w.system(), &v.Case)
		require.NoError(t, err)
		require.Len(t, found, 2, "without a matter, what the person filed")
	})
}
