package desk_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/idcode"
)

// deed is one act as somebody does it by its form: where the case stands, who
// may and who may not, and what is typed well and badly.
type deed struct {
	action  cases.Action
	from    cases.Status
	review  bool // a matter whose replies are reviewed
	by      string
	not     string
	good    map[string]string
	bad     map[string]string // nil where nothing is asked
	mends   string            // the field that the error names
	becomes cases.Status
	notice  string
}

// leadNo stands for the number of a case that another may be merged into.
const leadNo = "a leading case"

func deeds(handler string) []deed {
	long := strings.Repeat("長", cases.TextMost+1)
	return []deed{
		{cases.ActAccept, cases.Submitted, false, "dispatcher@LJ", "call_agent@LJ", map[string]string{"matter_code": "street-light", "note": "轉照明"},
			map[string]string{"matter_code": "nonsense", "note": "轉照明"}, "matter_code", cases.Accepted, "The case is accepted."},
		{cases.ActNotAccept, cases.Submitted, false, "dispatcher@LJ", "call_agent@LJ", map[string]string{"reason": "not_ours", "explanation": "請洽鄰市。"},
			map[string]string{"reason": "", "explanation": "請洽鄰市。"}, "reason", cases.NotAccepted, "Non-acceptance is sent."},
		{cases.ActRequestInfo, cases.Submitted, false, "dispatcher@LJ", "call_agent@LJ", map[string]string{"question": "在哪個路口？"},
			map[string]string{"question": long}, "question", cases.NeedInfo, "The request is sent."},
		{cases.ActDispatch, cases.Accepted, false, "dispatcher@LJ", "call_agent@LJ", map[string]string{"unit_code": "CG03"},
			map[string]string{"unit_code": "NOWHERE", "note": "請優先"}, "unit_code", cases.Dispatched, "The case is dispatched."},
		{cases.ActSignIn, cases.Dispatched, false, "handler@CG03", "dispatcher@LJ", nil, nil, "", cases.SignedIn, "The case is signed in."},
		{cases.ActReturn, cases.Dispatched, false, "handler@CG03", "dispatcher@LJ", map[string]string{"reason": "not_our_duty", "basis": "power_list", "unit_code": "CG02", "explanation": "屬道路科。"},
			map[string]string{"reason": "unheard_of", "explanation": "屬道路科。"}, "reason", cases.Accepted, "The case is returned."},
		{cases.ActTransfer, cases.Handling, false, "head@CG", "handler@CG03", map[string]string{"body": "court", "name": "臨江市法院", "reason": "已繫屬法院。", "text": "您的案件已由法院審理。"},
			map[string]string{"body": "", "name": "臨江市法院", "reason": "已繫屬法院。", "text": "您的案件已由法院審理。"}, "body", cases.Transferred, "The case is transferred and the citizen is told."},
		{cases.ActReopen, cases.Concluded, false, "head@CG", "handler@CG03", map[string]string{"reason": "民眾提出新的照片。"},
			map[string]string{"reason": ""}, "reason", cases.Handling, "The case is reopened."},
		{cases.ActArchive, cases.Concluded, false, "dispatcher@LJ", "handler@CG03", map[string]string{"note": "無後續"},
			map[string]string{"note": long}, "note", cases.Archived, "The case is archived."},
		{cases.ActSupervise, cases.Handling, false, "supervisor@LJ", "handler@CG03", map[string]string{"form": "listed", "reason": "repeated", "days": "3", "text": "請於三日內修復。"},
			map[string]string{"form": "listed", "reason": "repeated", "days": "900", "text": "請於三日內修復。"}, "days", cases.Handling, "The case is supervised."},
		{cases.ActAnswerOrder, cases.Handling, false, "handler@CG03", "dispatcher@LJ", map[string]string{"text": "已派員。"},
			map[string]string{"text": long}, "text", cases.Handling, "The answer is sent."},
		{cases.ActExtendOrder, cases.Handling, false, "supervisor@LJ", "handler@CG03", map[string]string{"days": "2", "note": "零件待料。"},
			map[string]string{"days": "0", "note": "零件待料。"}, "days", cases.Handling, "The supervision has more time."},
		{cases.ActCloseOrder, cases.Concluded, false, "supervisor@LJ", "handler@CG03", map[string]string{"note": "已完成。"},
			map[string]string{"note": ""}, "note", cases.Concluded, "The supervision is closed."},
		{cases.ActDecideObjection, cases.Dispatched, false, "dispatcher@LJ", "head@CG", map[string]string{"agree": "no", "note": "照明屬貴科權責。"},
			map[string]string{"agree": "no", "note": ""}, "note", cases.Dispatched, "The return is decided."},
		{cases.ActRuleObjection, cases.Dispatched, false, "head@CG", "dispatcher@LJ", map[string]string{"ruling": "unit", "unit_code": "CG02", "note": "由市政設施科辦理。"},
			map[string]string{"ruling": "", "note": "由市政設施科辦理。"}, "ruling", cases.Dispatched, "The unit is designated."},
		{cases.ActRedispatch, cases.SignedIn, false, "dispatcher@LJ", "handler@CG03", map[string]string{"unit_code": "CG02", "note": "改由市政設施科。"},
			map[string]string{"unit_code": "", "note": "改由市政設施科。"}, "unit_code", cases.Dispatched, "The case is re-dispatched."},
		{cases.ActAssign, cases.SignedIn, false, "handler@CG03", "dispatcher@LJ", map[string]string{"handler_id": ""},
			map[string]string{"handler_id": "0192f0c0-0000-7000-8000-000000000001"}, "handler_id", cases.Handling, "The handler is assigned."},
		{cases.ActReply, cases.Handling, false, "handler@CG03", "dispatcher@LJ", map[string]string{"text": "已修復。\r\n昨晚起恢復照明。", "note": "已電話詳細說明。"},
			map[string]string{"text": " \r\n "}, "text", cases.Replied, "The reply is sent."},
		{cases.ActReviewReply, cases.Replied, true, "head@HB", "handler@HB02", map[string]string{"approve": "yes"},
			map[string]string{"approve": "no", "note": ""}, "note", cases.Reviewed, "The audit is recorded."},
		{cases.ActConclude, cases.Replied, false, "handler@CG03", "dispatcher@LJ", map[string]string{"outcome": "resolved", "note": "電纜更換"},
			map[string]string{"outcome": "wonderful", "note": "電纜更換"}, "outcome", cases.Concluded, "The case is concluded."},
		{cases.ActRework, cases.Concluded, false, "head@CG", "handler@CG03", map[string]string{"reason": "民眾表示仍不亮。"},
			map[string]string{"reason": ""}, "reason", cases.Handling, "The case is being handled again."},
		{cases.ActDecideAppeal, cases.Concluded, false, "head@CG", "handler@CG03", map[string]string{"uphold": "no", "text": "照度合於標準。"},
			map[string]string{"uphold": "", "text": "照度合於標準。"}, "uphold", cases.Concluded, "The decision is sent."},
		{cases.ActRenewCode, cases.Handling, false, "call_agent@LJ", "handler@CG03", map[string]string{"note": "姓名與電話相符"},
			map[string]string{"note": ""}, "note", cases.Handling, "The new query code is"},
		{cases.ActSuspend, cases.Handling, false, "handler@CG03", "dispatcher@LJ", map[string]string{"reason": "appraisal", "until": "2026-12-08", "text": "需送驗，期間不計入期限。"},
			map[string]string{"reason": "appraisal", "until": "tomorrow", "text": "需送驗。"}, "until", cases.Handling, "The clock is suspended and the notice is sent."},
		{cases.ActResume, cases.Handling, false, "handler@CG03", "dispatcher@LJ", map[string]string{"note": "已檢驗"},
			map[string]string{"note": long}, "note", cases.Handling, "The clock runs again."},
		{cases.ActRequestExtension, cases.Handling, false, "handler@CG03", "dispatcher@LJ", map[string]string{"days": "2", "ground": "零件待料。"},
			map[string]string{"days": "99", "ground": "零件待料。"}, "days", cases.Handling, "The unit head decides on it."},
		{cases.ActDecideExtension, cases.Handling, false, "head@CG", "handler@CG03", map[string]string{"allow": "yes", "text": "零件到貨需時。"},
			map[string]string{"allow": "", "text": "零件到貨需時。"}, "allow", cases.Handling, "The decision is recorded."},
		{cases.ActVerifyGrade, cases.Concluded, false, "handler@CG03", "dispatcher@LJ", map[string]string{"finding": "clear", "note": "已致電，確有殘留。"},
			map[string]string{"finding": "", "note": "已致電，確有殘留。"}, "finding", cases.Concluded, "Recorded; the time for mending runs."},
		{cases.ActRectify, cases.Concluded, false, "handler@CG03", "dispatcher@LJ", map[string]string{"text": "已再次派員處理。"},
			map[string]string{"text": " "}, "text", cases.Concluded, "The person is told and asked to judge again."},
		{cases.ActContestGrade, cases.Concluded, false, "handler@CG03", "dispatcher@LJ", map[string]string{"reason": "mistaken", "explanation": "民眾表示按錯。"},
			map[string]string{"reason": "", "explanation": "民眾表示按錯。"}, "reason", cases.Concluded, "Somebody outside the unit decides on it."},
		{cases.ActDecideContest, cases.Concluded, false, "head@CG", "head@CG03", map[string]string{"exclude": "yes", "note": "民眾已確認。"},
			map[string]string{"exclude": "", "note": "民眾已確認。"}, "exclude", cases.Concluded, "The decision is recorded."},
		{cases.ActSplit, cases.Handling, false, "handler@CG03", "call_agent@LJ", map[string]string{"unit_code": "CG02", "title": "查管線", "text": "請查管線。"},
			map[string]string{"unit_code": "CG03", "title": "查管線", "text": "請查管線。"}, "unit_code", cases.Handling, "The part is a case of its own."},
		{cases.ActRecallPart, cases.Handling, false, "handler@CG03", "call_agent@LJ", map[string]string{"part": "", "explanation": "不必了。"},
			map[string]string{"part": "LJ1", "explanation": "不必了。"}, "part", cases.Handling, "The part is ended."},
		{cases.ActAddJoint, cases.Handling, false, "handler@CG03", "call_agent@LJ", map[string]string{"unit_code": "CG02", "text": "請查管線。", "days": ""},
			map[string]string{"unit_code": "CG03", "text": "請查管線。"}, "unit_code", cases.Handling, "The unit is asked."},
		{cases.ActJointSignIn, cases.Handling, false, "handler@CG02", "handler@CG03", map[string]string{"unit_code": "CG02"}, nil, "", cases.Handling, "The part is signed in."},
		{cases.ActJointAnswer, cases.Handling, false, "handler@CG02", "handler@CG03", map[string]string{"unit_code": "CG02", "text": "管線無礙。"},
			map[string]string{"unit_code": "CG02", "text": ""}, "text", cases.Handling, "The lead has your answer."},
		{cases.ActReleaseJoint, cases.Handling, false, "handler@CG03", "handler@CG02", map[string]string{"unit_code": "CG02", "explanation": "已查明。"},
			map[string]string{"unit_code": "CG01", "explanation": "已查明。"}, "unit_code", cases.Handling, "The unit is released."},
		{cases.ActMerge, cases.Handling, false, "handler@CG03", "call_agent@LJ", map[string]string{"into": leadNo, "note": "同一盞燈"},
			map[string]string{"into": "LJ123", "note": "同一盞燈"}, "into", cases.Merged, "The cases are merged."},
		{cases.ActUnmerge, cases.Merged, false, "handler@CG03", "call_agent@LJ", map[string]string{"explanation": "不同路段。"},
			map[string]string{"explanation": ""}, "explanation", cases.Handling, "The case is handled on its own again."},
		{cases.ActNameSubject, cases.Handling, false, "head@CG", "handler@CG03", map[string]string{"account": "li@example.org", "note": "民眾指認。"},
			map[string]string{"account": "nobody@example.org", "note": "民眾指認。"}, "account", cases.Handling, "Recorded."},
		{cases.ActNote, cases.Handling, false, "handler@CG03", "official@LJ", map[string]string{"text": "已聯絡廠商。"},
			map[string]string{"text": ""}, "text", cases.Handling, "The note is added."},
	}
}

// walk leads a fresh case to a status by real acts.
func (o *office) walk(caseNo string, to cases.Status, handler string) {
	steps := []struct {
		to  cases.Status
		cmd cases.Command
	}{
		{cases.Accepted, cases.Accept{}}, {cases.Dispatched, cases.Dispatch{}}, {cases.SignedIn, cases.SignIn{}},
		{cases.Handling, cases.Assign{HandlerID: handler}}, {cases.Replied, cases.Reply{Text: "已派員處理。"}}, {cases.Concluded, cases.Conclude{Outcome: cases.Resolved}},
	}
	for i := 0; to != cases.Submitted; i++ {
		o.do(caseNo, steps[i].cmd)
		if steps[i].to == to {
			return
		}
	}
}

// review leads the answer to a bad review to where an act of it is possible.
func (o *office) review(caseNo string, next cases.Action) {
	steps := []struct {
		next cases.Action
		cmd  cases.Command
	}{{cases.ActVerifyGrade, cases.VerifyGrade{Finding: "clear", Note: "已聯繫。"}}, {cases.ActRectify, nil},
		{cases.ActContestGrade, cases.ContestGrade{Reason: "mistaken", Explanation: "按錯。"}}, {cases.ActDecideContest, nil}}
	at := slices.IndexFunc(steps, func(s struct {
		next cases.Action
		cmd  cases.Command
	}) bool {
		return s.next == next
	})
	if at < 0 {
		return
	}
	o.judge(caseNo, 1)
	for _, s := range steps[:at] {
		if s.cmd != nil {
			o.do(caseNo, s.cmd)
		}
	}
}

// judge notes a judgement of the person.
func (o *office) judge(caseNo string, grade int) {
	ctx := actor.With(o.t.Context(), actor.Actor{Kind: actor.Anonymous})
	one, err := o.cases.Track(ctx, cases.Key{CaseNo: caseNo, QueryCode: o.code(caseNo)})
	require.NoError(o.t, err)
	require.NoError(o.t, o.db.Tx(ctx, func(ctx context.Context) error {
		return o.cases.Judge(ctx, one.ID, cases.Judged{Grade: grade, Resolved: "no", Comment: "還是不亮", Round: one.Judging()})
	}))
}

func (d deed) form(version int64, values map[string]string) url.Values {
	f := url.Values{"action": {string(d.action)}, "version": {fmt.Sprint(version)}}
	for name, value := range values {
		f.Set(string(d.action)+"."+name, value)
	}
	return f
}

func TestEveryActIsDoneByItsFormOrSaysWhyNot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		handler := o.as("supervisor@LJ")
		o.accused = o.as("handler@HB02")
		seen := map[cases.Action]bool{}
		for _, one := range deeds(handler) {
			seen[one.action] = true
			t.Run(string(one.action), func(t *testing.T) { o.deed(t, one, handler) })
		}
		for i := range cases.Machine {
			if m := &cases.Machine[i]; m.Verb != "" {
				require.True(t, seen[m.Action], "%s is walked by nobody", m.Action)
			}
		}
	})
}

func (o *office) deed(t *testing.T, one deed, handler string) {
	var change []func(*cases.Filing)
	if one.review {
		change = append(change, reviewed)
	}
	no := o.file(change...).CaseNo
	switch one.action {
	case cases.ActAnswerOrder, cases.ActExtendOrder, cases.ActCloseOrder:
		o.do(no, cases.Supervise{Form: "routine", Ground: "overdue", Days: "3", Text: "請於三日內修復並回報。"})
	}
	from := one.from
	if from == cases.Merged {
		from = cases.Handling
	}
	o.walk(no, from, handler)
	if one.action == cases.ActMerge || one.action == cases.ActUnmerge {
		lead := o.file().CaseNo
		o.walk(lead, cases.Handling, handler)
		for name, value := range one.good {
			if value == leadNo {
				one.good[name] = lead
			}
		}
		if one.action == cases.ActUnmerge {
			o.do(no, cases.Merge{Into: lead})
		}
	}
	if one.action == cases.ActRecallPart {
		o.do(no, cases.Split{UnitCode: "CG02", Title: "查管線", Task: "請查管線。"})
		v, err := o.cases.View(actor.AsSystem(t.Context(), "test"), no)
		require.NoError(t, err)
		parts, err := o.cases.PartsBelow(actor.AsSystem(t.Context(), "test"), &v.Case)
		require.NoError(t, err)
		one.good["part"] = parts[0].CaseNo
	}
	switch one.action {
	case cases.ActJointSignIn, cases.ActJointAnswer, cases.ActReleaseJoint:
		o.do(no, cases.AddJoint{UnitCode: "CG02", Task: "請查管線。"})
	case cases.ActResume:
		o.do(no, cases.Suspend{Type: "appraisal", Until: "2026-12-08", Notice: "需送驗。"})
	case cases.ActDecideObjection, cases.ActRuleObjection:
		sendBack := cases.Return{Reason: "not_our_duty", Explanation: "屬市政設施科。"}
		o.do(no, sendBack)
		if one.action == cases.ActRuleObjection {
			o.do(no, cases.DecideObjection{Note: "屬貴科。"}, sendBack)
		}
		one.from = cases.Accepted
	case cases.ActDecideExtension:
		o.do(no, cases.RequestExtension{Days: "2", Ground: "零件待料。"})
	}
	o.review(no, one.action)
	if one.action == cases.ActDecideAppeal {
		_, err := o.cases.Appeal(guest(t), cases.Key{CaseNo: no, QueryCode: o.code(no)}, "燈又不亮了。")
		require.NoError(t, err)
	}
	at := "/desk/cases/" + no
	form, button := at+"?do="+string(one.action), `name="action" value="`+string(one.action)+`"`

	_, version := o.status(no)
	o.as(one.not)
	if p := o.get(form); p.Code == 200 {
		require.NotContains(t, p.Body.String(), button, "the form is shown to somebody who may not")
		require.NotContains(t, p.Body.String(), `data-act="`+string(one.action)+`"`, "and so is no way to it")
	}
	require.NotEqual(t, 200, o.part(form).Code, "nor is it given to a script")
	p := o.ask("POST", at, one.form(version, one.good))
	require.Equal(t, 403, p.Code, p.text())

	o.as(one.by)
	p = o.get(at)
	require.Equal(t, 200, p.Code)
	if link := `href="` + form + "#act-" + string(one.action); strings.Contains(p.Body.String(), link) {
		alone := o.part(form)
		require.Equal(t, 200, alone.Code)
		require.Contains(t, alone.Body.String(), button, "a script gets the form")
		require.NotContains(t, alone.Body.String(), "<html", "and nothing else")
		p = o.get(form)
	}
	require.Equal(t, 1, strings.Count(p.Body.String(), button))
	if one.bad != nil {
		p = o.ask("POST", at, one.form(version, one.bad))
		require.Equal(t, 422, p.Code)
		require.Contains(t, p.Body.String(), `href="#`+string(one.action)+"-"+one.mends+`"`, "the summary leads to the field")
		for name, typed := range one.bad {
			if name != "matter_code" && name != "unit_code" && name != "reason" && name != "outcome" && name != "handler_id" && name != "approve" && name != "uphold" && name != "finding" && name != "exclude" && name != "agree" && name != "form" && name != "body" && name != "ruling" && name != "allow" && name != "part" {
				kept := ">\n" + typed + "</textarea>"
				if name == "until" || name == "days" || name == "name" || name == "into" || name == "title" || name == "account" {
					kept = `value="` + typed + `"`
				}
				require.Contains(t, p.Body.String(), kept, "what was typed is kept")
			}
		}
	}
	status, now := o.status(no)
	require.Equal(t, one.from, status)
	require.Equal(t, version, now, "a refused act changes nothing")

	o.do(no, cases.Note{Text: "同事剛才寫的"})
	p = o.ask("POST", at, one.form(version, one.good))
	require.Equal(t, 409, p.Code)
	p.has("What changed since you opened this page", "同事剛才寫的")
	require.Contains(t, p.Body.String(), fmt.Sprintf(`name="version" value="%d"`, version+1), "the next try knows what changed")
	for name, typed := range one.good {
		if name == "explanation" || name == "text" || name == "question" {
			require.Contains(t, p.text(), strings.Fields(typed)[0], "what was typed is kept")
		}
	}

	p = o.ask("POST", at, one.form(version+1, one.good))
	require.Equal(t, 303, p.Code, p.text())
	p = o.get(p.Header().Get("Location"), p.cookie("mq_flash"))
	p.has(one.notice)
	status, _ = o.status(no)
	require.Equal(t, one.becomes, status)
}

func TestATalkKeepsTheResponseLimit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		no := o.file().CaseNo
		o.walk(no, cases.Handling, o.as("supervisor@LJ"))
		o.as("handler@CG03")
		at, tick := "/desk/cases/"+no, `name="note.contacted"`
		require.Contains(t, o.get(at).Body.String(), tick)
		contacted := func() *time.Time {
			v, err := o.cases.View(actor.AsSystem(t.Context(), "test"), no)
			require.NoError(t, err)
			return v.ContactedAt
		}
		send := func(form url.Values) {
			_, version := o.status(no)
			form.Set("action", "note")
			form.Set("version", fmt.Sprint(version))
			require.Equal(t, 303, o.ask("POST", at, form).Code)
		}
		send(url.Values{"note.text": {"電話沒有人接。"}})
		require.Nil(t, contacted())
		send(url.Values{"note.text": {"已致電說明。"}, "note.contacted": {"yes"}})
		require.NotNil(t, contacted())
		p := o.get(at)
		p.has("Citizen reached")
		require.NotContains(t, p.Body.String(), tick, "the first talk is the one that counts")
	})
}

func TestAStaleFormWhoseActIsGoneKeepsItsText(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	no := o.file().CaseNo
	o.walk(no, cases.Handling, o.as("supervisor@LJ"))
	_, version := o.status(no)
	o.do(no, cases.Reply{Text: "同事已先答復。"})
	o.as("handler@CG03")
	p := o.ask("POST", "/desk/cases/"+no, url.Values{"action": {"reply"}, "version": {fmt.Sprint(version)}, "reply.text": {"我寫了很久的答復。"}})
	require.Equal(t, 409, p.Code)
	p.has("What you had typed", "我寫了很久的答復。", "What changed since you opened this page", "同事已先答復。")
	status, _ := o.status(no)
	require.Equal(t, cases.Replied, status)
}

func TestATextThatIsFarTooLongComesBackWithItsField(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	no := o.file().CaseNo
	o.walk(no, cases.Handling, o.as("supervisor@LJ"))
	_, version := o.status(no)
	o.as("handler@CG03")
	long := strings.Repeat("長", 2<<20/3)
	p := o.ask("POST", "/desk/cases/"+no, url.Values{"action": {"reply"}, "version": {fmt.Sprint(version)}, "reply.text": {long}})
	require.Equal(t, 422, p.Code)
	require.True(t, strings.Contains(p.Body.String(), `href="#reply-text"`), "the summary leads to the field")
	require.True(t, strings.Contains(p.Body.String(), long), "nothing is lost")
	status, _ := o.status(no)
	require.Equal(t, cases.Handling, status)
}

func TestWhatNoFormSendsIsRefused(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	no := o.file().CaseNo
	o.as("dispatcher@LJ")
	at := "/desk/cases/" + no
	require.Equal(t, 404, o.ask("POST", at, url.Values{"action": {"file"}, "version": {"1"}}).Code)
	require.Equal(t, 404, o.ask("POST", at, url.Values{"action": {"explode"}, "version": {"1"}}).Code)
	require.Equal(t, 422, o.ask("POST", at, url.Values{"action": {"accept"}, "version": {"0"}}).Code, "without a version nobody may overwrite")
	require.Equal(t, 422, o.ask("POST", at, url.Values{"action": {"accept"}}).Code)
	require.Equal(t, 409, o.ask("POST", at, url.Values{"action": {"dispatch"}, "version": {"1"}, "dispatch.unit_code": {"CG03"}}).Code, "not yet accepted")
	require.Equal(t, 404, o.get("/desk/cases/LJ20269999999X").Code)
	o.as("handler@HB02")
	require.Equal(t, 404, o.get(at).Code, "a case of others")
	require.Equal(t, 404, o.ask("POST", at, url.Values{"action": {"note"}, "version": {"1"}, "note.text": {"x"}}).Code)
}

func TestAFormerUnitReadsTheCaseAndActsNoMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		no := o.file().CaseNo
		o.walk(no, cases.SignedIn, "")
		o.do(no, cases.Redispatch{UnitCode: "HB02", Note: "河邊的燈"})
		_, version := o.status(no)
		o.as("handler@CG03")
		p := o.get("/desk/cases/" + no)
		require.Equal(t, 200, p.Code, "it knows what became of it")
		require.NotContains(t, p.Body.String(), `name="action" value="sign_in"`)
		p = o.ask("POST", "/desk/cases/"+no, url.Values{"action": {"sign_in"}, "version": {fmt.Sprint(version)}})
		require.Equal(t, 403, p.Code, "the case is another unit's now")
		o.as("handler@HB02")
		p = o.ask("POST", "/desk/cases/"+no, url.Values{"action": {"sign_in"}, "version": {fmt.Sprint(version)}})
		require.Equal(t, 303, p.Code)
	})
}

func TestTheNewCodeIsShownToTheClerkOnce(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	no := o.file().CaseNo
	old := o.code(no)
	o.as("call_agent@LJ")
	at := "/desk/cases/" + no
	p := o.ask("POST", at, url.Values{"action": {"renew_code"}, "version": {"1"}, "renew_code.note": {"姓名與電話相符"}})
	require.Equal(t, 303, p.Code)
	shown := idcode.FormatQueryCode(o.code(no))
	require.NotEqual(t, old, o.code(no))
	o.get(at, p.cookie("mq_flash")).has("The new query code is "+shown, "姓名與電話相符")
	o.get(at).hasNot(shown)
	nobody := o.file(func(f *cases.Filing) { f.Confidentiality, f.Contact = cases.AnonymousFiler, cases.Contact{} }).CaseNo
	require.NotContains(t, o.get("/desk/cases/"+nobody).Body.String(), `value="renew_code"`)
}

func TestAnAppealComesFirstForTheUnitAboveAndNotForTheOneBelow(t *testing.T) {
	o := newOffice(t, dbtest.New(t))
	no := o.file().CaseNo
	o.walk(no, cases.Concluded, o.as("handler@CG03"))
	at := "/desk/cases/" + no
	o.as("head@CG")
	require.NotContains(t, o.get(at).Body.String(), `value="decide_appeal"`)
	_, err := o.cases.Appeal(guest(t), cases.Key{CaseNo: no, QueryCode: o.code(no)}, "燈又不亮了。")
	require.NoError(t, err)
	require.Regexp(t, `(?s)id="next".*value="decide_appeal".*id="decide_appeal-text"`, o.get(at).Body.String())
	o.as("head@CG03")
	p := o.get(at).has("Appealed; waiting for City Management Bureau to decide.")
	require.NotContains(t, p.Body.String(), `value="decide_appeal"`)
	_, version := o.status(no)
	p = o.ask("POST", at, url.Values{"action": {"decide_appeal"}, "version": {fmt.Sprint(version)}, "decide_appeal.uphold": {"no"}, "decide_appeal.text": {"無理由"}})
	require.Equal(t, 403, p.Code)
	p.has("The unit above decides on an appeal")
	o.as("head@CG")
	o.ask("POST", at, url.Values{"action": {"decide_appeal"}, "version": {fmt.Sprint(version)}, "decide_appeal.uphold": {"no"}, "decide_appeal.text": {"無理由"}})
	o.get(at).has("Appeal declined", "無理由", "the result stands").hasNot("waiting for City Management Bureau", "or appeal")
}
