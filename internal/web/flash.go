package web

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/cookie"
	"minqing/internal/i18n"
)

// Flash keeps a notice for the next page that this reader sees, in a signed
// cookie. Its words are message keys and short values such as a case number,
// never personal data.
func (k *Kit) Flash(c *gin.Context, n Notice) error {
	raw, err := json.Marshal(n)
	if err != nil {
		return err
	}
	body := base64.RawURLEncoding.EncodeToString(raw)
	k.Keep(c, cookie.Notice, body+"."+k.sign(body))
	return nil
}

func (k *Kit) takeFlash(c *gin.Context) *Notice {
	value := k.Kept(c, cookie.Notice)
	if value == "" {
		return nil
	}
	k.Keep(c, cookie.Notice, "")
	body, mac, ok := strings.Cut(value, ".")
	if !ok || !hmac.Equal([]byte(mac), []byte(k.sign(body))) {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return nil
	}
	var n Notice
	read := json.NewDecoder(bytes.NewReader(raw))
	read.UseNumber()
	if read.Decode(&n) != nil {
		return nil
	}
	wholeNumbers(n.Title.Args)
	wholeNumbers(n.Words.Args)
	return &n
}

// wholeNumbers makes counts integers again, since they choose plural forms.
func wholeNumbers(args i18n.Args) {
	for name, v := range args {
		if n, ok := v.(json.Number); ok {
			if whole, err := n.Int64(); err == nil {
				args[name] = whole
			}
		}
	}
}

func (k *Kit) sign(body string) string {
	m := hmac.New(sha256.New, k.o.CookieKey)
	m.Write([]byte("mq_flash"))
	m.Write([]byte(body))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}
