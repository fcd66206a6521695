package cases_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/text"
)

// indexed brings the index up to date.
func (w *town) indexed() {
	w.t.Helper()
	require.NoError(w.t, w.Index(w.system()))
}

// search gives the numbers of the cases that somebody finds, page after page.
func (w *town) search(ctx context.Context, f cases.Filter) []string {
	w.t.Helper()
	var found []string
	for {
		page, err := w.Queue(ctx, f)
		require.NoError(w.t, err, "%q", f.Query)
		for _, it := range page.Items {
			found = append(found, it.CaseNo)
		}
		if f.Cursor = page.Next; f.Cursor == "" {
			return found
		}
	}
}

func (w *town) finds(query string) []string {
	w.t.Helper()
	return w.search(w.system(), cases.Filter{Query: query})
}

func says(title, description string) func(*cases.Filing) {
	return func(f *cases.Filing) { f.Title, f.Description, f.MatterCode = title, description, "" }
}

func TestCasesAreFoundByWhatTheySay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		lamp := w.file(says("湖濱路路燈不亮", "兩盞路燈從週一起不亮，紅綠燈也壞了。")).CaseNo
		mains := w.file(says("LED灯闪烁", "12号楼前的ＬＥＤ灯一直闪烁，请换灯泡。")).CaseNo
		lights := w.file(says("Street lights out", "Two STREET lights near the café are broken.")).CaseNo
		require.Empty(t, w.finds("路灯"), "the index is filled a moment later")
		w.indexed()
		for query, want := range map[string][]string{
			"路燈": {lamp}, "路灯": {lamp}, "紅綠燈": {lamp}, "红绿灯": {lamp}, "綠紅": nil, "燈路": nil, "燈": {mains, lamp}, "湖濱路 不亮": {lamp},
			"不亮 闪烁": nil, "led": {mains}, "ＬＥＤ燈": {mains}, "12號樓": {mains}, "12号": {mains}, "2号": nil, "燈泡，閃爍": {mains},
			"street light": {lights}, "Light STREETS": {lights}, "CAFÉ": {lights}, "cafe": nil, "stree": nil, "\"street\" OR 路灯": nil,
			"broken   two": {lights}, "NOT street": nil,
		} {
			require.Equal(t, want, w.finds(query), query)
		}
	})
}

func TestASearchKnowsMatterRepliesAndClosedCases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler := w.handler()
		r := w.file()
		other := w.file(says("噪音擾人", "夜間施工。")).CaseNo
		w.indexed()
		require.Equal(t, []string{r.CaseNo}, w.finds("street light"), "by the name of its matter, in another language")
		w.do(r.CaseNo, path(w, cases.Handling, handler)...)
		w.do(r.CaseNo, cases.Reply{Text: "已更換整流器。"}, cases.Conclude{Outcome: cases.Resolved})
		w.do(other, cases.Accept{MatterCode: "street-light"})
		w.indexed()
		require.Equal(t, []string{r.CaseNo}, w.finds("整流器"))
		require.Equal(t, []string{other, r.CaseNo}, w.finds("street light"), "the matter that the desk chose")
		for want, f := range map[string]cases.Filter{
			r.CaseNo: {Query: "路燈", Status: cases.Concluded, View: cases.ViewOpen}, other: {Query: "street", Status: cases.Accepted},
		} {
			require.Equal(t, []string{want}, w.search(w.system(), f))
		}
		due := w.clock().Add(time.Hour)
		for _, f := range []cases.Filter{{Kind: cases.Enquiry}, {DueBefore: &due}, {UnitCode: "SW"}} {
			f.Query = "street light"
			require.Empty(t, w.search(w.system(), f))
		}
		later := w.clock().AddDate(1, 0, 0)
		require.Len(t, w.search(w.system(), cases.Filter{Query: "street light", Kind: cases.Complaint, DueBefore: &later, UnitCode: "LJ"}), 2)
	})
}

func TestNotesOfColleaguesAreFoundByThoseWhoReadThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r, hidden := w.file(), w.file(func(f *cases.Filing) { f.Confidentiality = cases.IdentityHidden })
		w.indexed()
		for _, no := range []string{r.CaseNo, hidden.CaseNo} {
			w.do(no, cases.Accept{}, cases.Dispatch{}, cases.Note{Text: "變電箱待查，電話 13900139000。"})
		}
		w.do(r.CaseNo, cases.Return{Reason: "not_our_duty", Explanation: "屬養護工程處。"})
		w.indexed()
		require.Equal(t, []string{r.CaseNo}, w.finds("变电箱"))
		require.Equal(t, []string{r.CaseNo}, w.finds("養護工程處"))
		require.Empty(t, w.finds("139001"), "numbers in notes are masked here too")
		require.Empty(t, w.search(w.staff("handler", "SW"), cases.Filter{Query: "變電箱"}))
	})
}

func TestTheCasesOfAPersonAreFoundByTheirNumberOrAddress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		asks := func(f *cases.Filing) {
			f.Contact = cases.Contact{Name: "林小雨", Phone: "13800138111", Email: "lin@example.org"}
		}
		one, two, other := w.file(asks).CaseNo, w.file(asks).CaseNo, w.file().CaseNo
		secret := w.file(asks, func(f *cases.Filing) { f.Confidentiality = cases.IdentityHidden }).CaseNo
		for _, no := range []string{one, two, other, secret} {
			w.do(no, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"})
		}
		w.indexed()
		handler := w.staff("handler", "CG03")
		for _, typed := range []string{"13800138111", "+86 138 0013 8111", "１３８００１３８１１１", "LIN@example.org"} {
			require.Equal(t, []string{two, one}, w.search(handler, cases.Filter{Query: typed}), typed)
			require.Equal(t, []string{two, one}, w.search(handler, cases.Filter{Query: typed, Limit: 1}), "page by page: %s", typed)
		}
		require.Empty(t, w.search(handler, cases.Filter{Query: "13800138111", Status: cases.Concluded}))
		require.Empty(t, w.search(handler, cases.Filter{Query: "1380013811"}), "only the whole number")
		require.Empty(t, w.search(w.staff("handler", "SW"), cases.Filter{Query: "13800138111"}), "in scope only")
		require.Equal(t, []string{secret, two, one}, w.search(w.staff("dispatcher", "LJ"), cases.Filter{Query: "13800138111"})[:3], "who takes cases in knows who asks")
		var reads int
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM audit_reads").Scan(&reads).Error)
		require.Positive(t, reads, "a number that was looked up is in the log of reads")
	})
}

func TestASearchSaysWhereItFoundTheWordsAndWhatKindsThereAre(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		a := w.file(says("湖濱路路燈不亮", "路口的灯坏了，電話 13900139000。")).CaseNo
		b := w.file(says("道路坑洞", "在路燈旁邊。")).CaseNo
		c := w.file(says("其他", "不相干。")).CaseNo
		w.do(c, cases.Accept{}, cases.Note{Text: "和路燈有關。"})
		w.do(b, cases.NotAccept{Reason: "not_ours", Explanation: "非本府權責。"})
		w.indexed()
		page, err := w.Queue(w.system(), cases.Filter{Query: "路灯", Facets: true, Limit: 2})
		require.NoError(t, err)
		require.Len(t, page.Items, 2)
		require.NotEmpty(t, page.Next)
		require.Equal(t, 3, page.Facets.Of)
		require.False(t, page.Facets.More)
		require.Equal(t, map[cases.Status]int{cases.Submitted: 1, cases.NotAccepted: 1, cases.Accepted: 1}, page.Facets.Status)
		require.Equal(t, map[cases.Kind]int{cases.Complaint: 3}, page.Facets.Kind)
		all, err := w.Queue(w.system(), cases.Filter{Query: "路灯"})
		require.NoError(t, err)
		require.Nil(t, all.Facets)
		found, err := w.Passages(w.system(), all.Items, "路灯")
		require.NoError(t, err)
		at := map[string]cases.Passage{}
		for _, it := range all.Items {
			at[it.CaseNo] = found[it.ID]
		}
		require.Equal(t, []text.Stretch{{Text: "湖濱路"}, {Text: "路燈", Hit: true}, {Text: "不亮"}}, at[a].Title)
		require.Nil(t, at[a].Within)
		require.Equal(t, []text.Stretch{{Text: "在"}, {Text: "路燈", Hit: true}, {Text: "旁邊。"}}, at[b].Within)
		require.False(t, at[b].Inside)
		require.Equal(t, []text.Stretch{{Text: "和"}, {Text: "路燈", Hit: true}, {Text: "有關。"}}, at[c].Within)
		require.True(t, at[c].Inside)
	})
}

func TestACaseIsFoundByTheEndOfItsNumber(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		first := w.file(func(f *cases.Filing) { f.Confidentiality = cases.IdentityHidden }).CaseNo
		second := w.file(says("門牌", "見案件"+first[2:]+"，又見"+first[7:]+"。")).CaseNo
		w.indexed()
		require.Equal(t, []string{first}, w.finds(first))
		require.Equal(t, []string{first}, w.search(w.system(), cases.Filter{Query: strings.ToLower(first), Status: cases.Concluded}))
		for _, end := range []string{first[2:], first[6:], strings.ToLower(first[7:])} {
			require.Equal(t, first, w.finds(end)[0], end)
		}
		require.Equal(t, []string{first, second}, w.finds(first[7:]), "and what mentions it")
		require.Empty(t, w.finds(first[6:len(first)-1]+"?"))
		require.Empty(t, w.search(w.system(), cases.Filter{Query: first[6:], Status: cases.Concluded}))
		require.Empty(t, w.search(w.staff("handler", "SW"), cases.Filter{Query: first[6:]}))
		require.Empty(t, w.search(w.staff("handler", "SW"), cases.Filter{Query: first}))
	})
}

// staff is a member of staff with a role in a unit.
func (w *town) staff(role, unit string) context.Context {
	w.t.Helper()
	id := w.handler()
	require.NoError(w.t, w.db.From(w.t.Context()).Exec("UPDATE grants SET role = ?, unit_id = (SELECT id FROM units WHERE code = ?) WHERE account_id = ?", role, unit, id).Error)
	return actor.With(w.t.Context(), actor.Actor{Kind: actor.Staff, AccountID: id})
}

// A search shows what may be read, and nothing else: whatever the units of a
// case, whoever asks, and also where the index has not yet heard of a move.
func TestASearchStaysWithinTheScope(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		people := map[string]context.Context{}
		for _, p := range [][2]string{{"handler", "CG03"}, {"handler", "CG02"}, {"head", "CG"}, {"dispatcher", "LJ"}, {"supervisor", "LJ"}, {"handler", "SW01"}, {"official", "LJ"}} {
			people[p[0]+" "+p[1]] = w.staff(p[0], p[1])
		}
		var all []string
		for i := range 12 {
			w.wait(time.Minute)
			r := w.file(func(f *cases.Filing) {
				if i%3 == 0 {
					f.Subject = cases.Subject{UnitCode: []string{"CG03", "CG", "SW01", "LJ"}[i/3]}
				}
			})
			all = append(all, r.CaseNo)
			if i%2 == 0 {
				w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: []string{"CG02", "SW01", "GY01"}[i/2%3]})
			}
		}
		check := func() {
			for name, ctx := range people {
				if w.Access.Can(ctx, access.CaseList) != nil {
					require.Empty(t, w.search(ctx, cases.Filter{Query: "路燈"}), name)
					continue
				}
				var want []string
				for i := len(all) - 1; i >= 0; i-- {
					if _, err := w.View(ctx, all[i]); err == nil {
						want = append(want, all[i])
					}
				}
				require.Equal(t, want, w.search(ctx, cases.Filter{Query: "路燈", Limit: 2}), name)
				require.Subset(t, append(want, ""), append(w.search(ctx, cases.Filter{Query: "路燈", UnitCode: "CG"}), ""), name)
			}
		}
		w.indexed()
		check()
		section := w.search(people["handler SW01"], cases.Filter{Query: "路燈"})
		require.NotEmpty(t, section)
		require.NoError(t, d.From(t.Context()).Exec("DELETE FROM case_units WHERE role = 'lead' AND unit_path LIKE '%/SW01/'").Error)
		require.Empty(t, w.search(people["handler SW01"], cases.Filter{Query: "路燈"}), "though the index still has them there")
		check()
	})
}

func TestASearchIsPagedByKeyWithoutGapOrRepeat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		var want []string
		begin := w.clock()
		for _, days := range []int{900, 500, 200, 95, 63, 62, 40, 25, 9, 8, 7, 6, 2, 1, 1, 0, 0} {
			w.at = begin.AddDate(0, 0, -days).Add(time.Duration(len(want)) * time.Minute)
			want = append([]string{w.file().CaseNo}, want...)
		}
		for range 5 { // of one instant
			want = append([]string{w.file().CaseNo}, want...)
		}
		w.wait(3 * time.Hour)
		w.indexed()
		for _, limit := range []int{1, 3, 50} {
			require.Equal(t, want, w.search(w.system(), cases.Filter{Query: "路灯", Limit: limit}))
		}
		for _, cursor := range []string{"%", db.EncodeCursor("1", "2", "3"), db.EncodeCursor("x' OR 1=1"), db.EncodeCursor("")} {
			_, err := w.Queue(w.system(), cases.Filter{Query: "路灯", Cursor: cursor})
			require.Equal(t, fault.Invalid, fault.KindOf(err), cursor)
		}
	})
}

// A word that many of the newest cases hold is found by reading them: a first page
// within the sample, a longer one beyond it, the last where they become too few.
func TestAWordOfManyNewCasesIsFoundLikeAnyOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		var want []string
		for i := range 240 {
			w.wait(time.Second)
			switch {
			case i%4 == 0:
				want = append([]string{w.file(says("積水", "路面積水。")).CaseNo}, want...)
			case i%4 == 1 && i > 120:
				w.file(says("積水", "路面積水。"), func(f *cases.Filing) { f.Confidentiality = cases.IdentityHidden })
			default:
				w.file(says("噪音", "夜間噪音。"))
			}
		}
		w.indexed()
		for _, limit := range []int{7, 30, 50} {
			require.Equal(t, want, w.search(w.system(), cases.Filter{Query: "积水", Limit: limit}), limit)
			require.Empty(t, w.search(w.system(), cases.Filter{Query: "积水 噪音", Limit: limit}), limit)
		}
	})
}

// terms reads everything that the index holds, with the tables that the engine
// keeps beneath it.
func terms(t *testing.T, d *db.DB) string {
	t.Helper()
	var all []string
	if d.Engine() == db.PostgreSQL {
		require.NoError(t, d.From(t.Context()).Raw("SELECT case_id || ' ' || words::text FROM case_search").Scan(&all).Error)
		return strings.Join(all, " ")
	}
	var tables []string
	require.NoError(t, d.From(t.Context()).Raw("SELECT name FROM sqlite_schema WHERE name LIKE 'case_words_%' OR name = 'case_search'").Scan(&tables).Error)
	require.Contains(t, tables, "case_words_data")
	require.NoError(t, d.From(t.Context()).Exec("INSERT INTO case_words (case_words) VALUES ('optimize')").Error)
	all = append(all, columns(t, d, "SELECT CAST(block AS TEXT) FROM case_words_data")...)
	all = append(all, columns(t, d, "SELECT term FROM temp.words")...)
	return strings.Join(append(all, columns(t, d, "SELECT case_id FROM case_search")...), " ")
}

func columns(t *testing.T, d *db.DB, query string) (out []string) {
	t.Helper()
	if strings.Contains(query, "temp.words") {
		_, err := d.SQL().ExecContext(t.Context(), "CREATE VIRTUAL TABLE IF NOT EXISTS temp.words USING fts5vocab(main, case_words, row)")
		require.NoError(t, err)
	}
	rows, err := d.SQL().QueryContext(t.Context(), query)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var s string
		require.NoError(t, rows.Scan(&s))
		out = append(out, s)
	}
	return out
}

func TestNoIndexHoldsASealedText(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		known := w.file(says("玄武湖畔", "白虎路口的明文。電話13812345678，身分證A123456789，信箱 wang@example.org")).CaseNo
		w.member("whistle_officer", "JJ")
		var sealed []string
		for _, c := range []cases.Confidentiality{cases.IdentityHidden, cases.AnonymousFiler, cases.Whistle} {
			r := w.file(says("朱雀橋邊", "青龍巷口有機密。Phoenix"), func(f *cases.Filing) {
				f.Confidentiality = c
				if c == cases.AnonymousFiler {
					f.Contact = cases.Contact{}
				}
			})
			w.do(r.CaseNo, cases.Note{Text: "麒麟備註"}, cases.RequestInfo{Question: "貔貅問題"})
			_, err := w.Say(w.guest(), cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}, "饕餮回覆")
			require.NoError(t, err)
			sealed = append(sealed, r.CaseNo)
		}
		w.indexed()
		held := terms(t, d)
		for _, word := range []string{"白虎", "明文", "玄武"} {
			require.Contains(t, held, word)
			require.Equal(t, []string{known}, w.finds(word))
		}
		for _, word := range []string{"朱雀", "青龙", "机密", "phoenix", "麒麟", "貔貅", "饕餮", "湖滨路", "13812345678", "a123456789", "wang"} {
			require.NotContains(t, held, word)
			if word != "13812345678" { // of who asks; it is found by its keyed hash
				require.Empty(t, w.finds(word))
			}
		}
		for _, no := range sealed {
			id, err := w.View(w.system(), no)
			require.NoError(t, err)
			require.NotContains(t, held, id.ID)
			require.Equal(t, []string{no}, w.finds(no), "found by number all the same")
		}
		require.NoError(t, d.From(t.Context()).Exec("UPDATE cases SET confidentiality = 'identity_hidden' WHERE case_no = ?", known).Error)
		w.indexed()
		held = terms(t, d)
		for _, word := range []string{"白虎", "明文", "玄武"} {
			require.NotContains(t, held, word, "sealed later")
		}
	})
}

func TestWhatNobodyCanSearchForIsSaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.file()
		w.indexed()
		for query, key := range map[string]string{
			"，。！": "case.query.empty", " \t\"*\" ": "case.query.empty", "\xff\xfe": "case.query.empty", "\x00": "case.query.empty", "😀": "case.query.empty",
			strings.Repeat("路燈", 101):     "case.query.long",
			strings.Repeat("x ", 13):      "case.query.many",
			strings.Repeat("a", 1_000_00): "case.query.long",
		} {
			_, err := w.Queue(w.system(), cases.Filter{Query: query})
			require.Equal(t, fault.Invalid, fault.KindOf(err), "%q", query)
			e, _ := fault.As(err)
			require.Equal(t, "q", e.Fields[0].Name)
			require.Equal(t, key, e.Fields[0].Key, "%q", query)
		}
		for _, query := range []string{"' OR 1=1 --", "路燈\x00", "\xff路燈", "a:*", "!路", "路 <-> 燈", "NEAR(路燈, 3)", "{words}: x", "路燈*", "^路燈", "-路燈", "\\", "\\'a",
			"'a", `"路燈`, "(路燈", "AND", "路燈 AND", strings.Repeat("路", 200), strings.Repeat("Ａ", 200), "İ ẞ ﷺ ｶﾞ", "𠮷野家", "e\u0301"} {
			if _, err := w.Queue(w.system(), cases.Filter{Query: query}); err != nil {
				require.Equal(t, fault.Invalid, fault.KindOf(err), "%q: %v", query, err)
			}
		}
		require.Len(t, w.finds("\xff路燈\x00*"), 1)
	})
}

func FuzzNoQuestionBreaksTheSearch(f *testing.F) {
	w := newTown(f, dbtest.New(f))
	w.file()
	w.indexed()
	for _, q := range []string{"路燈", "\"*\" OR (路", "12號 led", "a' \\ \" : ^ - + NEAR(", "\xff\x00", "123N", "LJ20260000001X"} {
		f.Add(q, "")
	}
	f.Add("路", db.EncodeCursor(db.NewID(now)))
	f.Fuzz(func(t *testing.T, q, cursor string) {
		if q == "" {
			return
		}
		_, err := w.Queue(actor.AsSystem(context.Background(), "test"), cases.Filter{Query: q, Cursor: cursor})
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Fatalf("%q: %v", q, err)
		}
	})
}

func TestTheIndexIsFilledInSteps(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		const many = 450
		for i := range many {
			w.wait(time.Second)
			w.file(says(fmt.Sprint("積水", i), "路面積水。"))
		}
		hidden := w.file(func(f *cases.Filing) { f.Confidentiality = cases.IdentityHidden })
		for { // back to before there was an index
			var n int
			if d.From(t.Context()).Raw("SELECT count(*) FROM case_search").Scan(&n).Error != nil {
				break
			}
			require.NoError(t, d.MigrateDown(t.Context()))
		}
		require.NoError(t, d.Migrate(t.Context()))
		left := func() (n int) {
			require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM case_search_due").Scan(&n).Error)
			return n
		}
		require.Equal(t, many, left())
		stopped, stop := context.WithCancel(w.system())
		go func() { // somewhere in between
			for left() == many {
				time.Sleep(time.Millisecond)
			}
			stop()
		}()
		require.ErrorIs(t, w.Index(stopped), context.Canceled)
		require.Less(t, left(), many)
		w.indexed()
		require.Zero(t, left())
		require.Len(t, w.finds("積水"), many)
		require.Len(t, w.finds("積水 0"), 1)
		require.Equal(t, []string{hidden.CaseNo}, w.finds(hidden.CaseNo))
	})
}
