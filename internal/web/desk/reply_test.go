package desk_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

const wholeReply = "經現場勘查，電纜老化短路，已更換並於昨晚恢復照明。如再不亮，請撥 07-123-4567 轉路燈科。"

// answering is a case that its handler is about to answer.
func answering(t *testing.T, d *db.DB) (o *office, at string, send func(values url.Values) page) {
	t.Helper()
	o = newOffice(t, d)
	no := o.file().CaseNo
	o.walk(no, cases.Handling, o.as("handler@CG03"))
	o.as("handler@CG03")
	return o, "/desk/cases/" + no, func(values url.Values) page {
		_, version := o.status(no)
		o.as("handler@CG03")
		values.Set("action", "reply")
		values.Set("version", fmt.Sprint(version))
		return o.ask("POST", "/desk/cases/"+no, values)
	}
}

func TestAReplyIsNotSentAgainstAdviceWithoutAReason(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o, at, send := answering(t, d)
		require.NotContains(t, o.get(at).Body.String(), "reply.note", "nothing is asked before something is typed")

		p := send(url.Values{"reply.text": {"您好，您的來信已收悉。"}})
		require.Equal(t, 422, p.Code)
		p.has("Before you send it", "It has set phrases only", "您好，您的來信已收悉。", "Mend the reply, or say why")
		require.Contains(t, p.Body.String(), `href="#reply-note"`)

		p = send(url.Values{"reply.text": {"您好，您的來信已收悉。"}, "reply.note": {"先行告知，詳情另函說明。"}})
		require.Equal(t, 303, p.Code, p.text())
		p = o.get(at)
		p.has("Sent despite advice", "先行告知，詳情另函說明。")
	})
}

func TestAReplyWithGapsOrNumbersIsNotSentAtAll(t *testing.T) {
	_, _, send := answering(t, dbtest.New(t))
	for typed, told := range map[string]string{"預計〔日期〕完成。": "Fill in or remove “〔日期〕”", "住戶電話0912-345-678。": "Take out the personal number"} {
		p := send(url.Values{"reply.text": {wholeReply + typed}, "reply.note": {"照送。"}})
		require.Equal(t, 422, p.Code)
		p.has(told, typed)
		require.Contains(t, p.Body.String(), `href="#reply-text"`)
	}
	require.Equal(t, 303, send(url.Values{"reply.text": {wholeReply}}).Code, "a whole reply needs no reason")
}

func TestEveryVersionOfAReplyIsKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		no := o.file().CaseNo
		at := "/desk/cases/" + no
		o.walk(no, cases.Handling, o.as("handler@CG03"))
		o.as("handler@CG03")
		o.get(at + "/replies").has("There is no reply yet.")
		o.do(no, cases.Reply{Text: "預計三日內修復路燈。"})
		o.as("handler@CG03")
		require.NotContains(t, o.get(at).Body.String(), at+"/replies", "one version has no history")
		o.do(no, cases.Rework{Reason: "零件未到，日期有誤。"}, cases.Reply{Text: "預計五日內修復路燈。"})
		o.as("handler@CG03")
		o.get(at).has("The reply has 2 versions")
		p := o.get(at + "/replies")
		p.has("Version 2", "Version 1", "預計三日內修復路燈。", "零件未到，日期有誤。")
		require.Contains(t, p.Body.String(), "預計<del>三</del><ins>五</ins>日內修復路燈。")
		o.as("handler@HB02")
		require.Equal(t, 404, o.get(at+"/replies").Code, "the versions are for those who may read the case")
	})
}
