package mailroom

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"minqing/internal/notify"
)

// Whatever arrives is read somehow: no text that the database refuses, no mails
// in mails without end, nothing left out without saying so.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"From: a@example.org\r\nSubject: =?big5?B?pKSk5Q==?=\r\n\r\n路燈壞了\r\n",
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=gb2312\r\n\r\n<p>\xc2\xb7\xb5\xc6</p>\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny\r\n--b--",
		"Content-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\nContent-Type: message/delivery-status\n\nAction: failed\n--r--",
		"Content-Type: text/plain; charset=x-nobody\r\nContent-Transfer-Encoding: base64\r\n\r\n////\r\n",
		": \r\n\r\n", "", "\n\n", "Subject: =?utf-8?Q?=FF?=\n\n\x00",
	} {
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, raw []byte, headerOnly bool) {
		l := parse(raw, headerOnly)
		for _, s := range append([]string{l.Subject, l.Text}, l.To...) {
			require.True(t, utf8.ValidString(s) && !strings.ContainsRune(s, 0), "%q", s)
		}
		require.NotContains(t, l.Subject, "\n")
		require.LessOrEqual(t, len(l.Files), partsMost)
		for _, a := range l.Files {
			require.True(t, utf8.ValidString(a.Name) && !strings.ContainsAny(a.Name, "/\\\x00"), "%q", a.Name)
		}
		said, rest := unquoted(l.Text)
		require.Contains(t, l.Text, said)
		require.False(t, rest && said == "", "a mail of which nothing is left")
	})
}

// The word that we put into an address comes back from it, whatever stands
// around; nothing else in an address is taken for one of ours.
func FuzzMarks(f *testing.F) {
	f.Add("LJ20260000123N", "ABCDE", "Li <x@example.org>, ")
	f.Add("", "+", "box+lj1.a@city.example.org.evil, ")
	f.Fuzz(func(t *testing.T, no, code, before string) {
		s := &Service{Deps: Deps{Box: &Box{Address: "box@city.example.org"}}}
		for _, mark := range s.marks(parse([]byte("To: "+before+"\r\n\r\n"), true)) {
			require.Contains(t, strings.ToLower(before), "+"+mark+"@city.example.org")
		}
		if strings.Trim(no+code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" || no == "" {
			return
		}
		address := notify.ReplyAddress(s.Box.Address, no, code)
		require.Contains(t, s.marks(parse([]byte("To: "+address+"\r\n\r\n"), true)), strings.ToLower(no+"."+code))
	})
}
