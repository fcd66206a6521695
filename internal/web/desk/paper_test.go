package desk_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/document/documenttest"
	"minqing/internal/files"
)

// paper asks for a case file and reads it.
func (o *office) paper(no, lang string) string {
	o.t.Helper()
	p := o.get("/desk/cases/" + no + "/file.pdf?lang=" + lang)
	require.Equal(o.t, 200, p.Code)
	require.Equal(o.t, "application/pdf", p.Header().Get("Content-Type"))
	require.Equal(o.t, `attachment; filename="`+no+`.pdf"`, p.Header().Get("Content-Disposition"))
	require.Equal(o.t, "private, no-store", p.Header().Get("Cache-Control"))
	return documenttest.Text(o.t, p.Body.Bytes())
}

// taken counts what the trail and the log of reads say of a case file.
func (o *office) taken(no string) (entries, reads int) {
	o.t.Helper()
	require.NoError(o.t, o.db.From(o.t.Context()).Raw("SELECT count(*) FROM audit_entries WHERE action = 'case.export' AND object_kind = 'case' AND object_id = ? AND account_id IS NOT NULL", no).Scan(&entries).Error)
	require.NoError(o.t, o.db.From(o.t.Context()).Raw("SELECT count(*) FROM audit_reads WHERE object_kind = 'case' AND object_id = ? AND account_id IS NOT NULL", no).Scan(&reads).Error)
	return entries, reads
}

// aWholeLife is a case with all that a file may hold.
func (o *office) aWholeLife() string {
	o.t.Helper()
	handler := o.as("supervisor@LJ")
	no := o.file(reviewed, func(f *cases.Filing) { f.Description = "湖水發黑。\n請回電 13812345678。" }).CaseNo
	o.walk(no, cases.Handling, handler)
	v, err := o.cases.View(o.system(), no)
	require.NoError(o.t, err)
	note := "寫給自己看的。"
	_, err = o.files.Add(o.system(), files.Upload{Owner: files.Owner{Kind: files.Case, ID: v.ID}, Name: "現場記錄.txt", Content: strings.NewReader(note), Size: int64(len(note))})
	require.NoError(o.t, err)
	_, err = o.cases.Say(guest(o.t), cases.Key{CaseNo: no, QueryCode: o.code(no)}, "打 13812345678 找我")
	require.NoError(o.t, err)
	o.do(no, cases.Note{Text: "內部的話"}, cases.Reply{Text: "已派員採樣。"}, cases.ReviewReply{Approve: true}, cases.Conclude{Outcome: cases.Resolved})
	require.NoError(o.t, o.db.Tx(o.system(), func(ctx context.Context) error {
		return o.cases.Judge(ctx, v.ID, cases.Judged{Grade: 4, Resolved: "yes", Comment: "辦得不錯", Round: 1})
	}))
	return no
}

func TestACaseFileSaysWhatThePageSays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		no := o.aWholeLife()
		o.as("head@LJ")
		text := o.paper(no, "en")
		for _, want := range []string{"Case file " + no, "湖濱路路燈不亮", "Concluded in time", "Reply byTue 1 December 2026", "Sign-inMet · ", "湖水發黑。", "Requester王*明138****5678",
			"現場記錄.txt  1 KB", "Satisfied · Solved: Yes, solved", "辦得不錯", "內部的話", "已派員採樣。", "Seen inside only", "made by 王小姐, Tue 24 November 2026, 16:00", "1 / "} {
			require.Contains(t, text, want)
		}
		require.Less(t, strings.Index(text, "內部的話"), strings.LastIndex(text, "辦得不錯"), "from the beginning")
		for lang, words := range map[string][]string{"zh-Hant": {"案卷 " + no, "承辦單位", "辦理經過", "只有內部看得到", "列印人：王小姐，2026 年 11 月 24 日（二） 16:00"},
			"zh-Hans": {"案卷 " + no, "承办单位", "办理经过", "仅内部可见", "打印人：王小姐，2026年11月24日（周二） 16:00"}} {
			text := o.paper(no, lang)
			for _, want := range words {
				require.Contains(t, text, want)
			}
			require.NotRegexp(t, `\b(desk|case|portal)\.[a-z_]+\.[a-z_.]+\b`, text)
		}
		entries, reads := o.taken(no)
		require.Equal(t, [2]int{3, 3}, [2]int{entries, reads}, "each file is noted")
	})
}

func TestACaseFileShowsNobodyInTheClear(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		no := o.aWholeLife()
		hidden := o.file(func(f *cases.Filing) { f.Confidentiality = cases.IdentityHidden }).CaseNo
		about := o.file(func(f *cases.Filing) { f.Subject = cases.Subject{UnitCode: "HB02", Name: "李大成"} }).CaseNo
		o.walk(hidden, cases.Dispatched, "")
		o.walk(about, cases.Dispatched, "")
		o.as("head@LJ")
		for _, one := range []string{no, hidden, about} {
			text := o.paper(one, "zh-Hant")
			for _, planted := range []string{"王小明", "13812345678", "ming@example.org", "李大成"} {
				require.NotContains(t, text, planted)
			}
		}
		require.Contains(t, o.paper(hidden, "en"), "RequesterIdentity hidden")
		require.NotContains(t, o.paper(hidden, "en"), "138****5678")
		require.Contains(t, o.paper(about, "en"), "李*成")
	})
}

func TestOnlyWhoMayTakeACaseOutGetsItsFile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		no := o.file().CaseNo
		o.walk(no, cases.Dispatched, "")
		at := "/desk/cases/" + no
		both := o.as("handler@CG03")
		require.NotContains(t, o.get(at).Body.String(), "file.pdf")
		require.Equal(t, 403, o.get(at+"/file.pdf").Code)
		o.as("official@LJ")
		require.Equal(t, 403, o.get(at+"/file.pdf").Code)
		o.as("head@HB02")
		require.Equal(t, 404, o.get(at+"/file.pdf").Code, "of another unit")
		require.Equal(t, 404, o.get("/desk/cases/LJ20269999990X/file.pdf").Code)
		_, err := o.identity.Grant(o.system(), both, "head", "HB02", "test")
		require.NoError(t, err)
		o.as("handler@CG03")
		require.Equal(t, 403, o.get(at+"/file.pdf").Code, "head elsewhere, and reads this one")
		o.as("whistle_officer@JJ")
		whistle := o.file(func(f *cases.Filing) {
			f.Kind, f.MatterCode, f.Confidentiality, f.Subject.UnitCode = cases.Report, "", cases.Whistle, "HB"
		}).CaseNo
		require.Equal(t, 403, o.get("/desk/cases/"+whistle+"/file.pdf").Code)
		o.as("head@JJ")
		require.Equal(t, 404, o.get("/desk/cases/"+whistle+"/file.pdf").Code)
		o.as("head@CG03")
		for _, one := range []string{no, whistle} {
			entries, reads := o.taken(one)
			require.Zero(t, entries+reads, "nothing was handed over")
		}
		require.Contains(t, o.get(at).Body.String(), `href="`+at+`/file.pdf"`)
		require.Equal(t, 200, o.get(at+"/file.pdf").Code)
	})
}
