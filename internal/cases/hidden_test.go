package cases_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

func (w *town) as(account string) context.Context {
	return actor.With(w.t.Context(), actor.Actor{Kind: actor.Staff, AccountID: account})
}

func TestAHiddenIdentityIsKnownAtTheIntakeDeskOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		hide := func(f *cases.Filing) {
			f.Confidentiality, f.OnBehalfOf = cases.IdentityHidden, cases.Behalf{Name: "王奶奶", Relation: "母親"}
			f.Subject.Name = "某科員"
		}
		r, open := w.file(hide), w.file()
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{})
		w.do(open.CaseNo, cases.Accept{}, cases.Dispatch{})
		for _, who := range []struct {
			role, unit string
			knows      bool
		}{{"dispatcher", "LJ", true}, {"handler", "LJ", false}, {"head", "CG", false}, {"supervisor", "LJ", false}, {"dispatcher", "CG", false}} {
			ctx := w.as(w.member(who.role, who.unit))
			for _, verb := range []access.Verb{access.CaseRead, access.CaseReveal} {
				v, err := w.ViewFor(ctx, r.CaseNo, verb)
				require.NoError(t, err, who)
				require.Equal(t, who.knows, len(v.People) > 0, "%v %s", who, verb)
				roles := map[string]int{}
				for _, p := range v.Parties {
					roles[p.Role]++
				}
				require.Equal(t, 1, roles[cases.RoleSubject], "%v must know who is complained about", who)
				require.Equal(t, who.knows, roles[cases.RoleRequester]+roles[cases.RoleBeneficiary] == 2, who)
			}
			v, err := w.View(ctx, open.CaseNo)
			require.NoError(t, err)
			require.Len(t, v.People, 1, "an ordinary case shows its people masked")
		}
	})
}

func TestAComplaintAboutTheWholeGovernmentIsHandledInsideIt(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	about := func(unit string) *cases.Receipt {
		return w.file(func(f *cases.Filing) { f.Subject.UnitCode = unit })
	}
	all, bureau := about("LJ"), about("CG")
	w.do(all.CaseNo, cases.Accept{}, cases.Dispatch{}) // to those who oversee it
	w.do(bureau.CaseNo, cases.Accept{})
	for _, c := range []struct {
		no  string
		cmd cases.Command
	}{{bureau.CaseNo, cases.Dispatch{UnitCode: "CG03"}}, {all.CaseNo, cases.Redispatch{UnitCode: "LJ", Note: "改由市政府。"}}} {
		_, err := w.Act(w.system(), c.no, 0, c.cmd)
		e, ok := fault.As(err)
		require.True(t, ok && len(e.Fields) == 1, "%v", err)
		require.Equal(t, "case.unit.conflict", e.Fields[0].Key)
	}
}

func TestWhoStaysAnonymousIsRecordedNowhereThoughSignedIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		account := w.member("handler", "LJ") // any account that exists
		ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: account, IP: "192.0.2.7", RequestID: "seen-in-the-log"})
		f := filing()
		f.Confidentiality, f.Contact = cases.AnonymousFiler, cases.Contact{}
		r, err := w.File(ctx, f)
		require.NoError(t, err)
		_, err = w.Say(ctx, cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "補充一點。")
		require.NoError(t, err)
		for _, q := range []string{
			"audit_entries WHERE action LIKE 'case.%' AND (account_id IS NOT NULL OR ip <> '' OR request_id <> '')",
			"case_events WHERE account_id IS NOT NULL", "case_messages WHERE account_id IS NOT NULL", "case_parties"} {
			var n int
			require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM "+q).Scan(&n).Error)
			require.Zero(t, n, q)
		}
		named, err := w.File(ctx, filing())
		require.NoError(t, err)
		var n int
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM audit_entries WHERE object_id = ? AND account_id = ?", named.CaseNo, account).Scan(&n).Error)
		require.Equal(t, 1, n, "who gives their name is on record")
	})
}

// Neither the story nor the trail says who wants to be hidden, not even by the
// account of who was signed in; and whoever is shown a whistle-blower leaves the
// case in the trail, not the person.
func TestTheTrailNamesNobodyWhoIsHidden(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		me := w.member("citizen", "LJ")
		person, err := w.Constituents.Create(w.system(), constituents.Contact{Name: "林小滿", Phone: "13900001111"}, "zh-Hant")
		require.NoError(t, err)
		citizen := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: me, ConstituentID: person})
		for _, c := range []cases.Confidentiality{cases.IdentityHidden, cases.AnonymousFiler} {
			f := filing()
			f.Confidentiality, f.Contact = c, cases.Contact{}
			r, err := w.File(citizen, f)
			require.NoError(t, err)
			for _, sql := range []string{"SELECT count(*) FROM audit_entries WHERE object_id = ? AND account_id IS NOT NULL",
				"SELECT count(*) FROM case_events WHERE account_id IS NOT NULL AND case_id = (SELECT id FROM cases WHERE case_no = ?)"} {
				var named int
				require.NoError(t, d.From(t.Context()).Raw(sql, r.CaseNo).Scan(&named).Error)
				require.Zero(t, named, c)
			}
		}
		_, err = w.Constituents.RevealIn(w.as(me), "LJ1", person, "查證")
		require.NoError(t, err)
		var about []string
		require.NoError(t, d.From(t.Context()).Raw("SELECT object_id FROM audit_entries WHERE action = 'constituent.reveal' UNION ALL SELECT object_id FROM audit_reads").Scan(&about).Error)
		require.Equal(t, []string{"LJ1", "LJ1"}, about)
	})
}

// Nobody knows who they are, and still each side can ask the other: the number of the
// case and its query code are all that it takes.
func TestAnAnonymousReporterAndTheUnitWriteToEachOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler := w.member("handler", "CG03")
		r := w.file(func(f *cases.Filing) { f.Confidentiality, f.Contact = cases.AnonymousFiler, cases.Contact{} })
		mine := cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}
		reads := func() (texts []string) {
			v, err := w.Track(w.guest(), mine)
			require.NoError(t, err)
			for _, m := range v.Messages {
				texts = append(texts, m.Direction+": "+m.Text)
			}
			return texts
		}
		w.do(r.CaseNo, cases.RequestInfo{Question: "請問在哪個路口？"})
		require.Equal(t, []string{"out: 請問在哪個路口？"}, reads())
		_, err := w.Say(w.guest(), mine, "學府路口，東側。")
		require.NoError(t, err)
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"}, cases.SignIn{}, cases.Assign{HandlerID: handler})
		v, err := w.View(w.as(handler), r.CaseNo)
		require.NoError(t, err)
		require.Len(t, v.Messages, 2)
		require.Equal(t, "學府路口，東側。", v.Messages[1].Text, "the unit reads the answer")
		require.Empty(t, v.People, "and of nobody who gave it")
		w.do(r.CaseNo, cases.Reply{Text: "兩盞路燈已經修好，請再留意是否恢復照明。"})
		require.Len(t, reads(), 3)

		for _, not := range []cases.Key{{CaseNo: r.CaseNo, QueryCode: "0000000000"}, {CaseNo: r.CaseNo}, {CaseNo: "LJ20260009999A", QueryCode: r.QueryCode}} {
			_, err := w.Track(w.guest(), not)
			require.Equal(t, fault.NotFound, fault.KindOf(err))
			_, err = w.Say(w.guest(), not, "我也有話要說。")
			require.Equal(t, fault.NotFound, fault.KindOf(err))
		}
		require.Len(t, reads(), 3)
		var open int
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM case_messages WHERE text <> ''").Scan(&open).Error)
		require.Zero(t, open, "what both write lies sealed")
	})
}
