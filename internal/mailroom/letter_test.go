package mailroom

import (
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"minqing/internal/i18n"
	"minqing/internal/notify"
)

func letterOf(list ...string) *letter {
	return parse([]byte(strings.Join(list, "\r\n")+"\r\n"), false)
}

func coded(t *testing.T, e encoding.Encoding, s string) string {
	t.Helper()
	out, err := e.NewEncoder().String(s)
	require.NoError(t, err)
	return out
}

func TestTheCharacterSetsOfPeopleHereAreRead(t *testing.T) {
	words := &Service{Deps: Deps{Locale: "en"}}
	for _, c := range []struct {
		charset, said string
		coding        encoding.Encoding
		lang          i18n.Lang
	}{
		{"Big5", "巷口的路燈壞了，請派人來修。", traditionalchinese.Big5, i18n.ZhHant},
		{"gb2312", "巷口的路灯坏了，请派人来修。", simplifiedchinese.GBK, i18n.ZhHans},
		{"GBK", "巷口的路灯坏了，請派人來修。", simplifiedchinese.GBK, i18n.ZhHant},
		{"gb18030", "巷口的路灯坏了，𠮷先生报修。", simplifiedchinese.GB18030, i18n.ZhHans}, // four bytes
	} {
		long := strings.Repeat(c.said, 20) // where a guess might take the place of what is said
		for _, said := range []string{c.said, long} {
			body := coded(t, c.coding, said)
			subject := "=?" + c.charset + "?B?" + base64.StdEncoding.EncodeToString([]byte(coded(t, c.coding, c.said))) + "?="
			for _, l := range []*letter{
				letterOf("From: a@example.net", "Subject: "+subject, "MIME-Version: 1.0", "Content-Type: text/plain; charset="+c.charset, "Content-Transfer-Encoding: 8bit", "", body),
				letterOf("From: a@example.net", "Subject: "+subject, "Content-Type: text/plain; charset=\""+c.charset+"\"", "Content-Transfer-Encoding: base64", "", base64.StdEncoding.EncodeToString([]byte(body))),
				letterOf("From: a@example.net", "Subject: "+coded(t, c.coding, c.said), "Content-Type: text/html; charset="+c.charset, "", "<p>"+body+"</p>"),
			} {
				require.Equal(t, said, l.Text, c.charset)
				require.Equal(t, c.said, l.Subject, c.charset)
				require.Equal(t, c.lang, words.language(l), c.charset)
				require.False(t, l.Garbled)
				require.Empty(t, l.Files)
			}
		}
	}
}

func TestATextInAnUnknownCharacterSetIsKept(t *testing.T) {
	body := "\xa7\xc1 100% =\xff\xfe\x81 end"
	l := letterOf("From: a@example.net", "Subject: help", "MIME-Version: 1.0", "Content-Type: text/plain; charset=x-nobody-knows", "Content-Transfer-Encoding: 8bit", "", body)
	require.True(t, l.Garbled)
	require.Len(t, l.Files, 1)
	require.Equal(t, "unread-1.txt", l.Files[0].Name)
	head, rest, ok := strings.Cut(string(l.Files[0].Content), "\r\n\r\n")
	require.True(t, ok)
	require.Contains(t, head, "charset=x-nobody-knows")
	for _, b := range l.Files[0].Content {
		require.Less(t, b, byte(128))
	}
	back, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(rest)))
	require.NoError(t, err)
	require.Equal(t, body, strings.TrimRight(string(back), "\r\n"), "nothing is lost")

	l = letterOf("From: a@example.net", `Content-Type: multipart/alternative; boundary="b"`, "",
		"--b", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "", base64.StdEncoding.EncodeToString([]byte("\xa7\xc1\xff")), "",
		"--b", "Content-Type: text/html; charset=utf-8", "", "<p>fine</p>", "--b--")
	require.True(t, l.Garbled, "a text that is not in the character set that it names")
	require.Len(t, l.Files, 1)
	require.Contains(t, string(l.Files[0].Content), base64.StdEncoding.EncodeToString([]byte("\xa7\xc1\xff")))
}

func TestAMailInHTMLOnlyIsRead(t *testing.T) {
	l := letterOf("From: a@example.net", "Content-Type: text/html; charset=utf-8", "",
		"<html><head><style>p{color:red}</style><script>alert(1)</script></head><body><p>路燈<b>不亮</b></p><p>見 <a href='https://example.org/x'>照片</a></p></body></html>")
	require.Contains(t, l.Text, "路燈")
	require.Contains(t, l.Text, "https://example.org/x")
	require.NotContains(t, l.Text, "alert")
	require.NotContains(t, l.Text, "color")
	require.NotContains(t, l.Text, "<")
}

func TestAMailWithinAMailIsOpened(t *testing.T) {
	inner := []string{"From: Li <li@example.net>", "Subject: =?UTF-8?B?6Lev54eI?=", `Content-Type: multipart/mixed; boundary="i"`, "",
		"--i", "Content-Type: text/plain; charset=utf-8", "", "inner words", "",
		"--i", "Content-Type: text/plain", `Content-Disposition: attachment; filename="in.txt"`, "", "inner file", "--i--"}
	l := letterOf(append(append([]string{"From: a@example.net", "Subject: Fwd", `Content-Type: multipart/mixed; boundary="o"`, "",
		"--o", "Content-Type: text/plain", "", "outer words", "", "--o", "Content-Type: message/rfc822", ""}, inner...), "", "--o--")...)
	require.Contains(t, l.Text, "outer words")
	require.Contains(t, l.Text, "> From: Li <li@example.net>\n> Subject: 路燈")
	require.Contains(t, l.Text, "inner words")
	require.Len(t, l.Files, 1)
	require.Equal(t, "in.txt", l.Files[0].Name)
	require.Equal(t, "Fwd", l.Subject)

	deep := "the deepest words"
	for range 30 { // a thousand would be opened no further
		deep = "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n" + deep
	}
	require.NotPanics(t, func() { letterOf("From: a@example.net", deep) })
}

func TestABrokenMailIsReadAsFarAsItGoes(t *testing.T) {
	for name, lines := range map[string][]string{
		"no end":          {"From: a@example.net", `Content-Type: multipart/mixed; boundary="b"`, "", "--b", "Content-Type: text/plain", "", "the words"},
		"no boundary":     {"From: a@example.net", "Content-Type: multipart/mixed", "", "the words"},
		"wrong boundary":  {"From: a@example.net", `Content-Type: multipart/mixed; boundary="b"`, "", "the words"},
		"bad base64":      {"From: a@example.net", "Content-Type: text/plain", "Content-Transfer-Encoding: base64", "", base64.StdEncoding.EncodeToString([]byte("the words")) + "*"},
		"unknown coding":  {"From: a@example.net", "Content-Type: text/plain", "Content-Transfer-Encoding: x-odd", "", "the words"},
		"bad type":        {"From: a@example.net", "Content-Type: ;;;", "", "the words"},
		"no header lines": {"From: a@example.net", "what is this", "", "the words"},
	} {
		l := letterOf(lines...)
		require.Equal(t, "a@example.net", l.From.Address, name)
		kept := l.Text
		for _, f := range l.Files {
			kept += string(f.Content)
		}
		require.Contains(t, kept, "the words", name)
	}
}

func TestProgramsAreNotAnswered(t *testing.T) {
	s := &Service{Deps: Deps{Box: &Box{Address: "box@city.example.org"}, Notify: ourMails(t)}}
	from := "From: Wang <wang@example.net>"
	for why, heads := range map[string][][]string{
		"auto_reply": {{from, "Auto-Submitted: auto-replied"}, {from, "Auto-Submitted: auto-generated; x=y"}, {from, "X-Auto-Response-Suppress: All"}, {from, "X-Autoreply: yes"}},
		"bulk":       {{from, "Precedence: bulk"}, {from, "Precedence: LIST"}, {from, "List-Id: <news.example.net>"}, {from, "List-Unsubscribe: <mailto:x@example.net>"}},
		"no_sender":  {{from, "Return-Path: <>"}, {"Subject: nobody"}, {"From: not an address"}},
		"loop":       {{"From: box@city.example.org"}, {"From: Box <BOX@City.example.org>"}, {"From: box+b.aaa@city.example.org"}, {from, "Message-ID: <018f0000-0000-7000-8000-000000000000@portal.example.org>"}},
		"no_reply":   {{"From: mailer-daemon@example.net"}, {"From: No-Reply@example.net"}},
		"receipt":    {{from, "Content-Type: multipart/report; report-type=disposition-notification; boundary=b"}},
		"":           {{from}, {from, "Auto-Submitted: no"}, {from, "Return-Path: <wang@example.net>"}, {from, "Precedence: normal"}},
	} {
		for _, head := range heads {
			require.Equal(t, why, s.refusal(letterOf(append(head, "", "words")...)), "%v", head)
		}
	}
}

// ourMails knows the Message-IDs that the portal gives out.
func ourMails(t *testing.T) *notify.Service {
	t.Helper()
	return &notify.Service{Deps: notify.Deps{BaseURL: "https://portal.example.org"}}
}
