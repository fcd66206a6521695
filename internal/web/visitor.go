package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/actor"
	"minqing/internal/cookie"
	"minqing/internal/i18n"
)

// guest is what the kit knows of a request: who, in which language, how large.
type guest struct {
	actor actor.Actor
	name  string
	lang  i18n.Lang
	large bool
}

const visitorKey = "minqing.visitor"

var nobody = &guest{lang: i18n.ZhHant}

func visitor(c *gin.Context) *guest {
	if v, ok := c.Get(visitorKey); ok {
		if g, ok := v.(*guest); ok {
			return g
		}
	}
	return nobody
}

// Lang is the language of the request.
func Lang(c *gin.Context) i18n.Lang { return visitor(c).lang }

// RequestID is the id that the answer and the log carry.
func RequestID(c *gin.Context) string { return visitor(c).actor.RequestID }

// Still says whether whoever a request is from is signed in yet: what lasts asks
// again now and then.
func (k *Kit) Still(ctx context.Context) bool {
	who, _, err := k.o.Sessions.Visitor(ctx)
	return err == nil && who.AccountID == actor.From(ctx).AccountID
}

// meet finds out who asks. The language is known even when the session cannot
// be read, so that the error page can be read.
func (k *Kit) meet(c *gin.Context) error {
	who, name, err := k.o.Sessions.Visitor(c.Request.Context())
	g := &guest{lang: k.language(c, who.Locale), large: k.large(c)}
	c.Set(visitorKey, g)
	if c.Request.URL.RawQuery != "" && safe(c.Request.Method) {
		if _, asked := i18n.ParseLang(c.Query("lang")); asked {
			k.Keep(c, cookie.Lang, string(g.lang))
		}
	}
	id := requestID()
	c.Header("X-Request-Id", id)
	if err == nil && who.AccountID == "" && k.Kept(c, cookie.Session) != "" {
		k.over(c)
	}
	if err != nil || who.Kind == "" {
		who = actor.Actor{Kind: actor.Anonymous}
	}
	who.RequestID, who.IP, who.Locale = id, c.ClientIP(), string(g.lang)
	g.actor, g.name = who, name
	c.Request = c.Request.WithContext(actor.With(c.Request.Context(), g.actor))
	return err
}

// language is what the address asks for, else what was chosen before, else the
// account's, else what the browser prefers, else the place's default. A program's
// Accept-Language comes before the account of its token.
func (k *Kit) language(c *gin.Context, account string) i18n.Lang {
	if c.Request.URL.RawQuery != "" {
		if l, ok := i18n.ParseLang(c.Query("lang")); ok {
			return l
		}
	}
	if l, ok := i18n.ParseLang(k.Kept(c, cookie.Lang)); ok {
		return l
	}
	own, settled := i18n.ParseLang(account)
	if settled && c.GetHeader("Authorization") == "" { // a program says what its own readers want
		return own
	}
	if asked, asks := i18n.Match(c.GetHeader("Accept-Language")); asks {
		return asked
	}
	if settled {
		return own
	}
	return k.o.Default
}

func (k *Kit) large(c *gin.Context) bool {
	if c.Request.URL.RawQuery != "" {
		if asked := c.Query("type"); asked == "large" || asked == "normal" {
			if safe(c.Request.Method) {
				k.Keep(c, cookie.Type, asked)
			}
			return asked == "large"
		}
	}
	return k.Kept(c, cookie.Type) == "large"
}

func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

func requestID() string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
