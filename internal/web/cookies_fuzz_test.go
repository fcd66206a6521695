package web

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"minqing/internal/i18n"
)

// bringing is a request whose browser holds a cookie, as its header says it.
func bringing(name, value string) *gin.Context {
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = httptest.NewRequest(http.MethodGet, "/", nil)
	c.Request.Header.Set("Cookie", name+"="+value)
	return c
}

// FuzzNotice reads notices that browsers made up, and such as are signed but hold
// anything.
func FuzzNotice(f *testing.F) {
	k := &Kit{o: Options{CookieKey: []byte("a key of a test")}}
	f.Add("e30", "")
	f.Add("eyJXb3JkcyI6eyJLZXkiOiJhIiwiQXJncyI6eyJDb3VudCI6MWU5OTl9fX0", "x")
	f.Add("%00..", ".")
	f.Add("eyJUaXRsZSI6eyJBcmdzIjp7IkEiOnsiQiI6WzFdfX19fQ==", strings.Repeat("A", 43))
	f.Fuzz(func(t *testing.T, body, mac string) {
		if mac != k.sign(body) && k.takeFlash(bringing("mq_flash", body+"."+mac)) != nil {
			t.Fatalf("%q.%q was believed", body, mac)
		}
		if strings.ContainsFunc(body, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`";,\.`, r) }) {
			return // no cookie of ours
		}
		n := k.takeFlash(bringing("mq_flash", body+"."+k.sign(body)))
		if n == nil {
			return
		}
		again := bringing("", "")
		if err := k.Flash(again, *n); err != nil {
			t.Fatalf("a notice that was read cannot be written: %v", err)
		}
	})
}

// FuzzChoices reads the cookies for the language and the size of type.
func FuzzChoices(f *testing.F) {
	k := &Kit{o: Options{Default: i18n.ZhHant}}
	f.Add("en", "large")
	f.Add("zh_Hans-CN", "normal")
	f.Add("\x00;", "%zz")
	f.Fuzz(func(t *testing.T, lang, size string) {
		if l := k.language(bringing("mq_lang", lang), ""); !slices.Contains([]i18n.Lang{i18n.ZhHant, i18n.ZhHans, i18n.En}, l) {
			t.Fatalf("%q gave the language %q", lang, l)
		}
		k.large(bringing("mq_type", size))
	})
}
