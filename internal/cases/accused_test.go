package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

func TestAPaperThatLayAboutOpensNothingToTheAccused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file(func(f *cases.Filing) { f.Subject.UnitCode = "CG03" })
		accused := actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: w.member("handler", "CG03")})
		k := cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}
		token := func() string {
			v, err := w.Track(t.Context(), k)
			require.NoError(t, err)
			return w.EvaluationToken(&v.Case)
		}
		for name, try := range map[string]func() error{
			"track":    func() error { _, err := w.Track(accused, k); return err },
			"say":      func() error { _, err := w.Say(accused, k, "其實沒事。"); return err },
			"withdraw": func() error { _, err := w.Withdraw(accused, k, ""); return err },
			"appeal":   func() error { _, err := w.Appeal(accused, k, "x"); return err },
			"own":      func() error { _, err := w.Own(accused, k); return err },
			"no code": func() error {
				_, err := w.Track(accused, cases.Key{CaseNo: r.CaseNo, QueryCode: "AAAAA-AAAAA"})
				return err
			},
		} {
			require.Equal(t, fault.NotFound, fault.KindOf(try()), name)
		}
		v, err := w.View(w.as(w.member("supervisor", "LJ")), r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, 1, v.Alarm.People, "and it is written down")
		require.Equal(t, cases.Submitted, v.Status)
		_, err = w.Withdraw(t.Context(), k, "搞錯了")
		require.NoError(t, err, "whoever else holds the code")
		_, err = w.ByEvaluationToken(accused, token())
		require.Equal(t, fault.NotFound, fault.KindOf(err), "nor do they judge it by its link")
		_, err = w.ByEvaluationToken(t.Context(), token())
		require.NoError(t, err)
	})
}

func TestNobodyFindsACaseAboutThemselvesAmongWhatMayBePublished(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file(func(f *cases.Filing) { f.Subject.Name, f.Publish = "督辦老李", true })
		accused, other := w.member("supervisor", "LJ"), w.member("supervisor", "LJ")
		w.emails["li@example.org"] = accused
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{}, cases.SignIn{}, cases.Assign{HandlerID: w.member("handler", "CG03")},
			cases.NameSubject{Email: "li@example.org", Note: "民眾指認。"}, cases.Reply{Text: "已處理。"}, cases.Conclude{Outcome: cases.Resolved})
		v, err := w.View(w.as(other), r.CaseNo)
		require.NoError(t, err)
		for who, want := range map[string]int{accused: 0, other: 1} {
			numbers, err := w.Readable(w.as(who), []string{v.ID})
			require.NoError(t, err)
			require.Len(t, numbers, want, "old warnings name it no more")
		}
		list, _, err := w.ToPublish(w.as(accused))
		require.NoError(t, err)
		require.Empty(t, list)
		list, _, err = w.ToPublish(w.as(other))
		require.NoError(t, err)
		require.Len(t, list, 1)
	})
}

func TestANumberThatIsTypedSaysNotWhoFiledAHiddenCase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		contact := cases.Contact{Name: "林小滿", Phone: "13812345678"}
		normal := w.file(func(f *cases.Filing) { f.Contact = contact })
		hidden := w.file(func(f *cases.Filing) { f.Contact, f.Confidentiality = contact, cases.IdentityHidden })
		w.do(normal.CaseNo, cases.Accept{}, cases.Dispatch{})
		w.do(hidden.CaseNo, cases.Accept{}, cases.Dispatch{})
		found := func(role, unit string) (numbers []string) {
			people, err := w.Callers(w.as(w.member(role, unit)), "13812345678")
			require.NoError(t, err)
			for _, p := range people {
				for _, c := range p.Cases {
					numbers = append(numbers, c.CaseNo)
				}
			}
			return numbers
		}
		require.ElementsMatch(t, []string{normal.CaseNo}, found("call_agent", "CG03"))
		require.ElementsMatch(t, []string{normal.CaseNo, hidden.CaseNo}, found("call_agent", "LJ"))
	})
}
