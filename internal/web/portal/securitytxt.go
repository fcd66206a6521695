package portal

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

const securityPath = "/.well-known/security.txt"

// SecurityDeps say who wants to hear of holes in this portal. Without a contact
// there is no such page.
type SecurityDeps struct {
	Kit     *web.Kit
	Contact string // mailto:, tel: or https:
	BaseURL string // where people find the portal
	Now     func() time.Time
}

// RegisterSecurity mounts the page of RFC 9116.
func RegisterSecurity(d SecurityDeps) {
	d.Kit.GET(d.Kit.Engine(), securityPath, web.Public, d.show)
}

func (d *SecurityDeps) show(c *gin.Context) error {
	if d.Contact == "" {
		return fault.New(fault.NotFound, "fault.no_page")
	}
	languages := make([]string, len(i18n.Langs))
	for i, lang := range i18n.Langs {
		languages[i] = string(lang)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "Contact: %s\nExpires: %s\nPreferred-Languages: %s\n", d.Contact, expires(d.Now()).Format(time.RFC3339), strings.Join(languages, ", "))
	if strings.HasPrefix(d.BaseURL, "https://") { // the standard allows no other
		fmt.Fprintf(&out, "Canonical: %s%s\n", d.BaseURL, securityPath)
	}
	c.Data(http.StatusOK, "text/plain; charset=utf-8", []byte(out.String()))
	return nil
}

// expires is the same all month long and, as the standard recommends, less than
// a year ahead.
func expires(now time.Time) time.Time {
	now = now.UTC()
	return time.Date(now.Year(), now.Month()+11, 1, 0, 0, 0, 0, time.UTC)
}
