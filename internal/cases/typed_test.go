package cases_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// unseen are characters that turn words round or ring a bell.
const unseen = "\u202E\u2066\a\u009B\u202C\u2069"

func TestCharactersThatNobodySeesAreNotKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		for _, secrecy := range []cases.Confidentiality{cases.Normal, cases.IdentityHidden} {
			r := w.file(func(f *cases.Filing) {
				f.Confidentiality = secrecy
				f.Title, f.Description = "路燈"+unseen+"\n不亮", "第一行"+unseen+"\r\n第二行"
				f.Contact.Name, f.Location.Address = "王"+unseen+"小明", unseen+"湖濱路"
				f.Subject.Name, f.OnBehalfOf = "李"+unseen, cases.Behalf{Name: "王" + unseen + "母", Relation: "母" + unseen + "親"}
				f.MatterCode, f.Answers = "water-outage", map[string]any{"since": "2026-11-23", "extent": "street", "households": 3}
			})
			w.do(r.CaseNo, cases.RequestInfo{Question: "哪" + unseen + "一盞？\r\n請說明。"})
			_, err := w.Say(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "第三"+unseen+"盞")
			require.NoError(t, err)
			v, err := w.View(w.system(), r.CaseNo)
			require.NoError(t, err)
			require.Equal(t, []string{"路燈 不亮", "第一行\n第二行", "湖濱路"}, []string{v.Title, v.Description, v.Address})
			for _, p := range v.Parties {
				require.False(t, strings.ContainsAny(p.Name+p.Relation, unseen), "%s %q", p.Role, p.Name)
				if p.ConstituentID != nil {
					require.NotContains(t, v.People[*p.ConstituentID].Name, "\u202E")
				}
			}
			require.Equal(t, []string{"哪一盞？\n請說明。", "第三盞"}, []string{v.Messages[0].Text, v.Messages[1].Text})
			_, err = w.Act(w.system(), r.CaseNo, 0, cases.Note{Text: unseen})
			require.Equal(t, fault.Invalid, fault.KindOf(err), "nothing is left of it")
		}
		empty := filing()
		empty.Title = unseen
		_, err := w.File(w.guest(), empty)
		require.ErrorContains(t, err, "case.title.required")
	})
}
